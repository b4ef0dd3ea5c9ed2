#include "core/ledger/command_history.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

constexpr int kFormat = 1;
constexpr std::int64_t kHour = 3'600'000;
constexpr std::uint64_t kWorthKeeping = 64;  // records since the index was last written

}  // namespace

CommandHistory::CommandHistory(Files& files, const Clock& clock,
                               const std::filesystem::path& ledger,
                               const std::filesystem::path& state, AnomalySettings settings)
    : now_(clock.now()), index_(settings) {
  if (!std::filesystem::exists(ledger)) return;
  const std::filesystem::path file = state / "history.index";
  load(files, file, settings);
  const std::uint64_t before = position_.sequence;
  LedgerFollower follower(ledger, position_);
  follower.read_new([this](const RecordEntry& entry) {
    learn(entry);
    return true;
  });
  position_ = follower.position();
  forget();
  if (position_.sequence >= before + kWorthKeeping) files.write(file, text());
}

std::int64_t CommandHistory::destructive_last_hour(const std::string& role) const {
  return std::count_if(destructive_.begin(), destructive_.end(), [&](const Destructive& command) {
    return command.role == role && within_the_hour(command);
  });
}

void CommandHistory::load(Files& files, const std::filesystem::path& file,
                          AnomalySettings settings) {
  const auto kept = files.read(file, Owner::Me);
  if (!kept) return;
  try {
    const Json json = parse_json_strictly(*kept, "the index of commands");
    if (json.at("format") != kFormat) return;
    std::deque<Destructive> destructive;
    for (const Json& each : json.at("destructive")) {
      destructive.push_back({each.at(0), each.at(1), each.at(2), each.at(3)});
    }
    const LedgerPosition position{json.at("segment"), json.at("offset"), json.at("sequence")};
    index_ = AnomalyIndex::parse(json.at("index").get<std::string>(), settings);
    position_ = position;
    destructive_ = std::move(destructive);
  } catch (const std::exception&) {
    return;  // it is built again
  }
}

void CommandHistory::learn(const RecordEntry& entry) {
  if (const auto event = anomaly_event(entry)) index_.learn(*event);
  if (entry.kind != RecordKind::Intent || entry.text("effect") != "destructive") return;
  destructive_.push_back({entry.role, entry.time.time_since_epoch().count(),
                          entry.boot_time.time_since_epoch().count(), entry.boot});
}

bool CommandHistory::within_the_hour(const Destructive& command) const {
  const std::int64_t wall = now_.wall.time_since_epoch().count();
  const std::int64_t boot = now_.boot.time_since_epoch().count();
  return command.wall_ms > wall - kHour ||
         (command.boot_id == now_.boot_id && command.boot_ms > boot - kHour);
}

void CommandHistory::forget() {
  std::erase_if(destructive_,
                [this](const Destructive& command) { return !within_the_hour(command); });
}

std::string CommandHistory::text() const {
  Json destructive = Json::array();
  for (const Destructive& command : destructive_) {
    destructive.push_back({command.role, command.wall_ms, command.boot_ms, command.boot_id});
  }
  return canonical_json({{"destructive", std::move(destructive)},
                         {"format", kFormat},
                         {"index", index_.text()},
                         {"offset", position_.offset},
                         {"segment", position_.segment},
                         {"sequence", position_.sequence}}) +
         "\n";
}

}  // namespace prodaccess
