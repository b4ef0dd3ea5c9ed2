// TerminalModes: the controlling terminal's modes as they were, and back.
#pragma once

#include <termios.h>

#include <optional>
#include <string_view>

#include "core/os/descriptor.h"

namespace prodaccess {

class TerminalModes {
 public:
  TerminalModes();  // remembers them; nothing where there is no controlling terminal

  // Whether our process group is the one that reads the terminal.
  bool foreground() const;
  // Back to what they were, if they differ and we are in the foreground.
  void restore() const;
  // One line to the terminal, whatever modes it is in.
  void show_line(std::string_view line) const;

 private:
  Descriptor terminal_;
  std::optional<termios> modes_;
};

}  // namespace prodaccess
