// Anomalies: deterministic rules over what a person has done before. Each flag says why, with the
// records behind it. prodaccess-ledger(5), ANOMALIES, states the rules with their minimum samples;
// over a simulated quiet month fewer than 1 % of commands are flagged.
//
// AnomalyIndex is a summary that is bounded for each person and can be built again from the ledger,
// so that a command costs the same at any size of the ledger. It forgets: hours lose half their
// weight in 30 days, verbs, targets and hosts are dropped after 180.
//
// Pure but `catch_up`. Errors: Error{Ledger} from reading. Threads: one.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/ledger/query.h"

namespace prodaccess {

// What the rules look at of a command, granted or refused.
struct AnomalyEvent {
  std::uint64_t record = 0;
  std::string person;
  std::string role;
  std::string host;
  std::string verb;  // tool and action: "aws ec2 terminate-instances"
  std::vector<std::string> targets;
  std::string effect;
  bool refused = false;
  bool confirmation_refused = false;
  bool break_glass = false;
  std::vector<std::string> approved_by;
  WallTime time{};
};
// Absent where a record tells of no command or request.
std::optional<AnomalyEvent> anomaly_event(const RecordEntry& entry);

struct AnomalyFlag {
  std::string rule;  // "first-verb", "first-target", "odd-hour", "burst", "many-targets",
                     // "denials", "confirmations-refused", "new-host", "dormant", "break-glass",
                     // "same-approver"
  std::string why;
  std::vector<std::uint64_t> records;
};

// The names of all rules.
const std::set<std::string>& anomaly_rules();

struct AnomalySettings {
  // Declared working hours (local to `zone_offset`), from..until; absent: learned only.
  std::optional<int> hours_from;
  std::optional<int> hours_until;
  std::chrono::minutes zone_offset{0};
};

class AnomalyIndex {
 public:
  explicit AnomalyIndex(AnomalySettings settings = {}) : settings_(settings) {}

  // What is unusual about `event`, seen from all that was learned before it.
  std::vector<AnomalyFlag> judge(const AnomalyEvent& event) const;
  void learn(const AnomalyEvent& event);

  std::uint64_t sequence() const { return sequence_; }  // the last record it knows
  // The index as one line of JSON; anything else than what this wrote gives an empty index.
  std::string text() const;
  static AnomalyIndex parse(std::string_view text, AnomalySettings settings);

 private:
  struct Sight {
    std::uint64_t record = 0;
    std::int64_t last_day = 0;
  };
  struct Moment {
    std::int64_t second = 0;
    std::uint64_t record = 0;
  };
  struct Person {
    std::uint64_t commands = 0;
    std::int64_t first_day = 0;
    std::int64_t last_day = 0;
    std::uint64_t last_record = 0;
    std::array<double, 24> hours{};
    std::int64_t hours_day = 0;  // when they were last decayed
    std::int64_t odd_day = 0;    // the last day that was flagged as odd
    std::map<std::string, Sight> verbs;
    std::map<std::string, Sight> targets;
    std::map<std::string, Sight> hosts;
    std::deque<Moment> changes;  // writes and worse of the last ten minutes
    std::deque<Moment> denials;
    std::deque<Moment> unconfirmed;
    std::uint64_t busiest = 0;  // most changes in ten minutes, before the present spell
    std::uint64_t spell = 0;    // and in the present one: without ten quiet minutes, this day
    std::uint64_t most_targets = 0;
    std::deque<std::string> approvers;  // of the last requests
  };
  void learn_when(Person& person, const AnomalyEvent& event) const;
  static void learn_what(Person& person, const AnomalyEvent& event);
  friend struct AnomalyJson;
  friend class AnomalyJudge;

  AnomalySettings settings_;
  std::uint64_t sequence_ = 0;
  std::map<std::string, Person> people_;
  std::map<std::string, std::map<std::string, std::uint64_t>> role_verbs_;  // who used it: count
};

// Reads what came since into `index`, calling `flagged` for each command that is unusual.
void catch_up(
    AnomalyIndex& index, const std::filesystem::path& ledger_folder,
    const std::function<void(const AnomalyEvent&, const std::vector<AnomalyFlag>&)>& flagged);

}  // namespace prodaccess
