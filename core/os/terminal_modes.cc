#include "core/os/terminal_modes.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace prodaccess {

TerminalModes::TerminalModes()
    : terminal_(open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
  termios modes{};
  if (terminal_ && tcgetattr(terminal_.get(), &modes) == 0) modes_ = modes;
}

bool TerminalModes::foreground() const {
  return terminal_ && tcgetpgrp(terminal_.get()) == getpgrp();
}

void TerminalModes::restore() const {
  if (!modes_ || !foreground()) return;
  termios now{};
  if (tcgetattr(terminal_.get(), &now) != 0) return;
  const bool same = now.c_iflag == modes_->c_iflag && now.c_oflag == modes_->c_oflag &&
                    now.c_cflag == modes_->c_cflag && now.c_lflag == modes_->c_lflag &&
                    std::memcmp(now.c_cc, modes_->c_cc, sizeof now.c_cc) == 0;
  if (!same) tcsetattr(terminal_.get(), TCSANOW, &*modes_);
}

void TerminalModes::show_line(std::string_view line) const {
  if (!terminal_) return;
  const std::string text = "\r\n" + std::string(line) + "\r\n";
  if (write(terminal_.get(), text.data(), text.size()) < 0) return;  // it has hung up
}

}  // namespace prodaccess
