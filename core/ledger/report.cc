#include "core/ledger/report.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/ledger/query.h"
#include "core/os/append_file.h"

namespace prodaccess {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::string& word : split(text, ' ')) {
    while (!word.empty() && (word.back() == ',' || word.back() == ';')) word.pop_back();
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

// Reads one ledger into the report.
class Collector {
 public:
  Collector(AuditReport& report, LedgerStatement& statement)
      : report_(report), statement_(statement) {}

  void read(const std::filesystem::path& folder) {
    RecordFilter filter;
    filter.until = report_.options.until;
    for_each_record(folder, filter, [this](const RecordEntry& entry) {
      take(entry);
      return true;
    });
    statement_.hosts = join({hosts_.begin(), hosts_.end()}, ", ");
    move_out();
  }

 private:
  bool in_span(const RecordEntry& entry) const { return entry.time >= report_.options.from; }
  Evidence evidence(const RecordEntry& entry) const {
    constexpr std::size_t kEnoughOfName = 6;
    if (report_.options.ledgers.size() < 2) return {entry.host, entry.sequence};
    return {entry.host + "/" + statement_.ledger.substr(0, kEnoughOfName), entry.sequence};
  }
  void take(const RecordEntry& entry);
  void intent(const RecordEntry& entry);
  void request(const RecordEntry& entry);
  void command(const RecordEntry& entry, bool refused);
  void outcome(const RecordEntry& entry);
  void plain(const RecordEntry& entry);
  void move_out();

