// prodaccess audit show, search, tail and stats.
#include <deque>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/audit_options.h"
#include "cli/command_audit.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

struct ShowOptions {
  LedgerChoice ledger;
  FilterOptions filter;
  std::optional<std::int64_t> record;
  std::string words;
  std::optional<std::int64_t> count;
  bool follow = false;
};

std::string heading(const RecordEntry& entry) {
  std::string line = std::to_string(entry.sequence) + "  " + entry.time_text + "  " + entry.person;
  if (entry.identity != "human") line += " (" + entry.identity + ")";
  if (!entry.role.empty()) line += "  " + entry.role;
  return line + "  " + entry.kind_name;
}

void print_entry(const RecordEntry& entry) {
  const std::string summary = entry.summary();
  print_line(heading(entry) + (summary.empty() ? "" : "  " + summary));
}

std::string indented(const Json& value, const std::string& name) {
  if (value.is_string()) return "    " + name + "  " + value.get<std::string>();
  return "    " + name + "  " + value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What programs need and a story does not.
bool is_technical(const std::string& name, const Json& value) {
  const bool empty = (value.is_string() || value.is_array()) && value.empty();
  return empty || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         name == "writer_pid" || name == "writer_start" || name == "preview_hash" ||
         name == "start_time" || name == "rule_source";
}

// Every field of a single record; of a grant's story what a reader wants to know.
void print_whole(const RecordEntry& entry, bool every_field) {
  print_line(heading(entry));
  if (!entry.grant.empty()) print_line("    grant  " + entry.grant);
  if (!entry.session.empty()) print_line("    session  " + entry.session);
  if (const std::string command = entry.command(); !command.empty()) print_line("    $ " + command);
  const Json& data = entry.data();
  for (const auto& [name, value] : data.items()) {
    if (name == "detail" && value.is_object()) {
      for (const auto& [inner, detail] : value.items()) {
        const bool left_out = inner == "argv" || (!every_field && is_technical(inner, detail));
        if (!left_out) print_line(indented(detail, inner));
      }
    } else if (every_field || !is_technical(name, value)) {
      print_line(indented(value, name));
    }
  }
}

// A JSON list, an element at a time.
class JsonList {
 public:
  void add(const std::string& element) {
    print_raw(any_ ? ",\n" : "[\n");
    print_raw(element);
    any_ = true;
  }
  void close() { print_raw(any_ ? "\n]\n" : "[]\n"); }

 private:
  bool any_ = false;
};

int show(const ShowOptions& options, Context& context) {
  RecordFilter filter = read_filter(options.filter, context);
  filter.words = options.words;
  if (options.record) {
    if (*options.record < 1) throw Error(ErrorCode::Usage, "records are numbered from 1");
    filter.first = filter.last = static_cast<std::uint64_t>(*options.record);
  }
  const bool whole = options.record || !filter.grant.empty() || !filter.session.empty();
  JsonList list;
  bool found = false;
  for_each_record(ledger_folder(options.ledger, context), filter, [&](const RecordEntry& entry) {
    found = true;
    if (context.json()) {
      list.add(entry.line);
    } else if (whole) {
      print_whole(entry, options.record.has_value());
    } else {
      print_entry(entry);
    }
    return filter.last == 0 || entry.sequence < filter.last;
  });
  if (context.json()) list.close();
  if (!found && !context.json()) warn("no record matches");
  return kDone;
}

int tail(const ShowOptions& options, Context& context) {
  constexpr auto kPause = std::chrono::milliseconds{300};
  const RecordFilter filter = read_filter(options.filter, context);
  if (options.count && *options.count < 0) throw Error(ErrorCode::Usage, "--lines is 0 or more");
  const auto limit = static_cast<std::size_t>(options.count.value_or(10));
  std::deque<RecordEntry> last;
  LedgerFollower follower(ledger_folder(options.ledger, context));
  const auto print = [&](const RecordEntry& entry) {
    if (context.json()) {
      print_raw(entry.line + "\n");
    } else {
      print_entry(entry);
    }
  };
  follower.read_new([&](const RecordEntry& entry) {
    if (filter.matches(entry)) last.push_back(entry);
    if (last.size() > limit) last.pop_front();
    return true;
  });
  for (const RecordEntry& entry : last) print(entry);
  while (options.follow) {
    std::this_thread::sleep_for(kPause);
    follower.read_new([&](const RecordEntry& entry) {
      if (filter.matches(entry)) print(entry);
      return true;
    });
  }
  return kDone;
}

void print_counts(const std::string& name, const std::map<std::string, std::uint64_t>& counts) {
  if (counts.empty()) return;
  print_line(name);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, count] : counts) rows.push_back({"  " + key, std::to_string(count)});
  for (const std::string& line : format_table(rows)) print_line(line);
}

