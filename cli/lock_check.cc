#include "cli/lock_check.h"

#include "cli/context.h"
#include "cli/output.h"
#include "core/base/error.h"

namespace prodaccess {

LockGuard lock_guard(Context& context) {
  return {context.files(), read_lock_settings(context.config().locks), context.paths().state};
}

void check_locks(Context& context, const std::string& role) {
  const Actor& actor = context.actor();
  const std::string trouble =
      lock_guard(context).check({actor.person, role, actor.host}, context.clock().wall_now());
  if (!trouble.empty()) warn("warning: " + trouble);
}

bool session_may_go_on(const SessionRecord& session) {
  try {
    Context context(false);
    const Actor& actor = context.actor();
    lock_guard(context).check({actor.person, session.role, actor.host}, context.clock().wall_now());
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace prodaccess
