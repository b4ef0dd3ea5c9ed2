#include "core/ledger/query.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/canonical.h"
#include "core/ledger/walk.h"

namespace prodaccess {
namespace {

std::string plain(const Json& value) {
  if (value.is_string()) return restore_bytes(value.get<std::string>());
  if (value.is_array()) {
    std::vector<std::string> parts;
    for (const Json& element : value) parts.push_back(plain(element));
    return join(parts, " ");
  }
  return value.is_null() ? "" : value.dump(-1, ' ', true);
}

const Json* find(const Json& object, const std::string& key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

const Json* find_in(const Json& data, const std::string& key) {
  if (const Json* found = find(data, key)) return found;
  const Json* detail = find(data, "detail");
  return detail == nullptr ? nullptr : find(*detail, key);
}

bool fits(const std::string& pattern, const std::string& text) {
  return pattern.empty() || glob_match(to_lower(pattern), to_lower(text));
}

bool begins(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

std::string unescaped(std::string_view raw) {
  const Json value = Json::parse("\"" + std::string(raw) + "\"");
  return restore_bytes(value.get<std::string>());
}

}  // namespace

std::string RecordEntry::text(const std::string& key) const {
  const Json* found = find_in(*data_, key);
  return found == nullptr ? "" : plain(*found);
}

std::optional<std::int64_t> RecordEntry::number(const std::string& key) const {
  const Json* found = find_in(*data_, key);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

std::string RecordEntry::command() const {
  const Json* argv = find_in(*data_, "argv");
  if (argv == nullptr || !argv->is_array()) return text("command");
  std::vector<std::string> words;
  for (const Json& word : *argv) words.push_back(shell_quote(plain(word)));
  return join(words, " ");
}

std::vector<std::string> RecordEntry::targets() const {
  std::vector<std::string> names;
  const Json* targets = find_in(*data_, "targets");
  if (targets == nullptr || !targets->is_array()) return names;
  for (const Json& target : *targets) {
    if (const Json* name = find(target, "name")) {
      names.push_back(plain(*name));
    } else {
      names.push_back(plain(target));
    }
  }
  return names;
}

std::string RecordEntry::summary() const {
  std::vector<std::string> parts;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) parts.push_back(part);
  };
  add(text("action"));
  add(command());
  if (kind == RecordKind::Locked || kind == RecordKind::Unlocked) {
    add(text("lock") + (text("name").empty() ? "" : " " + text("name")));
  }
  if (kind == RecordKind::Revoked) {
    for (const char* key : {"provider", "keyring", "maybe_alive", "stuck"}) {
      if (const std::string value = text(key); !value.empty()) add(std::string(key) + "=" + value);
    }
    if (const auto ended = number("processes_ended")) {
      add("processes_ended=" + std::to_string(*ended));
    }
  }
  for (const char* key : {"effect", "verdict", "rule", "reason", "ticket", "handle", "ended_by",
                          "why", "message", "event"}) {
    const std::string value = text(key);
    if (!value.empty()) add(std::string(key) + "=" + value);
  }
  for (const char* key : {"status", "pid", "number", "size"}) {
    if (const auto value = number(key)) add(std::string(key) + "=" + std::to_string(*value));
  }
  return join(parts, "  ");
}

RecordEntry read_entry(const LineView& view) {
  RecordEntry entry;
  entry.sequence = view.sequence;
  entry.kind_name = std::string(view.kind);
  entry.kind = parse_record_kind(view.kind).value_or(RecordKind::Note);
  entry.time_text = std::string(view.time);
  entry.time = parse_rfc3339(view.time).value_or(WallTime{});
  const Json actor = Json::parse(view.actor);
  entry.person = plain(actor.at("person"));
  entry.host = plain(actor.at("host"));
  entry.identity = plain(actor.at("class"));
  entry.uid = actor.at("uid").get<std::uint32_t>();
  entry.session = unescaped(view.session);
  entry.grant = unescaped(view.grant);
  entry.role = unescaped(view.role);
  entry.boot = std::string(view.boot);
  entry.boot_time = BootTime{Milliseconds{static_cast<std::int64_t>(view.boot_ms)}};
  entry.hash = std::string(view.hash);
  entry.line = std::string(view.line);
  entry.data_ = std::make_shared<const Json>(Json::parse(view.data));
  return entry;
}

bool RecordFilter::matches(const RecordEntry& entry) const {
  if ((first != 0 && entry.sequence < first) || (last != 0 && entry.sequence > last)) return false;
  if ((from && entry.time < *from) || (until && entry.time >= *until)) return false;
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), entry.kind_name) == kinds.end()) {
    return false;
  }
  if (!begins(entry.grant, grant) || !begins(entry.session, session)) return false;
  if (!fits(person, entry.person) || !fits(role, entry.role) || !fits(host, entry.host) ||
      !fits(effect, entry.text("effect")) || !fits(verdict, entry.text("verdict"))) {
    return false;
  }
  if (!target.empty()) {
    const std::vector<std::string> names = entry.targets();
    const auto is_it = [&](const std::string& name) { return fits(target, name); };
    if (std::none_of(names.begin(), names.end(), is_it)) return false;
  }
  return words.empty() || to_lower(entry.line).find(to_lower(words)) != std::string::npos;
}