  AuditReport& report_;
  LedgerStatement& statement_;
  std::set<std::string> hosts_;
  std::map<std::string, GrantStory> grants_;  // by grant, or session before it has one
  std::map<std::string, std::string> grant_of_session_;
  std::map<std::string, CommandStory> running_;  // by session
};

void Collector::take(const RecordEntry& entry) {
  if (in_span(entry)) {
    ++statement_.in_span;
    hosts_.insert(entry.host);
  }
  switch (entry.kind) {
    case RecordKind::Intent: return intent(entry);
    case RecordKind::Refused:
      if (in_span(entry)) command(entry, true);
      return;
    case RecordKind::Issued:
    case RecordKind::Stored:
    case RecordKind::Ended:
    case RecordKind::Failed:
    case RecordKind::ClosedUnknown: return outcome(entry);
    case RecordKind::Revoked: {
      outcome(entry);
      return plain(entry);
    }
    default: return plain(entry);
  }
}

void Collector::intent(const RecordEntry& entry) {
  const std::string action = entry.text("action");
  if (action == "request" || action == "request once" || action == "renew") return request(entry);
  if (!in_span(entry) || entry.command().empty()) return;
  command(entry, false);
  const auto found = grants_.find(entry.grant);
  if (found != grants_.end()) ++found->second.commands;
}

void Collector::request(const RecordEntry& entry) {
  const std::string key = entry.grant.empty() ? entry.session : entry.grant;
  grant_of_session_[entry.session] = key;
  GrantStory& story = grants_[key];
  story.id = entry.grant;
  story.person = entry.person;
  story.identity = entry.identity;
  story.role = entry.role;
  story.reason = entry.text("reason");
  story.ticket = entry.text("ticket");
  story.asked = entry.time;
  story.ttl_seconds = entry.number("ttl_seconds").value_or(0);
  story.approved_by = words_of(entry.text("approved_by"));
  story.break_glass = entry.text("break_glass") == "true" || entry.number("break_glass") == 1;
  story.evidence = evidence(entry);
}

void Collector::command(const RecordEntry& entry, bool refused) {
  CommandStory story;
  story.person = entry.person;
  story.identity = entry.identity;
  story.role = entry.role;
  story.grant = entry.grant;
  story.command = entry.command();
  story.effect = entry.text("action") == "preview" ? "preview" : entry.text("effect");
  story.verdict = entry.text("verdict");
  story.rule = entry.text("rule");
  story.confirmed = entry.text("confirmed");
  story.approved_by = words_of(entry.text("approved_by"));
  story.time = entry.time;
  story.refused = refused;
  story.closed = refused;
  story.evidence = evidence(entry);
  if (refused) {
    report_.commands.push_back(std::move(story));
  } else {
    running_[entry.session + "/" + std::to_string(entry.sequence)] = std::move(story);
  }
}

void Collector::outcome(const RecordEntry& entry) {
  const std::string prefix = entry.session + "/";
  const auto running = running_.lower_bound(prefix);
  const bool ends = entry.kind == RecordKind::Ended || entry.kind == RecordKind::Failed ||
                    entry.kind == RecordKind::ClosedUnknown;
  if (ends && running != running_.end() && running->first.compare(0, prefix.size(), prefix) == 0) {
    running->second.closed = entry.kind != RecordKind::ClosedUnknown;
    running->second.status = entry.number("status");
    report_.commands.push_back(std::move(running->second));
    running_.erase(running);
  }
  const auto session = grant_of_session_.find(entry.session);
  const std::string key =
      session != grant_of_session_.end() && !entry.session.empty() ? session->second : entry.grant;
  const auto grant = grants_.find(key);
  if (grant == grants_.end()) return;
  GrantStory& story = grant->second;
  if (story.id.empty()) story.id = entry.grant;
  if (entry.kind == RecordKind::Issued && !story.given) story.given = entry.time;
  if (entry.kind == RecordKind::Revoked) {
    story.ended = entry.time;
    story.provider_outcome = entry.text("provider");
    story.dying_milliseconds = entry.number("processes_milliseconds");
  }
}

void Collector::plain(const RecordEntry& entry) {
  if (entry.text("event") == "review") {
    const auto found = grants_.find(entry.grant);
    if (found != grants_.end()) found->second.reviewed = true;
  }
  if (!in_span(entry) || entry.kind == RecordKind::Started || entry.kind == RecordKind::Opened ||
      entry.kind == RecordKind::CheckpointMade) {
    return;
  }
  report_.events.push_back(
      {entry.kind_name, entry.person, entry.time, entry.summary(), evidence(entry)});
}

void Collector::move_out() {
  for (auto& [session, story] : running_) report_.commands.push_back(std::move(story));
  for (auto& [key, story] : grants_) {
    const WallTime expires = story.asked + Seconds{story.ttl_seconds};
    const bool touches =
        story.asked >= report_.options.from || (story.given && expires >= report_.options.from);
    if (touches) report_.grants.push_back(std::move(story));
  }
}

void add_exception(AuditReport& report, const std::string& kind, const std::string& detail,
                   const Evidence& evidence) {
  report.exceptions.push_back({kind, detail, evidence});
}

bool holds(const std::vector<std::string>& people, const std::string& person) {
  return std::find(people.begin(), people.end(), person) != people.end();
}

void judge_grants(AuditReport& report) {
  for (const GrantStory& grant : report.grants) {
    const std::string who = grant.person + ", " + grant.role;
    if (holds(grant.approved_by, grant.person)) {
      add_exception(report, "self-approval", "a grant: " + who, grant.evidence);
    }
    if (grant.break_glass && !grant.reviewed) {
      add_exception(report, "break-glass without a review", who, grant.evidence);
    }
    if (grant.reason.empty()) {
      add_exception(report, "a grant without a reason", who, grant.evidence);
    }
    if (grant.given && !grant.provider_outcome.empty() && grant.provider_outcome != "revoked" &&
        grant.provider_outcome != "done") {
      add_exception(report, "revocation not complete at the provider",
                    who + ": " + grant.provider_outcome, grant.evidence);
    }
  }
}

void judge_commands(AuditReport& report) {
  for (const CommandStory& command : report.commands) {
    const std::string what = command.person + ": " + command.command;
    if (holds(command.approved_by, command.person)) {
      add_exception(report, "self-approval", what, command.evidence);
    }
    if (command.effect == "destructive" && !command.refused && command.confirmed.empty() &&
        command.approved_by.empty()) {
      add_exception(report, "destructive without a confirmation or approval", what,
                    command.evidence);
    }
    if (!command.closed && !command.refused) {
      add_exception(report, "outcome not known", what, command.evidence);
    }
  }
}

// A sample that anybody with the seed draws again: those whose keyed hash is smallest.
void draw_sample(AuditReport& report) {
  std::vector<std::pair<std::string, std::size_t>> order;
  for (std::size_t i = 0; i < report.commands.size(); ++i) {
    const CommandStory& command = report.commands[i];
    order.emplace_back(
        sha256_hex(std::to_string(report.options.seed) + "/" + command.evidence.host + "/" +
                   std::to_string(command.evidence.record)),
        i);
  }
  std::sort(order.begin(), order.end());
  order.resize(std::min<std::size_t>(order.size(), report.options.sample_size));
  for (const auto& [hash, index] : order) report.sample.push_back(index);
  std::sort(report.sample.begin(), report.sample.end());
}

// A day without a command is shown as one, not left out.
void add_quiet_days(AuditReport& report) {
  constexpr std::size_t kMostDays = 400;
  if (report.per_day.empty()) return;
  constexpr auto kDay = std::chrono::hours{24};
  const WallTime until = std::min(report.options.until, report.options.made);
  std::map<std::string, std::uint64_t> days;
  for (WallTime day = report.options.from; day < until; day += kDay) {
    days[format_rfc3339(day).substr(0, 10)] = 0;
    if (days.size() > kMostDays) return;
  }
  report.per_day.merge(days);
}

void count(AuditReport& report) {
  for (const CommandStory& command : report.commands) {
    ++report.per_day[format_rfc3339(command.time).substr(0, 10)];
    const std::string effect = command.effect.empty() ? "unknown" : command.effect;
    ++report.per_effect[effect];
    if (command.refused) ++report.refused_per_effect[effect];
  }
  add_quiet_days(report);
}

void find_gaps(AuditReport& report) {
  for (const LedgerStatement& ledger : report.ledgers) {
    const auto gap = [&](const std::string& text) {
      report.gaps.push_back(ledger.folder + ": " + text);
    };
    const IntegrityReport& integrity = ledger.integrity;
    if (!ledger.problem.empty()) gap(ledger.problem);
    if (integrity.finding) {
      gap("broken at record " + std::to_string(integrity.finding->record) + " (" +
          std::string(integrity_fault_name(integrity.finding->fault)) +
          "): nothing behind it is evidence");
    } else if (ledger.problem.empty() && integrity.proven < integrity.records) {
      gap("records " + std::to_string(integrity.proven + 1) + " to " +
          std::to_string(integrity.records) + " are not covered by a trusted checkpoint");
    }
    if (integrity.torn) gap("the last record was cut short while being written");
    if (integrity.set_aside != 0) {
      gap(std::to_string(integrity.set_aside) + " records set aside after a failed sync");
    }
    if (integrity.pruned != 0) {
      gap(std::to_string(integrity.pruned) + " records were pruned: only their hashes are left");
    }
    if (ledger.problem.empty() && ledger.in_span == 0) gap("no record in the span");
    for (const KeyAnnouncement& key : integrity.keys) {
      if (key.scope != "durable") {
        gap("from record " + std::to_string(key.record) + " on it is signed by a key of one " +
            (key.scope.empty() ? "run" : key.scope) + " only");
      }
    }
  }
  const auto open = static_cast<std::size_t>(
      std::count_if(report.commands.begin(), report.commands.end(),
                    [](const CommandStory& command) { return !command.closed; }));
  if (open != 0) report.gaps.push_back(std::to_string(open) + " commands without a known outcome");
}

LedgerStatement verify_one(const std::filesystem::path& folder, const ReportOptions& options) {
  LedgerStatement statement;
  statement.folder = folder.string();
  try {
    VerifyOptions trust;
    trust.keys = options.keys;
    trust.anchors = read_anchors(folder);
    statement.integrity = verify_ledger(folder, trust);
    statement.ledger = statement.integrity.ledger;
    if (statement.integrity.records == 0) statement.problem = "the ledger is missing or empty";
  } catch (const Error& error) {
    statement.problem = error.what();
  }
  return statement;
}

}  // namespace

