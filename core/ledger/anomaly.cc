#include "core/ledger/anomaly.h"

#include <algorithm>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::uint64_t kEnoughCommands = 50;
constexpr std::int64_t kEnoughDays = 7;
constexpr std::uint64_t kEnoughForHours = 200;
constexpr double kRareHour = 0.002;  // of what was done in that hour and its neighbours
constexpr std::int64_t kDormantDays = 30;
constexpr std::int64_t kForgetDays = 180;
constexpr double kDailyDecay = 0.97715996843424587;  // 2^(-1/30): half is forgotten in thirty days
constexpr std::int64_t kWindow = 600;                // seconds
constexpr std::uint64_t kBurst = 15;
constexpr std::uint64_t kManyTargets = 20;
constexpr std::uint64_t kTimesMore = 4;
constexpr std::size_t kDenials = 3;
constexpr std::size_t kUnconfirmed = 2;
constexpr std::size_t kApprovals = 10;
constexpr std::size_t kMostKept = 512;  // names of one kind for one person

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<Seconds>(time).time_since_epoch().count();
}
std::int64_t day_of(WallTime time) { return second_of(time) / 86'400; }

bool changes_something(const std::string& effect) { return !effect.empty() && effect != "read"; }
bool is_grave(const std::string& effect) {
  return effect == "destructive" || effect == "privilege" || effect == "exfil";
}

// The kind of a name: what is left of it without numbers, so that i-0abc and i-0def are one.
std::string kind_of_target(const std::string& target) {
  std::string kind;
  for (const char c : target) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) {
      kind += c;
    } else if (kind.empty() || kind.back() != '#') {
      kind += '#';
    }
  }
  const std::size_t number = kind.find('#');
  return number == std::string::npos ? kind : kind.substr(0, number + 1);
}

// kDailyDecay to the power of `days`, by squaring: libm would have to be loaded at each start.
double decay_over(std::int64_t days) {
  double left = 1;
  for (double factor = kDailyDecay; days > 0; days /= 2, factor *= factor) {
    if (days % 2 != 0) left *= factor;
  }
  return left;
}

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

// Applies the rules to one event; reads only.
class AnomalyJudge {
 public:
  AnomalyJudge(const AnomalyIndex& index, const AnomalyEvent& event)
      : index_(index), event_(event) {
    const auto found = index.people_.find(event.person);
    if (found != index.people_.end()) person_ = &found->second;
  }

  std::vector<AnomalyFlag> run() {
    if (event_.break_glass) flag("break-glass", "emergency access was used");
    declared_hours();
    if (person_ == nullptr) return flags_;
    dormant();
    denials();
    if (experienced()) {
      first_verb();
      first_target();
      new_host();
      learned_hours();
    }
    burst();
    many_targets();
    same_approver();
    return flags_;
  }

 private:
  using Person = AnomalyIndex::Person;

