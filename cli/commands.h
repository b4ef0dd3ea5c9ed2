// The whole option tree. A new command has its `add_X` here and in commands.cc.
#pragma once

#include "cli/command.h"

namespace prodaccess {

// All of it, or with `only` one of the top-level commands: building the others would be half of a
// short command's own work. A word that is none of them gives all.
Command build_command_tree(const std::string& only = {});

void add_request(Command& root);
void add_renew(Command& root);
void add_exec(Command& root);
void add_shell(Command& root);
void add_creds(Command& root);
void add_aws(Command& root);
void add_login(Command& root);
void add_logout(Command& root);
void add_demo(Command& root);
void add_doctor(Command& root);
void add_local(Command& root);
void add_kubernetes(Command& root);
void add_postgres(Command& root);
void add_provider(Command& root);
void add_policy(Command& root);
void add_approve(Command& root);
void add_approvals(Command& root);
void add_gcp(Command& root);
void add_hook(Command& root);
void add_status(Command& root);
void add_revoke(Command& root);
void add_roles(Command& root);
void add_completion(Command& root);
void add_audit(Command& root);
void add_lock(Command& root);
void add_unlock(Command& root);
void add_locks(Command& root);
void add_init(Command& root);
void add_policy(Command& root);
void add_policy_explain(Command& policy);
void add_policy_packs(Command& policy);
void add_version(Command& root);
void add_policy_check(Command& policy);
void add_policy_test(Command& policy);
void add_policy_lint(Command& policy);
void add_policy_show(Command& policy);

}  // namespace prodaccess
