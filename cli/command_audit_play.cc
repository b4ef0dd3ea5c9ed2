// prodaccess audit play: shows a recorded session again, as it was or faster.
#include <nlohmann/json.hpp>

#include "cli/audit_options.h"
#include "cli/command_audit.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/terminal_filter.h"
#include "core/base/text.h"
#include "core/ledger/recordings.h"
#include "core/os/interruptible_sleep.h"
#include "core/os/terminal.h"

namespace prodaccess {
namespace {

struct PlayOptions {
  LedgerChoice ledger;
  std::string which;
  std::string speed;
  std::optional<Seconds> idle_limit;
};

double speed_of(const PlayOptions& options) {
  if (options.speed.empty()) return 1;
  char* end = nullptr;
  const double speed = std::strtod(options.speed.c_str(), &end);
  if (*end == '\0' && speed > 0 && speed <= 1000) return speed;
  throw Error(ErrorCode::Usage, "--speed is a number above 0, up to 1000",
              {"prodaccess audit play 7f3a --speed 2.5"});
}

bool is_meant(const RecordedSession& recorded, const std::string& which) {
  return std::to_string(recorded.record) == which || recorded.session.starts_with(which) ||
         recorded.grant.starts_with(which);
}

int list_recordings(Context& context, const std::vector<RecordedSession>& all) {
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows{{"SESSION", "RECORD", "ENDED", "PERSON", "ROLE"}};
  for (const RecordedSession& each : all) {
    list.push_back({{"ended", each.ended},
                    {"file", each.file},
                    {"grant", each.grant},
                    {"person", each.person},
                    {"record", each.record},
                    {"role", each.role},
                    {"session", each.session}});
    rows.push_back({each.session, std::to_string(each.record), each.ended, each.person, each.role});
  }
  if (context.json()) {
    print_json(list);
  } else if (all.empty()) {
    warn("no session of this ledger was recorded");
  } else {
    for (const std::string& line : format_table(rows)) print_line(line);
  }
  return kDone;
}

RecordedSession choose(const std::vector<RecordedSession>& all, const std::string& which) {
  std::vector<RecordedSession> meant;
  for (const RecordedSession& each : all) {
    if (is_meant(each, which)) meant.push_back(each);
  }
  if (meant.size() == 1) return meant.front();
  if (meant.empty()) {
    throw Error(ErrorCode::NotFound, "no recorded session is called " + escape_for_terminal(which),
                {"prodaccess audit play   lists them"});
  }
  std::vector<std::string> sessions;
  for (const RecordedSession& each : meant) sessions.push_back(each.session);
  throw Error(
      ErrorCode::Usage,
      escape_for_terminal(which) + " means " + std::to_string(meant.size()) + " recorded sessions",
      {"one of: " + join(sessions, ", ")});
}

Json summary_json(const RecordedSession& recorded, const RecordingSummary& summary) {
  const CastHeader& header = summary.header;
  return {{"begun", header.begun ? Json(format_rfc3339(*header.begun)) : Json()},
          {"bytes", summary.bytes},
          {"columns", header.columns},
          {"ended", recorded.ended},
          {"events", summary.events},
          {"file", recorded.file},
          {"grant", recorded.grant},
          {"milliseconds", summary.duration.count()},
          {"person", recorded.person},
          {"record", recorded.record},
          {"resizes", summary.resizes},
          {"role", recorded.role},
          {"rows", header.rows},
          {"session", recorded.session},
          {"sha256", recorded.sha256},
          {"title", header.title},
          {"verified", true}};
}

void introduce(Context& context, const RecordedSession& recorded, const RecordingSummary& summary) {
  const CastHeader& header = summary.header;
  warn(recorded.person + "  " + recorded.role + "  " + header.title);
  warn(std::to_string(header.columns) + "x" + std::to_string(header.rows) + ", " +
       format_duration(std::chrono::ceil<Seconds>(summary.duration)) +
       "; its hash is that of record " + std::to_string(recorded.record));
  if (context.terminal() != nullptr && context.terminal()->columns() < header.columns) {
    warn("warning: this terminal has fewer columns than the recorded one: lines will break");
  }
}

// The status: 0, or 128+n where signal n ended it.
int play_on_terminal(const PlayOptions& options, const std::filesystem::path& ledger,
                     const RecordedSession& recorded) {
  const double speed = speed_of(options);
  TerminalFilter filter(TerminalFilter::Keep::Drawing);
  InterruptibleSleep sleep;
  auto instant = std::chrono::steady_clock::now();
  Milliseconds before{0};
  int status = kDone;
  for_each_event(ledger, recorded, [&](const CastEvent& event) {
    Milliseconds pause = std::max(event.at - before, Milliseconds{0});
    before = event.at;
    if (options.idle_limit) pause = std::min(pause, Milliseconds(*options.idle_limit));
    instant +=
        std::chrono::round<Milliseconds>(std::chrono::duration<double, std::milli>(pause) / speed);
    if (const auto signal = sleep.until(instant)) {
      status = 128 + *signal;
      return false;
    }
    if (event.kind == "o") print_raw(filter.pass(event.data));
    return true;
  });
  print_raw(TerminalFilter::restoration());
  return status;
}

int print_text(const std::filesystem::path& ledger, const RecordedSession& recorded) {
  TerminalFilter filter(TerminalFilter::Keep::Text);
  for_each_event(ledger, recorded, [&](const CastEvent& event) {
    if (event.kind == "o") print_raw(filter.pass(event.data));
    return true;
  });
  return kDone;
}

int play(const PlayOptions& options, Context& context) {
  const std::filesystem::path ledger = ledger_folder(options.ledger, context);
  const std::vector<RecordedSession> all = recorded_sessions(ledger);
  if (options.which.empty()) return list_recordings(context, all);
  speed_of(options);
  const RecordedSession recorded = choose(all, options.which);
  const RecordingSummary summary = check_recording(ledger, recorded);
  if (context.json()) {
    print_json(summary_json(recorded, summary));
    return kDone;
  }
  if (!stdout_is_terminal()) return print_text(ledger, recorded);
  introduce(context, recorded, summary);
  return play_on_terminal(options, ledger, recorded);
}

}  // namespace

void add_audit_play(Command& audit) {
  auto options = std::make_shared<PlayOptions>();
  Command& command = audit.add("play", "show a recorded session again");
  command.describe(
      "The recording is held against its hash in the ledger first; what was changed is not shown.\n"
      "Only what draws reaches the terminal: colours, moves of the cursor, the other screen. "
      "Titles,\n"
      "clipboard, questions to the terminal and the like are left out. Into a file or a pipe goes\n"
      "the text alone, at once. Without a name the recorded sessions are listed; --json tells "
      "about\n"
      "a recording instead of playing it. Its file is an asciicast: other players show it too.");
  command.positional("SESSION", &options->which,
                     "a session's or grant's id, or the number of the record that ends it");
  command.option("--speed", &options->speed, "N", "so many times as fast: 2, or 0.5");
  command.option("--idle-limit", &options->idle_limit, "TIME", "no pause is longer than this");
  add_ledger_option(command, &options->ledger);
  command.example("prodaccess audit play", "which sessions were recorded");
  command.example("prodaccess audit play 7f3a --speed 4 --idle-limit 1s");
  command.example("prodaccess audit play 1188 > session.txt");
  command.exit_status("1", "the recording is not the one of the ledger");
  command.runs([options](Context& context) { return play(*options, context); });
}

}  // namespace prodaccess
