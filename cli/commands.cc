#include "cli/commands.h"

namespace prodaccess {
namespace {

struct TopCommand {
  const char* name;
  void (*add)(Command&);
};

constexpr TopCommand kTopCommands[] = {
    {"request", add_request},
    {"renew", add_renew},
    {"exec", add_exec},
    {"shell", add_shell},
    {"creds", add_creds},
    {"login", add_login},
    {"logout", add_logout},
    {"status", add_status},
    {"revoke", add_revoke},
    {"approve", add_approve},
    {"approvals", add_approvals},
    {"hook", add_hook},
    {"roles", add_roles},
    {"completion", add_completion},
    {"init", add_init},
    {"doctor", add_doctor},
    {"demo", add_demo},
    {"lock", add_lock},
    {"unlock", add_unlock},
    {"locks", add_locks},
    {"audit", add_audit},
    {"policy", add_policy},
    {"local", add_local},
    {"gcp", add_gcp},
    {"kubernetes", add_kubernetes},
    {"aws", add_aws},
    {"postgres", add_postgres},
    {"provider", add_provider},
    {"version", add_version},
};

void add_commands(Command& root, const std::string& only) {
  for (const TopCommand& command : kTopCommands) {
    if (command.name == only) return command.add(root);
  }
  for (const TopCommand& command : kTopCommands) command.add(root);
}

}  // namespace

Command build_command_tree(const std::string& only) {
  Command root("prodaccess", "temporary production access, and a guard on what is done with it");
  root.describe(
      "Gives access to production for a limited time, runs commands with it after a check that "
      "understands\nthem, and records everything in a ledger that shows tampering. First steps: "
      "prodaccess demo, a safe tour;\nthen prodaccess init, and prodaccess doctor.");
  add_commands(root, only);
  root.example("prodaccess request --role db-debug --ttl 30m --reason INC-42", "get a grant");
  root.example("prodaccess exec -- psql -c 'select 1'", "run a command under it");
  root.example("prodaccess status", "what is held, and for how long");
  root.example("prodaccess revoke --all", "end it all, at once");
  root.exit_status("0", "done");
  root.exit_status("1", "something failed: configuration, provider, keyring, ledger, system");
  root.exit_status("2", "the command line is wrong");
  root.exit_status("3", "no: a rule, an approver or a missing confirmation said so");
  root.exit_status("4", "not yet: an approval is outstanding");
  root.exit_status("5", "no grant, or it has expired or was revoked");
  return root;
}

}  // namespace prodaccess
