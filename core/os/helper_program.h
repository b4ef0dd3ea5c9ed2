// A helper program: one that trusted configuration names (a plug-in, a credential source, a
// preview), run to its end with its own input, and its output taken.
//
// It has no terminal and no descriptors of ours beyond 0 to 2 (and those given to it), and exactly
// the environment given. At the deadline, or when it says too much, it and all of its process group
// are killed; so is what it leaves running when it ends.
//
// Errors: Error{System} where it cannot be started. That it failed is in the result.
// Threads: one call at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

class ChildService;

struct HelperRun {
  std::filesystem::path program;  // found and checked: core/os/program.h
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, Secret>> environment;
  std::filesystem::path folder = "/";   // where it starts
  Secret input;                         // its standard input; then end of file
  std::vector<int> given;               // descriptors of ours, above 63: its 3, 4, ...
  std::vector<ChildService*> services;  // what is served to it while it runs
  Milliseconds deadline{30'000};
  std::size_t output_limit = 1U << 20;
};

struct HelperResult {
  enum class End { Exited, Signalled, TimedOut, TooLong } end = End::Exited;
  int status = 0;      // the exit status, or the signal
  Secret output;       // standard output
  std::string errors;  // the last 8 KiB of standard error, as written

  bool good() const { return end == End::Exited && status == 0; }
  // "exited with status 3", "was still running after 30s", ...
  std::string description(const HelperRun& run) const;
  // "it wrote: ..." with the last line of standard error, escaped and cut, so that whoever set it
  // up finds the cause; none where it said nothing.
  std::vector<std::string> hints() const;
};

HelperResult run_helper(const HelperRun& run);

}  // namespace prodaccess
