// ExecReport: what became of an `exec`, for scripts that cannot tell our exit status from the
// command's: one JSON object in --status-file or on --status-fd, written however it ended.
//
// Fields: code ("ok" or an error code), stage, effect, verdict, rule, status (ours), child_status,
// ended_by, message.
#pragma once

#include <optional>
#include <string>

#include "cli/judgement.h"
#include "core/base/error.h"
#include "core/os/supervisor.h"

namespace prodaccess {

class Context;

class ExecReport {
 public:
  // Opens the file now, so that a path that cannot be written fails before anything runs.
  ExecReport(Context& context, const std::string& file, std::optional<std::int64_t> descriptor);

  void stage(const std::string& name) { stage_ = name; }
  void decided(const Judgement& judgement);
  void ended(const RunOutcome& outcome);
  void failed(const Error& error, int status);

 private:
  void write(const std::string& code, const std::string& message, int status);

  Context& context_;
  std::string file_;
  std::optional<int> descriptor_;
  std::string stage_ = "start";
  std::string effect_;
  std::string verdict_;
  std::string rule_;
  std::optional<int> child_status_;
  std::string ended_by_;
};

}  // namespace prodaccess
