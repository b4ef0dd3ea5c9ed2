// prodaccess policy: the parent of its commands.
#include "cli/commands.h"

namespace prodaccess {

void add_policy(Command& root) {
  Command& policy = root.add("policy", "what the policy says, and why");
  add_policy_explain(policy);
  add_policy_packs(policy);
  add_policy_check(policy);
  add_policy_test(policy);
  add_policy_lint(policy);
  add_policy_show(policy);
}

}  // namespace prodaccess
