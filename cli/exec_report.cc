#include "cli/exec_report.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "cli/context.h"
#include "cli/output.h"
#include "core/os/files.h"

namespace prodaccess {

ExecReport::ExecReport(Context& context, const std::string& file,
                       std::optional<std::int64_t> descriptor)
    : context_(context) {
  if (!file.empty()) {
    file_ = std::filesystem::absolute(file);
    write("started", "", 0);
  }
  if (descriptor) {
    descriptor_ = static_cast<int>(*descriptor);
    if (*descriptor < 0 || *descriptor > 1'000'000 || fcntl(*descriptor_, F_GETFD) < 0) {
      throw Error(ErrorCode::Usage,
                  "--status-fd: descriptor " + std::to_string(*descriptor) + " is not open",
                  {"open it in the shell, as in  9> status.json , or give --status-file"});
    }
    // Ours alone: the child must not write there, nor keep it open.
    static_cast<void>(fcntl(*descriptor_, F_SETFD, FD_CLOEXEC));
  }
}

void ExecReport::decided(const Judgement& judgement) {
  effect_ = effect_name(worst_effect(judgement.invocation));
  verdict_ = verdict_name(judgement.decision.verdict);
  rule_ = judgement.decision.rule.id;
}

void ExecReport::ended(const RunOutcome& outcome) {
  child_status_ = outcome.exit_code();
  ended_by_ = outcome.ended_by;
  write("ok", "", outcome.exit_code());
}

void ExecReport::failed(const Error& error, int status) {
  write(std::string(code_name(error.code())), error.what(), status);
}

void ExecReport::write(const std::string& code, const std::string& message, int status) {
  if (file_.empty() && !descriptor_) return;
  const Json report{{"code", code},
                    {"stage", stage_},
                    {"effect", effect_},
                    {"verdict", verdict_},
                    {"rule", rule_},
                    {"status", status},
                    {"child_status", child_status_ ? Json(*child_status_) : Json()},
                    {"ended_by", ended_by_},
                    {"message", message}};
  const std::string line = report.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
  if (!file_.empty()) context_.files().write(file_, line);
  if (descriptor_ &&
      ::write(*descriptor_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    warn("warning: the status could not be written to descriptor " + std::to_string(*descriptor_));
  }
}

}  // namespace prodaccess
