#include "providers/aws/aws_parameters.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/aws/aws_endpoint.h"
#include "providers/aws/session_text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kMostPolicyArns = 10;
constexpr std::size_t kMostTags = 50;
constexpr std::size_t kLongestPolicy = 2048;
constexpr Seconds kShortestSession{900};
constexpr Seconds kLongestSession{43'200};

bool is_account(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string take_role_arn(ConfigTable& table) {
  const std::string arn = table.take_string("role_arn").value_or("");
  if (!arn.empty() && !parse_role_arn(arn)) {
    table.fail("role_arn", "'role_arn' is not arn:PARTITION:iam::ACCOUNT:role/NAME");
  }
  return arn;
}

std::string take_path(ConfigTable& table, const std::string& key) {
  const std::string path = table.take_string(key).value_or("");
  if (!path.empty() && path.front() != '/') {
    table.fail(key, "'" + key + "' must be an absolute path");
  }
  return path;
}

std::vector<std::string> take_command(ConfigTable& table, const std::string& key) {
  std::vector<std::string> words = table.take_strings(key);
  if (!words.empty() && !words.front().starts_with('/')) {
    table.fail(key, "'" + key + "' begins with an absolute path");
  }
  return words;
}

AwsSessionPolicy take_policy(ConfigTable& table) {
  AwsSessionPolicy taken;
  taken.policy = table.take_string("policy").value_or("");
  taken.policy_arns = table.take_strings("policy_arns");
  if (taken.policy_arns.size() > kMostPolicyArns) {
    table.fail("policy_arns", "'policy_arns' may have 10 at most");
  }
  for (const std::string& arn : taken.policy_arns) {
    if (!arn.starts_with("arn:") || arn.find(":policy/") == std::string::npos) {
      table.fail("policy_arns", "'" + escape_for_terminal(arn) + "' is no ARN of a policy");
    }
  }
  if (taken.policy.empty()) return taken;
  try {
    taken.policy = parse_json_strictly(taken.policy, "the session policy").dump();
  } catch (const Error& error) {
    table.fail("policy", "'policy' is not a JSON document: " + std::string(error.what()));
  }
  if (taken.policy.size() > kLongestPolicy) {
    table.fail("policy", "'policy' is longer than 2048 characters",
               {"name a managed policy in policy_arns"});
  }
  return taken;
}

void require_template(const ConfigTable& table, const std::string& key, const std::string& text) {
  try {
    fill_session_text(text, SessionWords{});
  } catch (const Error& error) {
    table.fail(key, "'" + key + "': " + error.what());
  }
}

void take_names(ConfigTable& table, AwsParameters& into) {
  into.session_name = table.take_string("session_name").value_or("{person}");
  into.source_identity = table.take_string("source_identity").value_or("");
  require_template(table, "session_name", into.session_name);
  require_template(table, "source_identity", into.source_identity);
  into.external_id = table.take_string("external_id").value_or("");
  if (!into.external_id.empty() && !is_session_word(into.external_id, 2, 1224, ":/")) {
    table.fail("external_id", "'external_id' has 2 to 1224 of letters, digits and _+=,.@:/-");
  }
}

void take_tags(ConfigTable& table, AwsParameters& into) {
  if (auto tags = table.take_table("tags")) {
    for (const std::string& key : tags->keys()) {
      if (session_tag_text(key, 128) != key || key.empty()) {
        tags->fail(key, "not the key of a session tag");
      }
      into.tags.emplace_back(key, tags->require_string(key));
      require_template(*tags, key, into.tags.back().second);
    }
    if (into.tags.size() > kMostTags) tags->fail("", "at most 50 session tags");
  }
  into.transitive_tags = table.take_strings("transitive_tags");
  for (const std::string& key : into.transitive_tags) {
    const bool known = std::any_of(into.tags.begin(), into.tags.end(),
                                   [&](const auto& tag) { return tag.first == key; });
    if (!known) {
      table.fail("transitive_tags", "'" + escape_for_terminal(key) + "' is not a key of 'tags'");
    }
  }
}

void take_tiers(ConfigTable& table, AwsParameters& into) {
  auto tiers = table.take_table("tiers");
  if (!tiers) return;
  if (auto read = tiers->take_table("read")) {
    into.read_role_arn = take_role_arn(*read);
    into.read_policy = take_policy(*read);
    into.read_tier = true;
    if (into.read_policy.empty() && into.read_role_arn.empty()) {
      read->fail("", "the read tier needs policy_arns, policy or role_arn",
                 {"policy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]"});
    }
    read->finish();
  }
  tiers->finish();
}

AwsBase base_kind(ConfigTable& table, const AwsBaseParameters& given, bool sso) {
  static const std::vector<std::string> kNames{
      "chain",          "environment", "profile",  "token-file", "token-variable",
      "github-actions", "container",   "instance", "command",    "sso"};
  const auto named = table.take_choice("base", kNames);
  if (named) {
    const auto at = std::find(kNames.begin(), kNames.end(), *named);
    return static_cast<AwsBase>(at - kNames.begin());
  }
  if (sso) return AwsBase::Sso;
  if (!given.profile.empty()) return AwsBase::Profile;
  if (!given.token_file.empty()) return AwsBase::TokenFile;
  if (!given.token_variable.empty()) return AwsBase::TokenVariable;
  return given.credential_process.empty() ? AwsBase::Chain : AwsBase::Command;
}

// Each kind has its own key, and no other kind's.
void check_base(const ConfigTable& table, const AwsBaseParameters& base, bool sso) {
  const auto check = [&](const std::string& key, bool given, AwsBase kind) {
    if (given && base.kind != kind) table.fail(key, "'" + key + "' does not go with this 'base'");
    if (!given && base.kind == kind) table.fail("base", "this 'base' needs '" + key + "'");
  };
  check("profile", !base.profile.empty(), AwsBase::Profile);
  check("token_file", !base.token_file.empty(), AwsBase::TokenFile);
  check("token_variable", !base.token_variable.empty(), AwsBase::TokenVariable);
  check("credential_process", !base.credential_process.empty(), AwsBase::Command);
  check("sso", sso, AwsBase::Sso);
}

void take_base(ConfigTable& table, AwsParameters& into) {
  AwsBaseParameters& base = into.base;
  base.profile = table.take_string("profile").value_or("");
  base.token_file = take_path(table, "token_file");
  base.token_variable = table.take_string("token_variable").value_or("");
  base.audience = table.take_string("audience").value_or(base.audience);
  base.credential_process = take_command(table, "credential_process");
  base.allow_credential_process = table.take_bool("allow_credential_process").value_or(false);
  const bool sso = into.clients.sso.has_value();
  base.kind = base_kind(table, base, sso);
  check_base(table, base, sso);
  into.mfa_serial = table.take_string("mfa_serial").value_or("");
  into.mfa_command = take_command(table, "mfa_command");
  const bool web = base.kind == AwsBase::TokenFile || base.kind == AwsBase::TokenVariable ||
                   base.kind == AwsBase::GithubActions;
  if (!web) return;
  if (into.role_arn.empty()) table.fail("role_arn", "an identity token needs a 'role_arn'");
  for (const char* key : {"tags", "source_identity", "external_id", "mfa_serial"}) {
    if (table.has(key)) {
      table.fail(key, "AssumeRoleWithWebIdentity takes no '" + std::string(key) +
                          "': the token's claims stand for it");
    }
  }
}

void take_place(ConfigTable& table, AwsParameters& into) {
  into.role_arn = take_role_arn(table);
  into.account = table.take_string("account").value_or("");
  if (!into.account.empty() && !is_account(into.account)) {
    table.fail("account", "'account' has 12 digits");
  }
  const auto arn = parse_role_arn(into.role_arn);
  if (arn && into.account.empty()) into.account = arn->account;
  if (arn && into.account != arn->account) {
    table.fail("account", "'account' is not that of 'role_arn'");
  }
  if (into.account.empty()) {
    table.fail("account", "'role_arn' or 'account' is missing",
               {"role_arn = \"arn:aws:iam::123456789012:role/NAME\""});
  }
  into.region = table.take_string("region").value_or("");
  if (!into.region.empty() && !is_aws_region(into.region)) {
    table.fail("region", "'region' is not the name of a region, like eu-west-1");
  }
  into.endpoint = table.take_string("endpoint").value_or("");
  into.ca_file = take_path(table, "ca_file");
  try {
    aws_endpoint("sts", into.region.empty() ? "us-east-1" : into.region, into.endpoint);
  } catch (const Error& error) {
    table.fail("endpoint", "'endpoint': " + std::string(error.what()));
  }
}

void take_duration(ConfigTable& table, AwsParameters& into) {
  into.duration = table.take_duration("duration");
  if (into.duration && (*into.duration < kShortestSession || *into.duration > kLongestSession)) {
    table.fail("duration", "'duration' is 15m to 12h");
  }
}

}  // namespace

std::optional<AwsRoleArn> parse_role_arn(std::string_view text) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() != 6 || parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "iam" ||
      !parts[3].empty() || !is_account(parts[4]) || !parts[5].starts_with("role/")) {
    return std::nullopt;
  }
  const std::string name = parts[5].substr(parts[5].rfind('/') + 1);
  if (!is_session_word(name, 1, 64) || !is_session_word(parts[5], 1, 600, "/") ||
      !is_session_word(parts[1], 1, 32)) {
    return std::nullopt;
  }
  return AwsRoleArn{parts[1], parts[4], name};
}

std::string AwsRoleArn::session_arn(const std::string& session) const {
  return "arn:" + partition + ":sts::" + account + ":assumed-role/" + name + "/" + session;
}

AwsParameters read_aws_parameters(ConfigTable table) {
  AwsParameters read;
  take_place(table, read);
  read.clients = take_client_parameters(table);
  if (auto& sso = read.clients.sso; sso && sso->account.empty()) sso->account = read.account;
  take_base(table, read);
  take_names(table, read);
  take_tags(table, read);
  read.policy = take_policy(table);
  take_tiers(table, read);
  take_duration(table, read);
  if (read.clients.revoke.by_source_identity && read.source_identity.empty()) {
    table.fail("revoke", "to deny by source identity the role needs a 'source_identity'",
               {"source_identity = \"{person}\""});
  }
  if (read.role_arn.empty() && (read.read_tier || !read.policy.empty())) {
    table.fail("role_arn", "a session policy needs a 'role_arn': other sessions take none");
  }
  table.finish();
  return read;
}

}  // namespace prodaccess
