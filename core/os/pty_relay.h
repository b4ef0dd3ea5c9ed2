// PtyRelay: puts a terminal of our own between the person's and the command's, so that what is
// shown can be recorded. The person's terminal is raw meanwhile: keys such as Ctrl-C and Ctrl-Z go
// to the command's terminal and act there.
//
// Errors: Error{Denied} without a controlling terminal, or in its background; Error{System}.
// A recording that cannot be written on ends the relay with an Error: nothing runs unrecorded.
#pragma once

#include <termios.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/os/cast_writer.h"
#include "core/os/child_service.h"
#include "core/os/descriptor.h"

namespace prodaccess {

class PtyRelay final : public ChildService {
 public:
  PtyRelay(const RecordingPlan& plan, const std::vector<std::string_view>& secrets);
  ~PtyRelay() override;  // the person's terminal is as it was
  PtyRelay(const PtyRelay&) = delete;
  PtyRelay& operator=(const PtyRelay&) = delete;

  int child_terminal() const { return inner_.get(); }
  void child_started() { inner_ = Descriptor(); }
  void window_changed();
  // After the command's end: shows and records what is left; the recording's SHA-256.
  std::string finish();

  std::vector<std::pair<std::string, Secret>> environment() const override { return {}; }
  std::vector<pollfd> descriptors() const override;
  void serve(const pollfd& ready) override;

 private:
  void open_inner();
  bool pass_output();
  void pass_input();
  void send_input();
  Milliseconds elapsed() const;

  Descriptor outer_;  // the person's terminal
  Descriptor master_;
  Descriptor inner_;  // the command's end, until it has it
  termios before_{};
  bool raw_ = false;
  bool open_ = true;   // the command's terminal has a user
  std::string typed_;  // and not yet taken by the command's terminal
  std::optional<CastWriter> cast_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace prodaccess
