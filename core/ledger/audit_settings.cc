#include "core/ledger/audit_settings.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kJournal = "unix:/run/systemd/journal/socket";

[[noreturn]] void refuse(const ConfigTable& table, std::string_view key, const std::string& why) {
  throw Error(ErrorCode::Config, table.position(key).text() + ": " + std::string(key) + ": " + why);
}

bool begins(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

bool is_loopback_http(const std::string& address) {
  constexpr std::array<std::string_view, 3> kOrigins{"http://127.0.0.1", "http://localhost",
                                                     "http://[::1]"};
  return std::any_of(kOrigins.begin(), kOrigins.end(), [&](std::string_view origin) {
    if (!begins(address, origin)) return false;
    return address.size() == origin.size() ||
           std::string_view(":/").find(address[origin.size()]) != std::string_view::npos;
  });
}

bool is_file_name(const std::string& name) {
  return !name.empty() && name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                              "WXYZ0123456789-_") == std::string::npos;
}

// The hour of "08:00"; absent for anything else. 24:00 is midnight.
std::optional<int> whole_hour(const std::string& text) {
  if (text.size() != 5 || text.substr(2) != ":00" || text.find_first_not_of("0123456789") != 2) {
    return std::nullopt;
  }
  const int hour = std::stoi(text.substr(0, 2));
  if (hour > 24) return std::nullopt;
  return hour % 24;
}

void read_hours(ConfigTable& table, AnomalySettings& settings) {
  const auto text = table.take_string("hours");
  if (!text) return;
  const std::size_t dash = std::min(text->find('-'), text->size());
  settings.hours_from = whole_hour(text->substr(0, dash));
  settings.hours_until = whole_hour(text->substr(std::min(dash + 1, text->size())));
  if (!settings.hours_from || !settings.hours_until) {
    refuse(table, "hours", "whole hours, like \"08:00-20:00\"");
  }
}

void check_address(ConfigTable& table, SinkSettings& sink) {
  switch (sink.kind) {
    case SinkKind::Syslog:
      if (!begins(sink.address, "udp://") && !begins(sink.address, "tcp://") &&
          !begins(sink.address, "tls://")) {
        refuse(table, "address", "udp://, tcp:// or tls:// and HOST:PORT");
      }
      return;
    case SinkKind::Webhook:
      if (!begins(sink.address, "https://") && !is_loopback_http(sink.address)) {
        refuse(table, "address", "https://, or http:// to this machine");
      }
      if (sink.secret_file.empty()) refuse(table, "kind", "a webhook needs secret_file");
      return;
    case SinkKind::Journald:
      if (sink.address.empty()) sink.address = kJournal;
      if (!begins(sink.address, "unix:/")) refuse(table, "address", "unix:/PATH");
      return;
  }
}

SinkSettings read_sink(ConfigTable table) {
  SinkSettings sink;
  sink.name = table.require_string("name");
  if (!is_file_name(sink.name)) refuse(table, "name", "letters, digits, - and _ only");
  const auto kind = table.take_choice("kind", {"syslog", "journald", "webhook"});
  sink.kind = kind == "journald"  ? SinkKind::Journald
              : kind == "webhook" ? SinkKind::Webhook
                                  : SinkKind::Syslog;
  sink.address = table.take_string("address").value_or("");
  sink.secret_file = table.take_string("secret_file").value_or("");
  sink.ca_file = table.take_string("ca_file").value_or("");
  sink.required = table.take_bool("required").value_or(false);
  sink.alerts_only = table.take_bool("alerts_only").value_or(false);
  if (const auto timeout = table.take_duration("timeout")) sink.timeout = *timeout;
  check_address(table, sink);
  table.finish();
  return sink;
}

}  // namespace

AuditSettings read_audit_settings(ConfigTable table) {
  AuditSettings settings;
  read_hours(table, settings.anomalies);
  settings.keep = table.take_duration("keep");
  for (ConfigTable& sink : table.take_tables("sink")) {
    settings.sinks.push_back(read_sink(std::move(sink)));
  }
  table.finish();
  return settings;
}

}  // namespace prodaccess
