// prodaccess audit: reads the ledger, and proves it.
#include "cli/command_audit.h"

#include "cli/commands.h"

namespace prodaccess {

void add_audit(Command& root) {
  Command& audit = root.add("audit", "read the ledger, prove it, hand it out");
  add_audit_show(audit);
  add_audit_tail(audit);
  add_audit_search(audit);
  add_audit_stats(audit);
  add_audit_play(audit);
  add_audit_verify(audit);
  add_audit_export(audit);
  add_audit_report(audit);
  add_audit_repair(audit);
  add_audit_prune(audit);
  add_audit_anomalies(audit);
  add_audit_reconcile(audit);
  add_audit_forward(audit);
  add_audit_key(audit);
  add_audit_checkpoint(audit);
  audit.example("prodaccess audit show --grant 7f3a", "a grant's whole story");
  audit.example("prodaccess audit verify");
}

}  // namespace prodaccess
