// AttachedProgram: a program started in our own terminal and process group, with an environment and
// a folder of its own, and waited for. While it is waited for, the terminal's interrupts are its
// own alone.
//
// Errors: Error{System} where it cannot be started. Threads: one.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace prodaccess {

struct AttachedPlan {
  std::filesystem::path program;
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=value
  std::filesystem::path folder;          // where it starts
  bool quiet = false;                    // its output goes nowhere
  bool no_input = false;                 // its standard input is empty
};

class AttachedProgram {
 public:
  explicit AttachedProgram(const AttachedPlan& plan);
  // Ends it, where nobody waited for it.
  ~AttachedProgram();
  AttachedProgram(const AttachedProgram&) = delete;
  AttachedProgram& operator=(const AttachedProgram&) = delete;

  // The exit status; 128+n where signal n ended it.
  int wait();

 private:
  pid_t pid_ = 0;
};

}  // namespace prodaccess
