#include "cli/lock_check.h"

#include "cli/context.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/ledger.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

std::filesystem::path hold_path(Context& context, const std::string& role) {
  return context.paths().state / "held" / role;
}

bool is_held(Context& context, const std::string& role) {
  std::error_code missing;
  return std::filesystem::exists(hold_path(context, role), missing) || missing;
}

}  // namespace

LockGuard lock_guard(Context& context) {
  return {context.files(), read_lock_settings(context.config().locks), context.paths().state};
}

void check_locks(Context& context, const std::string& role) {
  const Actor& actor = context.actor();
  const std::string trouble =
      lock_guard(context).check({actor.person, role, actor.host}, context.clock().wall_now());
  if (!trouble.empty()) warn("warning: " + trouble);
  if (role.empty() || !is_held(context, role)) return;
  const auto rule = context.files().read(hold_path(context, role), Owner::Me);
  throw Error(ErrorCode::Locked,
              "role " + role + " is locked for you by rule " + std::string(trim(rule.value_or(""))),
              {"prodaccess audit show   says what led to it",
               "prodaccess unlock --role " + role + "   once somebody has looked"});
}

void hold_role(Context& context, const std::string& role, const std::string& rule) {
  LedgerRecord record;
  record.kind = RecordKind::Locked;
  record.role = role;
  record.text["rule"] = rule;
  context.ledger().append(record, Durability::Durable);
  context.files().make_folder(hold_path(context, role).parent_path());
  context.files().write(hold_path(context, role), rule + "\n");
}

bool release_role(Context& context, const std::string& role) {
  if (!is_held(context, role)) return false;
  if (context.actor().identity != IdentityClass::Human) {
    throw Error(ErrorCode::Denied,
                "a lock that a rule has set is taken off by a person at a terminal",
                {"prodaccess unlock --help"});
  }
  LedgerRecord record;
  record.kind = RecordKind::Unlocked;
  record.role = role;
  context.ledger().append(record, Durability::Durable);
  context.files().remove(hold_path(context, role));
  return true;
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
