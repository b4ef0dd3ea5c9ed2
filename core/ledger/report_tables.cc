#include "core/ledger/report_tables.h"

#include <algorithm>

#include "core/base/text.h"

namespace prodaccess {
namespace {

std::string place(const Evidence& evidence) {
  return evidence.host + " #" + std::to_string(evidence.record);
}

std::string at(WallTime time) { return format_rfc3339(std::chrono::floor<Seconds>(time)); }
std::string when(const std::optional<WallTime>& time) { return time ? at(*time) : "-"; }

// The whole stands in the record.
std::string shortened(const std::string& text) {
  constexpr std::size_t kLongest = 240;
  if (text.size() <= kLongest) return text;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + " ... (" + std::to_string(text.size()) + " bytes)";
}

struct Spread {
  std::vector<std::int64_t> values;  // milliseconds

  std::vector<std::string> row(const std::string& what) {
    if (values.empty()) return {what, "0", "-", "-"};
    std::sort(values.begin(), values.end());
    return {what, std::to_string(values.size()), words(values[values.size() / 2]),
            words(values.back())};
  }

 private:
  static std::string words(std::int64_t milliseconds) {
    if (milliseconds < 10'000) return std::to_string(milliseconds) + " ms";
    return format_duration(Seconds{milliseconds / 1000});
  }
};

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string integrity_words(const LedgerStatement& ledger) {
  const IntegrityReport& integrity = ledger.integrity;
  if (!ledger.problem.empty()) return ledger.problem;
  if (integrity.finding) {
    return "broken at record " + std::to_string(integrity.finding->record) + ": " +
           std::string(integrity_fault_name(integrity.finding->fault));
  }
  if (integrity.proven == 0) return "consistent but unproven";
  return "proven up to record " + std::to_string(integrity.proven) + " by checkpoint " +
         std::to_string(integrity.proof->number) + " of " + at(integrity.proof->time);
}

ReportTable integrity_table(const AuditReport& report) {
  ReportTable table{"Integrity",
                    "Each ledger was read whole and hashed again for this report.",
                    {"ledger", "hosts", "records", "in span", "statement", "root"},
                    {}};
  for (const LedgerStatement& ledger : report.ledgers) {
    table.rows.push_back(
        {or_dash(ledger.ledger), or_dash(ledger.hosts), std::to_string(ledger.integrity.records),
         std::to_string(ledger.in_span), integrity_words(ledger),
         ledger.integrity.records == 0 ? "-" : hex(ledger.integrity.root).substr(0, 16)});
  }
  return table;
}

ReportTable population_table(const AuditReport& report) {
  ReportTable table{"Population",
                    "All commands in the span by effect, as judged before they ran.",
                    {"effect", "commands", "refused"},
                    {}};
  for (const auto& [effect, count] : report.per_effect) {
    const auto refused = report.refused_per_effect.find(effect);
    table.rows.push_back(
        {effect, std::to_string(count),
         std::to_string(refused == report.refused_per_effect.end() ? 0 : refused->second)});
  }
  return table;
}

ReportTable grants_table(const AuditReport& report) {
  ReportTable table{"Grants",
                    "Every grant that was in force in the span: who, why, and for how long.",
                    {"grant", "person", "class", "role", "reason", "ticket", "asked", "given",
                     "longest", "ended early", "approved by", "commands", "record"},
                    {}};
  for (const GrantStory& grant : report.grants) {
    table.rows.push_back({or_dash(grant.id), grant.person, grant.identity, grant.role,
                          or_dash(grant.reason), or_dash(grant.ticket), at(grant.asked),
                          when(grant.given), format_duration(Seconds{grant.ttl_seconds}),
                          when(grant.ended), or_dash(join(grant.approved_by, ", ")),
                          std::to_string(grant.commands), place(grant.evidence)});
  }
  return table;
}

ReportTable times_table(const AuditReport& report) {
  Spread given;
  Spread asked_for;
  Spread early;
  Spread dying;
  for (const GrantStory& grant : report.grants) {
    asked_for.values.push_back(grant.ttl_seconds * 1000);
    if (grant.given) given.values.push_back((*grant.given - grant.asked).count());
    if (grant.given && grant.ended) early.values.push_back((*grant.ended - *grant.given).count());
    if (grant.dying_milliseconds) dying.values.push_back(*grant.dying_milliseconds);
  }
  return {
      "Times",
      "Of the grants below. Those that were not revoked ended by themselves, at the longest.",
      {"what", "grants", "median", "longest"},
      {asked_for.row("length asked for"), given.row("from asked to given"),
       early.row("from given to revoked"), dying.row("from revoked to the last process's end")}};
}

ReportTable break_glass_table(const AuditReport& report) {
  ReportTable table{"Break-glass",
                    "Emergency access, and whether somebody has reviewed it since.",
                    {"person", "role", "reason", "asked", "reviewed", "record"},
                    {}};
  for (const GrantStory& grant : report.grants) {
    if (!grant.break_glass) continue;
    table.rows.push_back({grant.person, grant.role, or_dash(grant.reason), at(grant.asked),
                          grant.reviewed ? "yes" : "NO", place(grant.evidence)});
  }
  return table;
}

ReportTable sample_table(const AuditReport& report) {
  ReportTable table{"Sample of commands",
                    "Drawn by SHA-256 over SEED/HOST/RECORD, the smallest first: " +
                        std::to_string(report.sample.size()) + " of " +
                        std::to_string(report.commands.size()) + ", seed " +
                        std::to_string(report.options.seed) + ".",
                    {"time", "person", "role", "command", "effect", "verdict", "rule", "confirmed",
                     "approved by", "status", "record"},
                    {}};
  for (const std::size_t index : report.sample) {
    const CommandStory& command = report.commands[index];
    const std::string status = command.refused  ? "refused"
                               : command.status ? std::to_string(*command.status)
                                                : "unknown";
    table.rows.push_back({at(command.time), command.person, or_dash(command.role),
                          shortened(command.command), or_dash(command.effect),
                          or_dash(command.verdict), or_dash(command.rule),
                          or_dash(command.confirmed), or_dash(join(command.approved_by, ", ")),
                          status, place(command.evidence)});
  }
  return table;
}

ReportTable exceptions_table(const AuditReport& report) {
  ReportTable table{"Exceptions",
                    "What an auditor will ask about. None listed means none found.",
                    {"kind", "what", "record"},
                    {}};
  for (const ReportException& exception : report.exceptions) {
    table.rows.push_back({exception.kind, shortened(exception.detail), place(exception.evidence)});
  }
  return table;
}

ReportTable events_table(const AuditReport& report) {
  ReportTable table{"Events",
                    "Revocations, locks, policy changes, approvals, anomalies and repairs.",
                    {"time", "event", "person", "detail", "record"},
                    {}};
  for (const PlainEvent& event : report.events) {
    table.rows.push_back({at(event.time), event.what, event.person,
                          or_dash(shortened(event.detail)), place(event.evidence)});
  }
  return table;
}

ReportTable criteria_table(const AuditReport& report) {
  ReportTable table{
      "Criteria",
      "Which table is evidence for what. Whether it suffices is the auditor's to say.",
      {"criterion", "asks that", "shown by"},
      {}};
  for (const Criterion& criterion : framework_named(report.options.framework).criteria) {
    table.rows.push_back({criterion.id, criterion.asks, criterion.shown_by});
  }
  return table;
}

}  // namespace

std::string report_span(const AuditReport& report) {
  return at(report.options.from) + " to " + at(report.options.until);
}

std::vector<ReportTable> report_tables(const AuditReport& report) {
  return {integrity_table(report), population_table(report),  exceptions_table(report),
          times_table(report),     break_glass_table(report), grants_table(report),
          sample_table(report),    events_table(report),      criteria_table(report)};
}

}  // namespace prodaccess
