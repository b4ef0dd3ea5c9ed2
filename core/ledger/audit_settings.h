// [audit] of the configuration: where records go live, when work is usual, how long records stay.
//
//   [audit]
//   hours = "08:00-20:00"           # declared working hours, UTC
//   keep = "365d"                   # `audit prune` removes what is older
//   [[audit.sink]]
//   name = "siem"
//   kind = "syslog"                 # syslog, journald, webhook
//   address = "tls://log.example.com:6514"
//   required = true                 # its acknowledgement is part of the durable intent
//   alerts_only = true              # takes only what a rule's `alert` sends to it
//
// Errors: Error{Config} with file, line and column.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/config_table.h"
#include "core/ledger/anomaly.h"

namespace prodaccess {

enum class SinkKind { Syslog, Journald, Webhook };

struct SinkSettings {
  std::string name;
  SinkKind kind = SinkKind::Syslog;
  std::string address;      // "udp://HOST:PORT", "tcp://...", "tls://...", "https://..."
  std::string secret_file;  // of a webhook: what signs its bodies
  std::string ca_file;      // "" for the system's
  bool required = false;
  bool alerts_only = false;
  Milliseconds timeout{5000};
};

struct AuditSettings {
  std::vector<SinkSettings> sinks;
  AnomalySettings anomalies;
  std::optional<Seconds> keep;
};

AuditSettings read_audit_settings(ConfigTable table);

}  // namespace prodaccess