  void flag(const std::string& rule, const std::string& why,
            std::vector<std::uint64_t> records = {}) {
    records.push_back(event_.record);
    flags_.push_back({rule, why, std::move(records)});
  }
  bool experienced() const {
    return person_->commands >= kEnoughCommands &&
           day_of(event_.time) - person_->first_day >= kEnoughDays;
  }
  int hour() const {
    return static_cast<int>(
        ((second_of(event_.time + index_.settings_.zone_offset) % 86'400) + 86'400) % 86'400 /
        3600);
  }

  void declared_hours() {
    const AnomalySettings& settings = index_.settings_;
    if (!settings.hours_from || !settings.hours_until || !changes_something(event_.effect)) return;
    const bool over_midnight = *settings.hours_until <= *settings.hours_from;
    const bool inside = over_midnight
                            ? hour() >= *settings.hours_from || hour() < *settings.hours_until
                            : hour() >= *settings.hours_from && hour() < *settings.hours_until;
    if (!inside) flag("odd-hour", "outside the declared hours");
  }
  void dormant() {
    const std::int64_t days = day_of(event_.time) - person_->last_day;
    if (days >= kDormantDays) {
      flag("dormant", event_.person + " did nothing for " + std::to_string(days) + " days",
           {person_->last_record});
    }
  }
  static std::vector<std::uint64_t> recent(const std::deque<AnomalyIndex::Moment>& moments,
                                           std::int64_t now) {
    std::vector<std::uint64_t> records;
    for (const auto& moment : moments) {
      if (now - moment.second < kWindow) records.push_back(moment.record);
    }
    return records;
  }
  void denials() {
    if (!event_.refused) return;
    const std::int64_t now = second_of(event_.time);
    const auto denied = recent(person_->denials, now);
    if (denied.size() + 1 >= kDenials) {
      flag("denials", number(denied.size() + 1) + " refusals within ten minutes", denied);
    }
    const auto unconfirmed = recent(person_->unconfirmed, now);
    if (event_.confirmation_refused && unconfirmed.size() + 1 >= kUnconfirmed) {
      flag("confirmations-refused",
           number(unconfirmed.size() + 1) + " confirmations refused within ten minutes",
           unconfirmed);
    }
  }
  void first_verb() {
    if (!changes_something(event_.effect) || event_.verb.empty()) return;
    if (person_->verbs.count(event_.verb) != 0) return;
    // What several others do in this role is part of it.
    const auto role = index_.role_verbs_.find(event_.role + "\n" + event_.verb);
    if (role != index_.role_verbs_.end() && role->second.size() >= 2) return;
    flag("first-verb", "the first " + event_.verb + " of " + event_.person + " in " +
                           number(person_->commands) + " commands");
  }
  void first_target() {
    if (!is_grave(event_.effect)) return;
    for (const std::string& target : event_.targets) {
      const std::string kind = kind_of_target(target);
      if (person_->targets.count(kind) != 0) continue;
      return flag("first-target", event_.person + " never touched " + target + " or its like");
    }
  }
  void new_host() {
    if (event_.host.empty() || person_->hosts.count(event_.host) != 0) return;
    flag("new-host", event_.person + " was never on " + event_.host);
  }
  void learned_hours() {
    if (index_.settings_.hours_from || person_->commands < kEnoughForHours ||
        person_->odd_day == day_of(event_.time)) {
      return;
    }
    double all = 0;
    for (const double weight : person_->hours) all += weight;
    const auto at = static_cast<std::size_t>(hour());
    const double near =
        person_->hours[(at + 23) % 24] + person_->hours[at] + person_->hours[(at + 1) % 24];
    if (all > 0 && near / all < kRareHour) {
      flag("odd-hour",
           event_.person + " is hardly ever at work at " + std::to_string(hour()) + ":00");
    }
  }
  void burst() {
    if (!changes_something(event_.effect)) return;
    const auto changes = recent(person_->changes, second_of(event_.time));
    const std::uint64_t count = changes.size() + 1;
    // Once as it passes the mark, not for each one behind it.
    const std::uint64_t mark = std::max(kBurst, person_->busiest * kTimesMore);
    if (count == mark) flag("burst", number(count) + " changes within ten minutes", changes);
  }
  void many_targets() {
    const std::uint64_t mark = std::max(kManyTargets, person_->most_targets * kTimesMore);
    if (changes_something(event_.effect) && event_.targets.size() > mark) {
      flag("many-targets", number(event_.targets.size()) +
                               " targets at once; the most before was " +
                               number(person_->most_targets));
    }
  }
  void same_approver() {
    if (event_.approved_by.size() != 1 || person_->approvers.size() + 1 < kApprovals) return;
    const std::string& approver = event_.approved_by[0];
    const bool always = std::all_of(person_->approvers.begin(), person_->approvers.end(),
                                    [&](const std::string& name) { return name == approver; });
    if (always) {
      flag("same-approver", "the last " + number(person_->approvers.size() + 1) +
                                " approvals for " + event_.person + " are all by " + approver);
    }
  }

  const AnomalyIndex& index_;
  const AnomalyEvent& event_;
  const Person* person_ = nullptr;
  std::vector<AnomalyFlag> flags_;
};

const std::set<std::string>& anomaly_rules() {
  static const std::set<std::string> rules{
      "first-verb",   "first-target",          "odd-hour", "burst",   "many-targets",
      "denials",      "confirmations-refused", "new-host", "dormant", "break-glass",
      "same-approver"};
  return rules;
}

std::vector<AnomalyFlag> AnomalyIndex::judge(const AnomalyEvent& event) const {
  return AnomalyJudge(*this, event).run();
}

namespace {

template <typename Names>
void keep_bounded(Names& names, std::int64_t today) {
  for (auto at = names.begin(); at != names.end();) {
    at = today - at->second.last_day > kForgetDays ? names.erase(at) : std::next(at);
  }
  while (names.size() > kMostKept) {
    names.erase(std::min_element(names.begin(), names.end(), [](const auto& a, const auto& b) {
      return a.second.last_day < b.second.last_day;
    }));
  }
}

template <typename Moments>
void forget_old(Moments& moments, std::int64_t now) {
  while (!moments.empty() && now - moments.front().second >= kWindow) moments.pop_front();
}

}  // namespace

void AnomalyIndex::learn(const AnomalyEvent& event) {
  sequence_ = std::max(sequence_, event.record);
  Person& person = people_[event.person];
  const std::vector<AnomalyFlag> flags = judge(event);
  const bool odd = std::any_of(flags.begin(), flags.end(),
                               [](const AnomalyFlag& flag) { return flag.rule == "odd-hour"; });
  if (odd) person.odd_day = day_of(event.time);
  learn_when(person, event);
  if (event.refused) {
    // What was refused was not done: it makes nothing usual.
    const Moment moment{second_of(event.time), event.record};
    person.denials.push_back(moment);
    if (event.confirmation_refused) person.unconfirmed.push_back(moment);
    return;
  }
  if (!event.verb.empty()) ++role_verbs_[event.role + "\n" + event.verb][event.person];
  learn_what(person, event);
}

void AnomalyIndex::learn_when(Person& person, const AnomalyEvent& event) const {
  const std::int64_t now = second_of(event.time);
  const std::int64_t today = day_of(event.time);
  if (person.commands++ == 0) person.first_day = person.hours_day = today;
  forget_old(person.changes, now);
  forget_old(person.denials, now);
  forget_old(person.unconfirmed, now);
  if (person.changes.empty() || person.last_day != today) {
    person.busiest = std::max(person.busiest, person.spell);
    person.spell = 0;
  }
  person.last_day = today;
  person.last_record = event.record;
  if (today > person.hours_day) {
    const double left = decay_over(today - person.hours_day);
    for (double& weight : person.hours) weight *= left;
    person.hours_day = today;
  }
  const std::int64_t local = second_of(event.time + settings_.zone_offset);
  person.hours[static_cast<std::size_t>(((local % 86'400) + 86'400) % 86'400 / 3600)] += 1;
  if (!event.host.empty()) person.hosts[event.host] = {event.record, today};
}

void AnomalyIndex::learn_what(Person& person, const AnomalyEvent& event) {
  const std::int64_t today = day_of(event.time);
  const Sight sight{event.record, today};
  if (!event.verb.empty()) person.verbs[event.verb] = sight;
  for (const std::string& target : event.targets) person.targets[kind_of_target(target)] = sight;
  if (changes_something(event.effect)) {
    person.changes.push_back({second_of(event.time), event.record});
    if (person.changes.size() > kMostKept) person.changes.pop_front();
    person.spell = std::max<std::uint64_t>(person.spell, person.changes.size());
    person.most_targets = std::max<std::uint64_t>(person.most_targets, event.targets.size());
  }
  if (event.approved_by.size() == 1) {
    person.approvers.push_back(event.approved_by[0]);
    if (person.approvers.size() >= kApprovals) person.approvers.pop_front();
  }
  keep_bounded(person.verbs, today);
  keep_bounded(person.targets, today);
  keep_bounded(person.hosts, today);
}

std::optional<AnomalyEvent> anomaly_event(const RecordEntry& entry) {
  const bool refused = entry.kind == RecordKind::Refused;
  if (entry.kind != RecordKind::Intent && !refused) return std::nullopt;
  AnomalyEvent event;
  event.record = entry.sequence;
  event.person = entry.person;
  event.role = entry.role;
  event.host = entry.host;
  const std::string tool = entry.text("tool");
  const std::string action = entry.text("action");
  const std::string verb = entry.text("verb");
  event.verb = tool.empty() ? verb : tool + " " + (verb.empty() ? action : verb);
  event.targets = entry.targets();
  event.effect = entry.text("effect");
  event.refused = refused;
  event.confirmation_refused = refused && entry.text("why").find("confirm") != std::string::npos;
  event.break_glass = entry.text("break_glass") == "true" || entry.number("break_glass") == 1;
  for (const std::string& name : split(entry.text("approved_by"), ',')) {
    if (!trim(name).empty()) event.approved_by.emplace_back(trim(name));
  }
  event.time = entry.time;
  return event;
}

void catch_up(
    AnomalyIndex& index, const std::filesystem::path& ledger_folder,
    const std::function<void(const AnomalyEvent&, const std::vector<AnomalyFlag>&)>& flagged) {
  RecordFilter filter;
  filter.first = index.sequence() + 1;
  for_each_record(ledger_folder, filter, [&](const RecordEntry& entry) {
    const auto event = anomaly_event(entry);
    if (!event) return true;
    const std::vector<AnomalyFlag> flags = index.judge(*event);
    if (!flags.empty()) flagged(*event, flags);
    index.learn(*event);
    return true;
  });
}

}  // namespace prodaccess
