#include "core/policy/policy.h"

#include <algorithm>

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/policy/policy_reader.h"

namespace prodaccess {
namespace {

using Layers = std::vector<std::shared_ptr<const PolicyLayer>>;

Layers read_layers(const std::vector<PolicySource>& sources, const ZoneSource& zones) {
  Layers layers;
  for (const PolicySource& source : sources) {
    layers.push_back(std::make_shared<const PolicyLayer>(read_policy_layer(source, zones)));
  }
  return layers;
}

// An id names one rule, in messages and in tests.
void check_ids(const Layers& layers, std::map<std::string, std::string>& seen) {
  for (const auto& layer : layers) {
    for (const Rule& rule : layer->rules) {
      const auto [at, fresh] = seen.emplace(rule.reference.id, rule.reference.source);
      if (fresh) continue;
      throw Error(ErrorCode::Policy, rule.reference.source + ": the id '" +
                                         escape_for_terminal(rule.reference.id) +
                                         "' stands already at " + at->second);
    }
  }
}

// A file of comments alone, as the package installs it, governs nobody.
bool says_something(const std::shared_ptr<const PolicyLayer>& layer) {
  return !layer->rules.empty() || !layer->environments.empty() || layer->scale_bound;
}

void adopt(Policy& policy, const PolicyLayer& layer) {
  for (const Rule& rule : layer.rules) {
    policy.counts_rates |= rule.says.max_per_hour.has_value();
    policy.watches_anomalies |= !rule.on(Dimension::Anomaly).empty();
  }
  for (const auto& [key, labels] : layer.environments) {
    std::vector<std::string>& known = policy.environments[key];
    known.insert(known.end(), labels.begin(), labels.end());
  }
  if (!layer.scale_bound) return;
  policy.scale_bound =
      std::min(policy.scale_bound.value_or(*layer.scale_bound), *layer.scale_bound);
}

std::string digest_of(const std::vector<PolicySource>& system,
                      const std::vector<PolicySource>& user) {
  Sha256 hash;
  const auto add = [&hash](std::string_view text) {
    hash.update(std::to_string(text.size())).update(":").update(text);
  };
  for (const auto* sources : {&system, &user}) {
    hash.update(sources == &system ? "system;" : "user;");
    for (const PolicySource& source : *sources) {
      add(source.file);
      add(source.text);
    }
  }
  return hex(hash.finish());
}

}  // namespace

Policy assemble_policy(const std::vector<PolicySource>& system,
                       const std::vector<PolicySource>& user, bool system_layer,
                       const ZoneSource& zones) {
  Policy policy;
  policy.system = read_layers(system, zones);
  policy.self_governed =
      !system_layer && std::none_of(policy.system.begin(), policy.system.end(), says_something);
  policy.user = read_layers(user, zones);
  std::map<std::string, std::string> seen;
  check_ids(policy.system, seen);
  check_ids(policy.user, seen);
  for (const auto& layer : policy.system) adopt(policy, *layer);
  for (const auto& layer : policy.user) {
    if (!policy.self_governed && !layer->environments.empty()) {
      throw Error(
          ErrorCode::Policy, layer->file + ": [environments] belongs to the system layer",
          {"labels can widen what a system rule allows; ask whoever keeps /etc/prodaccess"});
    }
    adopt(policy, *layer);
  }
  policy.digest = digest_of(system, user);
  return policy;
}

}  // namespace prodaccess
