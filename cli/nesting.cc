#include "cli/nesting.h"

#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/process_tree.h"

namespace prodaccess {

std::optional<SessionRecord> enclosing_session(Context& context) {
  const std::string mark = environment_variable(kSessionVariable);
  if (mark.empty()) return std::nullopt;
  const std::string innermost = mark.substr(mark.rfind(':') + 1);
  for (SessionRecord& record : list_sessions(context.paths().sessions())) {
    if (record.session == innermost && record.running()) return std::move(record);
  }
  return std::nullopt;
}

void refuse_nested(Context& context, const std::string& what) {
  const auto session = enclosing_session(context);
  if (!session) return;
  throw Error(ErrorCode::Denied,
              what + " inside grant " + session->grant.substr(0, 4) + " (role " + session->role +
                  "): what runs there can have no more than that",
              {"ask for it outside, in another terminal"});
}

}  // namespace prodaccess