AuditReport collect_report(const ReportOptions& options) {
  framework_named(options.framework);
  AuditReport report;
  report.options = options;
  bool any = false;
  for (const std::filesystem::path& folder : options.ledgers) {
    LedgerStatement statement = verify_one(folder, options);
    try {
      if (statement.problem.empty()) Collector(report, statement).read(folder);
      any |= statement.problem.empty();
    } catch (const Error& error) {
      statement.problem = error.what();  // what was read before it stays
      any = true;
    }
    report.ledgers.push_back(std::move(statement));
  }
  if (!any) {
    throw Error(ErrorCode::Ledger,
                "no ledger can be read: " + escape_for_terminal(report.ledgers.front().problem),
                {"prodaccess audit report --framework " + options.framework + " --ledger FOLDER"});
  }
  const auto by_time = [](const auto& a, const auto& b) { return a.time < b.time; };
  std::stable_sort(report.commands.begin(), report.commands.end(), by_time);
  std::stable_sort(report.events.begin(), report.events.end(), by_time);
  std::stable_sort(report.grants.begin(), report.grants.end(),
                   [](const GrantStory& a, const GrantStory& b) { return a.asked < b.asked; });
  judge_grants(report);
  judge_commands(report);
  draw_sample(report);
  count(report);
  find_gaps(report);
  return report;
}

}  // namespace prodaccess
