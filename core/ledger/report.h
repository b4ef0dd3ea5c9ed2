// Evidence for an audit: what one or several ledgers show of a span of time, with the gaps found.
//
// collect_report reads the ledgers once, in memory bounded by the number of grants and of commands
// in the span; what it says is arithmetic over records, and every row names the records behind it.
// report_html (one file, no script, SVG plots), report_markdown and report_json are views of it.
//
// Errors: Error{Ledger} where no ledger can be read at all; one that is missing or broken is a
// listed gap.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/time.h"
#include "core/ledger/verify.h"

namespace prodaccess {

struct ReportOptions {
  std::string framework;  // "soc2", "hipaa", "gdpr", "pci", "iso27001"
  WallTime from{};
  WallTime until{};
  std::vector<std::filesystem::path> ledgers;
  std::vector<VerifierKey> keys;
  std::uint64_t sample_size = 25;
  std::uint64_t seed = 1;
  WallTime made{};
};

// A place in the evidence: which ledger, which record.
struct Evidence {
  std::string host;  // with the beginning of the ledger's name where there are several
  std::uint64_t record = 0;
};

struct GrantStory {
  std::string id;
  std::string person;
  std::string identity;
  std::string role;
  std::string reason;
  std::string ticket;
  WallTime asked{};
  std::optional<WallTime> given;
  std::optional<WallTime> ended;
  std::int64_t ttl_seconds = 0;
  std::vector<std::string> approved_by;
  bool break_glass = false;
  bool reviewed = false;
  std::uint64_t commands = 0;
  std::string provider_outcome;                    // of the revocation
  std::optional<std::int64_t> dying_milliseconds;  // from it to the last process's end
  Evidence evidence;
};

struct CommandStory {
  std::string person;
  std::string identity;
  std::string role;
  std::string grant;
  std::string command;
  std::string effect;
  std::string verdict;
  std::string rule;
  std::string confirmed;
  std::vector<std::string> approved_by;
  WallTime time{};
  std::optional<std::int64_t> status;
  bool refused = false;
  bool closed = false;  // an outcome is recorded
  Evidence evidence;
};

struct ReportException {
  std::string kind;  // "self-approval", "destructive without confirmation", ...
  std::string detail;
  Evidence evidence;
};

struct LedgerStatement {
  std::string folder;
  std::string ledger;
  std::string hosts;
  std::string problem;  // it could not be read, or is broken
  IntegrityReport integrity;
  std::uint64_t in_span = 0;
};

struct PlainEvent {
  std::string what;
  std::string person;
  WallTime time{};
  std::string detail;
  Evidence evidence;
};

struct AuditReport {
  ReportOptions options;
  std::vector<LedgerStatement> ledgers;
  std::vector<GrantStory> grants;
  std::vector<CommandStory> commands;
  std::vector<std::size_t> sample;  // indices into commands
  std::vector<ReportException> exceptions;
  std::vector<PlainEvent> events;  // revocations, locks, policy changes, anomalies, repairs
  std::vector<std::string> gaps;
  std::map<std::string, std::uint64_t> per_day;  // commands; every day of the span, up to 400
  std::map<std::string, std::uint64_t> per_effect;
  std::map<std::string, std::uint64_t> refused_per_effect;
};

AuditReport collect_report(const ReportOptions& options);

// What a framework asks for, and what of it the tables show.
struct Criterion {
  std::string id;
  std::string asks;
  std::string shown_by;
};
struct Framework {
  std::string name;
  std::string title;
  std::vector<Criterion> criteria;
  std::vector<std::string> not_covered;
};
// Throws Error{Usage} for an unknown one.
const Framework& framework_named(const std::string& name);
std::vector<std::string> framework_names();

std::string report_html(const AuditReport& report);
std::string report_markdown(const AuditReport& report);
Json report_json(const AuditReport& report);

}  // namespace prodaccess
