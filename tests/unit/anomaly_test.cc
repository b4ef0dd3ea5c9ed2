#include "core/ledger/anomaly.h"

#include <doctest/doctest.h>

#include <random>

using namespace prodaccess;

namespace {

const WallTime kStart = *parse_rfc3339("2026-03-02T09:00:00Z");

AnomalyEvent event_at(WallTime time, const std::string& verb, const std::string& effect) {
  AnomalyEvent event;
  event.person = "ana";
  event.role = "ops";
  event.host = "bastion";
  event.verb = verb;
  event.targets = {"web-1"};
  event.effect = effect;
  event.time = time;
  return event;
}

// Ten working days of thirty commands each.
AnomalyIndex experienced() {
  AnomalyIndex index;
  std::uint64_t record = 0;
  for (int day = 0; day < 10; ++day) {
    for (int i = 0; i < 30; ++i) {
      AnomalyEvent event = event_at(
          kStart + std::chrono::hours{24 * day} + std::chrono::minutes{15 * i},
          i % 5 == 0 ? "kubectl rollout restart" : "kubectl get", i % 5 == 0 ? "write" : "read");
      event.record = ++record;
      index.learn(event);
    }
  }
  return index;
}

std::vector<std::string> rules_of(const AnomalyIndex& index, const AnomalyEvent& event) {
  std::vector<std::string> rules;
  for (const AnomalyFlag& flag : index.judge(event)) rules.push_back(flag.rule);
  return rules;
}

using Rules = std::vector<std::string>;
const WallTime kLater = kStart + std::chrono::hours{24 * 10};

}  // namespace

TEST_CASE("anomaly: the usual is not flagged, nor anything of somebody new") {
  const AnomalyIndex index = experienced();
  CHECK(rules_of(index, event_at(kLater, "kubectl get", "read")).empty());
  CHECK(rules_of(index, event_at(kLater, "kubectl rollout restart", "write")).empty());
  CHECK(rules_of(AnomalyIndex(), event_at(kLater, "kubectl delete", "destructive")).empty());
}

TEST_CASE("anomaly: each rule fires on what it is for, and says why") {
  const AnomalyIndex index = experienced();
  CHECK(rules_of(index, event_at(kLater, "kubectl delete", "destructive")) == Rules{"first-verb"});
  AnomalyEvent target = event_at(kLater, "kubectl rollout restart", "destructive");
  target.targets = {"payroll"};
  CHECK(rules_of(index, target) == Rules{"first-target"});
  target.targets = {"web-77"};
  CHECK(rules_of(index, target).empty());
  CHECK(rules_of(index, event_at(kLater + std::chrono::hours{18}, "kubectl get", "read")) ==
        Rules{"odd-hour"});
  AnomalyEvent host = event_at(kLater, "kubectl get", "read");
  host.host = "elsewhere";
  CHECK(rules_of(index, host) == Rules{"new-host"});
  CHECK(rules_of(index, event_at(kLater + std::chrono::hours{24 * 40}, "kubectl get", "read")) ==
        Rules{"dormant"});
  AnomalyEvent many = event_at(kLater, "kubectl rollout restart", "write");
  for (int i = 0; i < 30; ++i) many.targets.push_back("web-" + std::to_string(i));
  CHECK(rules_of(index, many) == Rules{"many-targets"});
  AnomalyEvent glass = event_at(kLater, "kubectl get", "read");
  glass.break_glass = true;
  CHECK(rules_of(index, glass) == Rules{"break-glass"});
  CHECK_FALSE(index.judge(glass)[0].why.empty());
}

TEST_CASE("anomaly: bursts and denials count within ten minutes, with the records behind them") {
  AnomalyIndex index = experienced();
  std::size_t bursts = 0;
  for (int i = 0; i < 40; ++i) {
    AnomalyEvent event = event_at(kLater + Seconds{i}, "kubectl rollout restart", "write");
    event.record = 1000 + static_cast<std::uint64_t>(i);
    for (const AnomalyFlag& flag : index.judge(event)) {
      if (flag.rule == "burst") {
        ++bursts;
        CHECK(flag.records.size() >= 15);
      }
    }
    index.learn(event);
  }
  CHECK(bursts >= 1);
  CHECK(bursts <= 2);
  AnomalyEvent denied = event_at(kLater + std::chrono::hours{1}, "kubectl delete", "destructive");
  denied.refused = true;
  denied.confirmation_refused = true;
  index.learn(denied);
  CHECK(rules_of(index, denied) == Rules{"confirmations-refused", "first-verb"});
  index.learn(denied);
  CHECK(rules_of(index, denied) == Rules{"denials", "confirmations-refused", "first-verb"});
}

TEST_CASE("anomaly: always the same approver is flagged") {
  AnomalyIndex index = experienced();
  AnomalyEvent event = event_at(kLater, "kubectl rollout restart", "write");
  event.approved_by = {"bob"};
  for (int i = 0; i < 9; ++i) {
    CHECK(rules_of(index, event).empty());
    index.learn(event);
    event.time += std::chrono::hours{1} / 4;
  }
  CHECK(rules_of(index, event) == Rules{"same-approver"});
}

TEST_CASE("anomaly: the index goes into its file and comes back the same") {
  const AnomalyIndex index = experienced();
  const std::string text = index.text();
  CHECK(AnomalyIndex::parse(text, {}).text() == text);
  CHECK(AnomalyIndex::parse("{", {}).sequence() == 0);
  CHECK(AnomalyIndex::parse(text.substr(0, text.size() / 2), {}).sequence() == 0);
}

TEST_CASE("anomaly: under one percent of a quiet month is flagged") {
  constexpr unsigned kSeed = 20260301;
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  const std::vector<std::string> verbs{
      "kubectl get",   "kubectl logs",   "aws ec2 describe-instances",
      "psql",          "terraform plan", "kubectl rollout restart",
      "kubectl scale", "kubectl apply",  "aws s3 cp"};
  AnomalyIndex index;
  std::uint64_t commands = 0;
  std::uint64_t flagged = 0;
  for (int day = 0; day < 60; ++day) {
    if (day % 7 >= 5) continue;
    for (int hour = 8; hour < 18; ++hour) {
      for (const char* person : {"ana", "bob", "cyd", "dan"}) {
        for (unsigned i = 0; i < random() % 6; ++i) {
          // Common verbs often, the rare ones now and then.
          const std::size_t pick = std::min<std::size_t>(random() % 9, random() % 9);
          AnomalyEvent event =
              event_at(*parse_rfc3339("2026-03-02T00:00:00Z") +
                           std::chrono::hours{24 * day + hour} + Seconds{random() % 3600},
                       verbs[pick], pick < 5 ? "read" : "write");
          event.person = person;
          event.targets = {"web-" + std::to_string(random() % 40)};
          event.record = ++commands;
          const bool quiet_month = day >= 30;
          if (quiet_month && !index.judge(event).empty()) ++flagged;
          index.learn(event);
        }
      }
    }
  }
  CHECK(commands > 3000);
  CHECK(flagged * 200 < commands);  // half of the commands lie in the second month
}
