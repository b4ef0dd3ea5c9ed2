#include "providers/gcp/gcp_parameters.h"

#include <algorithm>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kMostRules = 10;           // Google's limits for boundaries
constexpr std::size_t kLongestCondition = 2048;  // characters
constexpr std::size_t kMostDelegates = 10;

bool is_printable(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::string take_path(ConfigTable& table, const std::string& key) {
  const auto path = table.take_string(key);
  if (path && !path->starts_with('/')) table.fail(key, "'" + key + "' must be an absolute path");
  return path.value_or("");
}

std::string take_word(ConfigTable& table, const std::string& key, std::size_t longest) {
  const auto text = table.take_string(key);
  if (text && !is_printable(*text, longest)) table.fail(key, "'" + key + "' is no plain word");
  return text.value_or("");
}

void check_accounts(const ConfigTable& table, const std::string& key,
                    const std::vector<std::string>& accounts) {
  for (const std::string& account : accounts) {
    if (is_service_account(account)) continue;
    table.fail(key,
               "'" + key + "' must name a service account: NAME@PROJECT.iam.gserviceaccount.com");
  }
}

// "compute.readonly" is short for its URL.
std::string whole_scope(const std::string& scope) {
  if (scope.find("://") != std::string::npos || scope == "openid" || scope == "email") return scope;
  return "https://www.googleapis.com/auth/" + scope;
}

std::vector<GcpBoundaryRule> take_boundary(ConfigTable& table) {
  std::vector<GcpBoundaryRule> rules;
  for (ConfigTable& rule : table.take_tables("boundary")) {
    GcpBoundaryRule read;
    read.resource = rule.require_string("resource");
    if (!read.resource.starts_with("//storage.") || !is_printable(read.resource, 1024)) {
      rule.fail("resource",
                "'resource' must be //storage.googleapis.com/projects/_/buckets/NAME: boundaries "
                "work for Cloud Storage only");
    }
    read.permissions = rule.take_strings("permissions");
    const bool roles =
        std::all_of(read.permissions.begin(), read.permissions.end(), [](const std::string& text) {
          return text.starts_with("inRole:") && is_printable(text, 256);
        });
    if (read.permissions.empty() || !roles) {
      rule.fail("permissions", "'permissions' must be a list of \"inRole:roles/...\"");
    }
    read.condition = rule.take_string("condition").value_or("");
    if (read.condition.size() > kLongestCondition || !is_utf8(read.condition)) {
      rule.fail("condition", "'condition' is longer than Google takes (2048 characters)");
    }
    rule.finish();
    rules.push_back(std::move(read));
  }
  if (rules.size() > kMostRules) table.fail("boundary", "Google takes at most 10 boundary rules");
  return rules;
}

// What `table` says, on top of `base`.
GcpTier take_tier(ConfigTable& table, GcpTier base) {
  if (table.has("service_account")) {
    base.service_account = table.require_string("service_account");
    check_accounts(table, "service_account", {base.service_account});
    base.delegates.clear();
  }
  if (table.has("delegates")) {
    base.delegates = table.take_strings("delegates");
    check_accounts(table, "delegates", base.delegates);
    if (base.delegates.size() > kMostDelegates) table.fail("delegates", "too many delegates");
  }
  if (table.has("scopes")) {
    base.scopes = table.take_strings("scopes");
    base.scopes_given = true;
    for (std::string& scope : base.scopes) {
      scope = whole_scope(scope);
      if (!is_printable(scope, 256)) table.fail("scopes", "'scopes' must be words or URLs");
    }
    if (base.scopes.empty()) table.fail("scopes", "'scopes' must name one at least");
  }
  if (table.has("boundary")) base.boundary = take_boundary(table);
  if (!base.delegates.empty() && base.service_account.empty()) {
    table.fail("delegates", "'delegates' lead to a 'service_account', and there is none");
  }
  return base;
}

void take_tiers(ConfigTable& table, GcpParameters& into) {
  GcpTier whole;
  whole.scopes = {kCloudPlatformScope};
  whole = take_tier(table, std::move(whole));
  into.wide = whole;
  auto tiers = table.take_table("tiers");
  if (!tiers) return;
  if (auto wide = tiers->take_table("wide")) {
    into.wide = take_tier(*wide, whole);
    wide->finish();
  }
  if (auto read = tiers->take_table("read")) {
    into.read = take_tier(*read, whole);
    read->finish();
  }
  tiers->finish();
}

void take_auth(ConfigTable& table, GcpParameters& into) {
  const auto auth = table.take_choice(
      "auth", {"credentials-file", "application-default", "federation", "metadata", "gcloud"});
  const std::string credentials = take_path(table, "credentials");
  const std::string federation = take_path(table, "federation");
  const std::string wanted = auth.value_or(!federation.empty()    ? "federation"
                                           : !credentials.empty() ? "credentials-file"
                                                                  : "");
  if (wanted.empty()) {
    table.fail("auth",
               "'auth' is missing: credentials-file, application-default, federation, "
               "metadata or gcloud");
  }
  if ((wanted == "credentials-file") != !credentials.empty()) {
    table.fail("credentials", "'credentials' and auth = \"credentials-file\" need each other");
  }
  if ((wanted == "federation") != !federation.empty()) {
    table.fail("federation", "'federation' and auth = \"federation\" need each other");
  }
  if (wanted == "credentials-file") into.auth = GcpAuth::CredentialsFile;
  if (wanted == "application-default") into.auth = GcpAuth::ApplicationDefault;
  if (wanted == "federation") into.auth = GcpAuth::Federation;
  if (wanted == "metadata") into.auth = GcpAuth::Metadata;
  if (wanted == "gcloud") into.auth = GcpAuth::Gcloud;
  into.credentials = credentials + federation;
  into.allow_executable = table.take_bool("allow_executable").value_or(false);
  into.gcloud_account = take_word(table, "gcloud_account", 320);
  into.gcloud_program = take_path(table, "gcloud_program");
  const bool about_gcloud = !into.gcloud_account.empty() || !into.gcloud_program.empty();
  if (about_gcloud && into.auth != GcpAuth::Gcloud) {
    table.fail("auth", "'gcloud_account' and 'gcloud_program' go with auth = \"gcloud\"");
  }
}

void take_kind(ConfigTable& table, GcpParameters& into) {
  const std::string kind =
      table.take_choice("kind", {"access-token", "id-token", "jwt", "subject-token"})
          .value_or("access-token");
  if (kind == "id-token") into.kind = GcpKind::IdToken;
  if (kind == "jwt") into.kind = GcpKind::Jwt;
  if (kind == "subject-token") into.kind = GcpKind::SubjectToken;
  into.audience = take_word(table, "audience", 1024);
  if (into.kind == GcpKind::IdToken && into.audience.empty()) {
    table.fail("audience", "kind = \"id-token\" needs an 'audience'");
  }
  if (!into.audience.empty() && into.kind != GcpKind::IdToken && into.kind != GcpKind::Jwt) {
    table.fail("audience", "'audience' goes with kind = \"id-token\" or \"jwt\"");
  }
  into.lifetime_extension = table.take_bool("lifetime_extension").value_or(false);
  into.revoke_login = table.take_bool("revoke_login").value_or(false);
  into.account = take_word(table, "account", 320);
}

// What the keys say together.
void check_together(const ConfigTable& table, const GcpParameters& read) {
  for (const GcpTier* tier : {&read.wide, read.read ? &*read.read : &read.wide}) {
    const bool plain = tier->service_account.empty() && tier->boundary.empty();
    if (!tier->boundary.empty() && read.kind != GcpKind::AccessToken) {
      table.fail("boundary", "only access tokens can have a 'boundary'");
    }
    if (read.revoke_login && (!plain || read.kind != GcpKind::AccessToken)) {
      table.fail("revoke_login",
                 "'revoke_login' goes with an access token of the login itself: tokens of service "
                 "accounts and bounded tokens would go on");
    }
    const bool own = read.kind == GcpKind::Jwt || read.kind == GcpKind::SubjectToken;
    if (own && !tier->service_account.empty()) {
      table.fail("service_account", "this kind of credential comes from the base identity itself");
    }
    if (read.auth == GcpAuth::Gcloud && tier->scopes_given && tier->service_account.empty()) {
      table.fail("scopes",
                 "gcloud's login has the scopes it has; a 'service_account' can have fewer");
    }
  }
  if (read.revoke_login && read.read) {
    table.fail("revoke_login",
               "'revoke_login' goes with one credential a grant, not with tiers: the "
               "end of a command would end the login");
  }
  if (read.kind == GcpKind::SubjectToken && read.auth != GcpAuth::Federation) {
    table.fail("kind", "kind = \"subject-token\" needs 'federation'");
  }
}

bool is_reading_scope(const std::string& scope) {
  static const std::vector<std::string> kAboutOneself = {"openid", "email", kEmailScope};
  if (std::count(kAboutOneself.begin(), kAboutOneself.end(), scope) != 0) return true;
  return scope.ends_with(".readonly") || scope.ends_with("-readonly") ||
         scope.ends_with(".read-only") || scope.ends_with(".read_only") || scope.ends_with(".read");
}

bool is_reading_role(const std::string& permission) {
  static const std::vector<std::string> kReading = {
      "inRole:roles/storage.objectViewer", "inRole:roles/storage.legacyObjectReader",
      "inRole:roles/storage.legacyBucketReader", "inRole:roles/storage.bucketViewer"};
  return std::count(kReading.begin(), kReading.end(), permission) != 0;
}

}  // namespace

GcpParameters read_gcp_parameters(ConfigTable table) {
  GcpParameters read;
  take_auth(table, read);
  take_kind(table, read);
  read.project = take_word(table, "project", 64);
  read.quota_project = take_word(table, "quota_project", 64);
  read.endpoints = take_gcp_endpoints(table);
  take_tiers(table, read);
  check_together(table, read);
  table.finish();
  return read;
}

bool only_reads(const GcpTier& tier) {
  if (std::all_of(tier.scopes.begin(), tier.scopes.end(), is_reading_scope)) return true;
  return !tier.boundary.empty() &&
         std::all_of(tier.boundary.begin(), tier.boundary.end(), [](const GcpBoundaryRule& rule) {
           return std::all_of(rule.permissions.begin(), rule.permissions.end(), is_reading_role);
         });
}

std::string gcp_kind_words(GcpKind kind) {
  switch (kind) {
    case GcpKind::AccessToken: return "access token";
    case GcpKind::IdToken: return "ID token";
    case GcpKind::Jwt: return "self-signed token";
    case GcpKind::SubjectToken: return "subject token";
  }
  return "token";
}

}  // namespace prodaccess
