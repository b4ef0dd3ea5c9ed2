// The sub-commands of `audit`, one function each.
#pragma once

#include "cli/command.h"

namespace prodaccess {

void add_audit_show(Command& audit);
void add_audit_tail(Command& audit);
void add_audit_search(Command& audit);
void add_audit_stats(Command& audit);
void add_audit_verify(Command& audit);
void add_audit_export(Command& audit);
void add_audit_report(Command& audit);
void add_audit_play(Command& audit);
void add_audit_repair(Command& audit);
void add_audit_prune(Command& audit);
void add_audit_anomalies(Command& audit);
void add_audit_reconcile(Command& audit);
void add_audit_forward(Command& audit);
void add_audit_key(Command& audit);
void add_audit_checkpoint(Command& audit);

}  // namespace prodaccess
