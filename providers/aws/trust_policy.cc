#include "providers/aws/trust_policy.h"

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

// Sessions come and go; what a trust policy names is the role behind them, without its path, which
// the session's ARN does not tell.
std::string lasting_principal(const std::string& arn) {
  const auto parts = split(arn, ':');
  const std::string_view kSession = "assumed-role/";
  if (parts.size() != 6 || !parts[5].starts_with(kSession)) return arn;
  const auto words = split(parts[5], '/');
  return parts[0] + ":" + parts[1] + ":iam::" + parts[4] + ":role/" + words.at(1);
}

Json deny_without(const std::string& key) {
  return {{"Effect", "Deny"},
          {"Principal", {{"AWS", "*"}}},
          {"Action", "sts:AssumeRole"},
          {"Condition", {{"Null", {{key, "true"}}}}}};
}

}  // namespace

std::vector<TrustStatement> trust_statements(const AwsParameters& parameters,
                                             const std::string& principal) {
  if (parameters.role_arn.empty() || principal.empty()) return {};
  Json actions = Json::array({"sts:AssumeRole"});
  std::vector<std::string> required;
  if (!parameters.source_identity.empty()) {
    actions.push_back("sts:SetSourceIdentity");
    required.emplace_back("sts:SourceIdentity");
  }
  if (!parameters.tags.empty()) actions.push_back("sts:TagSession");
  for (const auto& [key, text] : parameters.tags) {
    // A tag of an optional ticket is left out where there is none.
    if (text.find("{ticket}") == std::string::npos) required.push_back("aws:RequestTag/" + key);
  }
  Json allow = {{"Effect", "Allow"},
                {"Principal", {{"AWS", lasting_principal(principal)}}},
                {"Action", std::move(actions)}};
  if (!parameters.external_id.empty()) {
    allow["Condition"] = {{"StringEquals", {{"sts:ExternalId", parameters.external_id}}}};
  }
  std::vector<TrustStatement> statements{{"lets the base identity in", canonical_json(allow)}};
  for (const std::string& key : required) {
    statements.push_back({"demands " + key, canonical_json(deny_without(key))});
  }
  return statements;
}

}  // namespace prodaccess