void for_each_record(const std::filesystem::path& folder, const RecordFilter& filter,
                     const std::function<bool(const RecordEntry&)>& visit) {
  const AppendFolder files(folder, AppendFolder::Access::Read);
  LedgerWalk walk(files);
  for (LedgerWalk::Step step = walk.next(); step != LedgerWalk::Step::End; step = walk.next()) {
    switch (step) {
      case LedgerWalk::Step::Record: {
        const RecordEntry entry = read_entry(walk.record());
        if (filter.matches(entry) && !visit(entry)) return;
        break;
      }
      case LedgerWalk::Step::Missing:
        throw Error(ErrorCode::Ledger, segment_name(walk.segment()) + ": " + walk.missing(),
                    {"prodaccess audit verify"});
      case LedgerWalk::Step::Bad:
        throw Error(ErrorCode::Ledger,
                    segment_name(walk.segment()) + " cannot be read on at byte " +
                        std::to_string(walk.offset()),
                    {"prodaccess audit verify"});
      case LedgerWalk::Step::Newer:
        throw Error(ErrorCode::Ledger, "the ledger was written by a newer prodaccess",
                    {"upgrade prodaccess"});
      default: break;
    }
  }
}

void LedgerFollower::read_new(const std::function<bool(const RecordEntry&)>& visit) {
  const AppendFolder files(folder_, AppendFolder::Access::Read);
  while (true) {
    const auto file =
        position_.segment == 0 ? std::nullopt : files.open(segment_name(position_.segment));
    if (file) {
      LineReader lines(*file, position_.offset);
      while (lines.next() && lines.terminated()) {
        const LineParse parsed = parse_line(lines.line());
        if (parsed.fault != LineFault::None) break;
        position_.offset = lines.offset() + lines.line().size() + 1;
        // Records set aside after a failed sync come again behind it, under later numbers.
        if (parsed.view.sequence <= position_.sequence) continue;
        position_.sequence = parsed.view.sequence;
        if (!visit(read_entry(parsed.view))) return;
      }
    }
    const std::vector<std::uint64_t> numbers = segment_numbers(files);
    const auto next = std::upper_bound(numbers.begin(), numbers.end(), position_.segment);
    if (next == numbers.end()) return;
    position_.segment = *next;
    position_.offset = 0;
  }
}

LedgerStats ledger_stats(const std::filesystem::path& folder, const RecordFilter& filter) {
  LedgerStats stats;
  for_each_record(folder, filter, [&](const RecordEntry& entry) {
    ++stats.records;
    stats.bytes += entry.line.size() + 1;
    if (stats.first_time.empty()) stats.first_time = entry.time_text;
    stats.last_time = entry.time_text;
    ++stats.by_kind[entry.kind_name];
    ++stats.by_person[entry.person];
    if (!entry.role.empty()) ++stats.by_role[entry.role];
    // An intent and what follows it speak of the same command: count it once.
    if (entry.kind != RecordKind::Intent && entry.kind != RecordKind::Refused) return true;
    if (const std::string effect = entry.text("effect"); !effect.empty()) ++stats.by_effect[effect];
    if (const std::string verdict = entry.text("verdict"); !verdict.empty()) {
      ++stats.by_verdict[verdict];
    }
    return true;
  });
  return stats;
}

}  // namespace prodaccess