int stats(const ShowOptions& options, Context& context) {
  const LedgerStats stats =
      ledger_stats(ledger_folder(options.ledger, context), read_filter(options.filter, context));
  if (context.json()) {
    print_json({{"by_effect", stats.by_effect},
                {"by_kind", stats.by_kind},
                {"by_person", stats.by_person},
                {"by_role", stats.by_role},
                {"by_verdict", stats.by_verdict},
                {"bytes", stats.bytes},
                {"first", stats.first_time},
                {"last", stats.last_time},
                {"records", stats.records}});
    return kDone;
  }
  print_line(std::to_string(stats.records) + " records, " + std::to_string(stats.bytes) +
             " bytes, from " + stats.first_time + " to " + stats.last_time);
  print_counts("kinds", stats.by_kind);
  print_counts("people", stats.by_person);
  print_counts("roles", stats.by_role);
  print_counts("effects of commands", stats.by_effect);
  print_counts("verdicts", stats.by_verdict);
  return kDone;
}

}  // namespace

void add_audit_show(Command& audit) {
  auto options = std::make_shared<ShowOptions>();
  Command& command = audit.add("show", "show records, or one grant's whole story");
  command.positional("RECORD", &options->record, "the number of one record, shown in full");
  add_filter_options(command, &options->filter);
  add_ledger_option(command, &options->ledger);
  command.example("prodaccess audit show 1184", "one record, every field");
  command.example("prodaccess audit show --grant 7f3a", "request, commands, confirmations, end");
  command.example("prodaccess audit show --actor ana --from 7d");
  command.runs([options](Context& context) { return show(*options, context); });
}

void add_audit_search(Command& audit) {
  auto options = std::make_shared<ShowOptions>();
  Command& command = audit.add("search", "find records by words and fields");
  command.positional("WORDS", &options->words, "text that stands anywhere in the record");
  add_filter_options(command, &options->filter);
  add_ledger_option(command, &options->ledger);
  command.example("prodaccess audit search terminate-instances --effect destructive --from 30d");
  command.runs([options](Context& context) { return show(*options, context); });
}

void add_audit_tail(Command& audit) {
  auto options = std::make_shared<ShowOptions>();
  Command& command = audit.add("tail", "show the last records, and new ones as they come");
  command.option("--lines", &options->count, "N", "how many (10)");
  command.flag("-f", &options->follow, "go on showing new records until interrupted");
  add_filter_options(command, &options->filter);
  add_ledger_option(command, &options->ledger);
  command.example("prodaccess audit tail -f --effect destructive");
  command.runs([options](Context& context) { return tail(*options, context); });
}

void add_audit_stats(Command& audit) {
  auto options = std::make_shared<ShowOptions>();
  Command& command = audit.add("stats", "count records by kind, person, role, effect, verdict");
  add_filter_options(command, &options->filter);
  add_ledger_option(command, &options->ledger);
  command.example("prodaccess audit stats --from 30d");
  command.runs([options](Context& context) { return stats(*options, context); });
}

}  // namespace prodaccess
