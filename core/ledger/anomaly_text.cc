// The index of anomalies as JSON, and back.
#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/ledger/anomaly.h"

namespace prodaccess {
namespace {

constexpr int kFormat = 1;
constexpr double kWeightUnit = 1000;  // weights are kept as thousandths: no fractions in files

}  // namespace

struct AnomalyJson {
  using Person = AnomalyIndex::Person;
  using Sights = std::map<std::string, AnomalyIndex::Sight>;
  using Moments = std::deque<AnomalyIndex::Moment>;

  static Json of(const Sights& sights) {
    Json json = Json::object();
    for (const auto& [name, sight] : sights) json[name] = {sight.record, sight.last_day};
    return json;
  }
  static Json of(const Moments& moments) {
    Json json = Json::array();
    for (const auto& moment : moments) json.push_back({moment.second, moment.record});
    return json;
  }
  static Json of(const Person& person) {
    Json hours = Json::array();
    for (const double weight : person.hours) {
      hours.push_back(static_cast<std::int64_t>(weight * kWeightUnit));
    }
    return {{"approvers", person.approvers},     {"busiest", person.busiest},
            {"changes", of(person.changes)},     {"commands", person.commands},
            {"denials", of(person.denials)},     {"first_day", person.first_day},
            {"hosts", of(person.hosts)},         {"hours", hours},
            {"hours_day", person.hours_day},     {"last_day", person.last_day},
            {"last_record", person.last_record}, {"most_targets", person.most_targets},
            {"odd_day", person.odd_day},         {"spell", person.spell},
            {"targets", of(person.targets)},     {"unconfirmed", of(person.unconfirmed)},
            {"verbs", of(person.verbs)}};
  }

  static Sights sights(const Json& json) {
    Sights sights;
    for (const auto& [name, pair] : json.items()) sights[name] = {pair.at(0), pair.at(1)};
    return sights;
  }
  static Moments moments(const Json& json) {
    Moments moments;
    for (const Json& pair : json) moments.push_back({pair.at(0), pair.at(1)});
    return moments;
  }
  static Person person(const Json& json) {
    Person person;
    person.approvers = json.at("approvers").get<std::deque<std::string>>();
    person.busiest = json.at("busiest");
    person.changes = moments(json.at("changes"));
    person.commands = json.at("commands");
    person.denials = moments(json.at("denials"));
    person.first_day = json.at("first_day");
    person.hosts = sights(json.at("hosts"));
    for (std::size_t i = 0; i < person.hours.size(); ++i) {
      person.hours[i] = json.at("hours").at(i).get<double>() / kWeightUnit;
    }
    person.hours_day = json.at("hours_day");
    person.last_day = json.at("last_day");
    person.last_record = json.at("last_record");
    person.most_targets = json.at("most_targets");
    person.odd_day = json.at("odd_day");
    person.spell = json.at("spell");
    person.targets = sights(json.at("targets"));
    person.unconfirmed = moments(json.at("unconfirmed"));
    person.verbs = sights(json.at("verbs"));
    return person;
  }
};

std::string AnomalyIndex::text() const {
  Json people = Json::object();
  for (const auto& [name, person] : people_) people[name] = AnomalyJson::of(person);
  const Json index = {{"format", kFormat},
                      {"people", people},
                      {"role_verbs", role_verbs_},
                      {"sequence", sequence_}};
  return index.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

AnomalyIndex AnomalyIndex::parse(std::string_view text, AnomalySettings settings) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != kFormat) return AnomalyIndex(settings);
    AnomalyIndex index(settings);
    for (const auto& [name, person] : json.at("people").items()) {
      index.people_[name] = AnomalyJson::person(person);
    }
    index.role_verbs_ =
        json.at("role_verbs").get<std::map<std::string, std::map<std::string, std::uint64_t>>>();
    index.sequence_ = json.at("sequence");
    return index;
  } catch (const Json::exception&) {
    return AnomalyIndex(settings);  // it is built again from the ledger
  }
}

}  // namespace prodaccess
