#include "providers/gcp/gcp_provider.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/gcp/base_identity.h"
#include "providers/gcp/gcp_probe.h"
#include "providers/gcp/google_api.h"
#include "providers/gcp/library_service.h"
#include "providers/gcp/token_issuer.h"

namespace prodaccess {
namespace {

constexpr const char* kTokenVariable = "PRODACCESS_TOKEN";

GcpParameters parameters_of(const Role& role) { return read_gcp_parameters(role.parameters); }

std::string base_words(const GcpParameters& parameters) {
  switch (parameters.auth) {
    case GcpAuth::CredentialsFile: return "the credentials in " + parameters.credentials;
    case GcpAuth::ApplicationDefault: return "the application default login";
    case GcpAuth::Federation: return "the federation in " + parameters.credentials;
    case GcpAuth::Metadata: return "this machine's service account";
    case GcpAuth::Gcloud: return "gcloud's login";
  }
  return "";
}

std::string target_of(const GcpParameters& parameters) {
  if (!parameters.audience.empty()) return "audience " + parameters.audience;
  return parameters.project.empty() ? "Google Cloud" : "project " + parameters.project;
}

std::string short_scope(const std::string& scope) {
  const std::size_t slash = scope.rfind('/');
  return slash == std::string::npos ? scope : scope.substr(slash + 1);
}

std::string tier_words(const GcpTier& tier) {
  std::vector<std::string> parts;
  if (!tier.service_account.empty()) parts.push_back(tier.service_account);
  if (tier.scopes_given) {
    std::vector<std::string> scopes;
    std::transform(tier.scopes.begin(), tier.scopes.end(), std::back_inserter(scopes), short_scope);
    parts.push_back("scopes " + join(scopes, ", "));
  }
  for (const GcpBoundaryRule& rule : tier.boundary) {
    parts.push_back("only " + join(rule.permissions, ", ") + " on " + rule.resource);
  }
  return parts.empty() ? "the base identity's own rights" : join(parts, "; ");
}

Json tier_shape(const GcpTier& tier) {
  Json boundary = Json::array();
  for (const GcpBoundaryRule& rule : tier.boundary) {
    boundary.push_back({rule.resource, rule.permissions, rule.condition});
  }
  return {{"service_account", tier.service_account},
          {"delegates", tier.delegates},
          {"scopes", tier.scopes},
          {"boundary", std::move(boundary)}};
}

// "KIND ACCOUNT END"; the kind's blanks are hyphens.
std::string handle_text(GcpKind kind, const std::string& account, WallTime end) {
  std::string words = gcp_kind_words(kind);
  std::replace(words.begin(), words.end(), ' ', '-');
  return words + " " + (account.empty() ? "-" : escape_for_terminal(account)) + " " +
         format_rfc3339(std::chrono::ceil<std::chrono::seconds>(end));
}

struct Handle {
  std::string kind;
  std::string account;
  WallTime end{};
};

Handle read_handle(const std::string& text) {
  const auto parts = split(text, ' ');
  const auto end = parts.size() == 3 ? parse_rfc3339(parts[2]) : std::nullopt;
  if (!end) {
    throw Error(ErrorCode::Provider,
                "not a handle of the GCP provider: " + escape_for_terminal(text));
  }
  std::string kind = parts[0];
  std::replace(kind.begin(), kind.end(), '-', ' ');
  return {std::move(kind), parts[1] == "-" ? "" : parts[1], *end};
}

void add(std::vector<std::pair<std::string, Secret>>& variables, const char* name,
         std::string_view value) {
  variables.emplace_back(name, Secret(value));
}

// Whether Google's APIs take the token as it is.
bool opens_apis(const GcpParameters& parameters) {
  return parameters.kind == GcpKind::AccessToken ||
         (parameters.kind == GcpKind::Jwt && parameters.audience.empty());
}

// The notes that `status` shows: what outlives the grant, and what does not last as long.
std::vector<std::string> notes_on(const GcpParameters& parameters, WallTime end, WallTime until) {
  const WallTime shown = std::chrono::ceil<std::chrono::seconds>(end);
  std::vector<std::string> notes;
  if (parameters.revoke_login) {
    notes.push_back("revoking it ends the login that it came from");
  } else {
    notes.push_back("cannot be taken back: Google accepts the token until " +
                    format_rfc3339(shown));
  }
  if (end + Seconds{1} < until) {
    notes.push_back("a command that runs on after " + format_rfc3339(shown) +
                    " has a dead token in its variables; libraries get the next one");
  }
  return notes;
}

}  // namespace

GcpProvider::GcpProvider(GcpHost host) : host_(std::move(host)) {}

void GcpProvider::check(const Role& role) const { parameters_of(role); }

std::vector<std::string> GcpProvider::tools(const Role& role) const {
  if (parameters_of(role).kind != GcpKind::AccessToken) return {};
  return {"gcloud", "gsutil", "bq", "terraform"};
}

std::optional<Effect> GcpProvider::narrowed(const Role& role) const {
  const GcpParameters parameters = parameters_of(role);
  const bool reads = parameters.kind == GcpKind::AccessToken && only_reads(parameters.wide);
  return reads ? std::optional<Effect>(Effect::Read) : std::nullopt;
}

bool GcpProvider::has_tiers(const Role& role) const { return parameters_of(role).read.has_value(); }

IssuedDescription GcpProvider::describe(const Role& role) const {
  const GcpParameters parameters = parameters_of(role);
  IssuedDescription words;
  words.target = target_of(parameters);
  words.identity = parameters.wide.service_account.empty() ? base_words(parameters)
                                                           : parameters.wide.service_account;
  words.notes.push_back(gcp_kind_words(parameters.kind) + ": " + tier_words(parameters.wide));
  if (parameters.read) words.notes.push_back("reads: " + tier_words(*parameters.read));
  words.notes.push_back(parameters.revoke_login
                            ? "revoking it ends the login that it came from"
                            : "tokens cannot be taken back: they live up to " +
                                  std::string(parameters.lifetime_extension ? "12h" : "1h"));
  return words;
}

std::string GcpProvider::shape(const Role& role) const {
  const GcpParameters parameters = parameters_of(role);
  return canonical_json({{"auth", static_cast<int>(parameters.auth)},
                         {"credentials", parameters.credentials},
                         {"gcloud_account", parameters.gcloud_account},
                         {"kind", static_cast<int>(parameters.kind)},
                         {"audience", parameters.audience},
                         {"account", parameters.account},
                         {"universe", parameters.endpoints.universe},
                         {"oauth2", parameters.endpoints.oauth2},
                         {"project", parameters.project},
                         {"quota_project", parameters.quota_project},
                         {"lifetime_extension", parameters.lifetime_extension},
                         {"wide", tier_shape(parameters.wide)},
                         {"read", parameters.read ? tier_shape(*parameters.read) : Json()}});
}

Issued GcpProvider::issue(const IssueRequest& request, const HandleObserver& on_handle) {
  const GcpParameters parameters = parameters_of(request.role);
  GoogleApi api(host_.http, host_.clock, parameters.endpoints, parameters.quota_project);
  const auto base = make_base_identity(host_, api, parameters);
  const WallTime now = host_.clock.wall_now();
  const Seconds life = std::chrono::floor<std::chrono::seconds>(request.until - now);
  Credential credential;
  TokenIssuer issuer(*base, api, parameters, [&](const std::string& account, WallTime end) {
    credential.handle = handle_text(parameters.kind, account, end);
    on_handle(credential.handle);
  });
  IssuedToken issued = issuer.issue(request.tier, life);
  if (issued.token.expires_at <= now) {
    throw Error(ErrorCode::Provider, "Google issued a token that has expired",
                {"prodaccess doctor gcp   compares the clocks"});
  }
  credential.tier = request.tier;
  credential.issued_at = now;
  credential.issued_boot = host_.clock.boot_now();
  credential.boot_id = host_.clock.boot_id();
  credential.expires_at = std::min(issued.token.expires_at, request.until);
  credential.fields.emplace("token", std::move(issued.token.token));
  credential.fields.emplace("account", Secret(issued.account));
  credential.fields.emplace("project", Secret(parameters.project));
  IssuedDescription words;
  words.target = target_of(parameters);
  words.identity = issued.account.empty() ? base->words() : escape_for_terminal(issued.account);
  words.notes = notes_on(parameters, issued.token.expires_at, request.until);
  return {std::move(credential), std::move(words)};
}

std::optional<Issued> GcpProvider::renew(const IssueRequest&, const Credential&) {
  return std::nullopt;  // Google's tokens have one life
}

RevokeOutcome GcpProvider::revoke(const Role& role, const std::string& handle, const Credential*) {
  const Handle read = read_handle(handle);
  const GcpParameters parameters = parameters_of(role);
  const std::string what = read.kind + (read.account.empty() ? "" : " of " + read.account);
  RevokeOutcome outcome;
  if (read.end <= host_.clock.wall_now()) {
    outcome.detail = "the " + what + " ended by itself at " + format_rfc3339(read.end);
    return outcome;
  }
  if (parameters.revoke_login) {
    GoogleApi api(host_.http, host_.clock, parameters.endpoints, parameters.quota_project);
    make_base_identity(host_, api, parameters)->revoke_login();
    outcome.state = RevokeOutcome::State::Revoked;
    outcome.detail = "the login was revoked at Google, and with it the " + what;
    return outcome;
  }
  outcome.detail = "Google cannot take the " + what + " back";
  if (read.account.ends_with(".gserviceaccount.com")) {
    outcome.detail +=
        " (for all who use the account: gcloud iam service-accounts disable " + read.account + ")";
  }
  outcome.alive_until = read.end;
  return outcome;
}

std::vector<ProbeFinding> GcpProvider::probe(const Role& role) {
  return probe_gcp(host_, parameters_of(role));
}

std::vector<std::pair<std::string, Secret>> GcpProvider::environment(
    const Role& role, const Credential& credential) const {
  const GcpParameters parameters = parameters_of(role);
  const std::string_view token = credential.fields.at("token").view();
  std::vector<std::pair<std::string, Secret>> variables;
  if (opens_apis(parameters)) {
    add(variables, "CLOUDSDK_AUTH_ACCESS_TOKEN", token);
    // A setting of the user's own gcloud would make it somebody else with our token.
    add(variables, "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT", "");
    add(variables, "GOOGLE_OAUTH_ACCESS_TOKEN", token);
  } else {
    add(variables, kTokenVariable, token);
  }
  if (!parameters.project.empty()) {
    add(variables, "CLOUDSDK_CORE_PROJECT", parameters.project);
    add(variables, "GOOGLE_CLOUD_PROJECT", parameters.project);
  }
  if (!parameters.quota_project.empty()) {
    add(variables, "CLOUDSDK_BILLING_QUOTA_PROJECT", parameters.quota_project);
    add(variables, "GOOGLE_CLOUD_QUOTA_PROJECT", parameters.quota_project);
  }
  return variables;
}

std::vector<std::string> GcpProvider::rival_variables() const {
  return {"GOOGLE_*",
          "CLOUDSDK_AUTH_*",
          "CLOUDSDK_CORE_ACCOUNT",
          "CLOUDSDK_CORE_PROJECT",
          "CLOUDSDK_API_ENDPOINT_OVERRIDES_*",
          "CLOUDSDK_BILLING_QUOTA_PROJECT",
          "GCLOUD_PROJECT",
          "GCE_METADATA_*",
          "NO_GCE_CHECK"};
}

std::unique_ptr<ChildService> GcpProvider::serve(const ServedRun& run) {
  if (!opens_apis(parameters_of(run.role))) return nullptr;
  return std::make_unique<LibraryService>(
      LibraryService::Place{host_.clock, host_.random, host_.files, run.folder(), host_.program},
      run.fresh_credential(host_.clock));
}

ExecutableClient gcp_executable_client(Files& files, const Role& role) {
  const GcpParameters parameters = parameters_of(role);
  if (parameters.kind == GcpKind::SubjectToken) {
    const ExternalAccountFile file = read_federation_file(files, parameters);
    if (file.subject_token_type != kIdTokenType && file.subject_token_type != kJwtType) {
      throw Error(ErrorCode::Usage,
                  "libraries take no " + file.subject_token_type + " from a program");
    }
    const std::string url =
        file.service_account.empty()
            ? ""
            : parameters.endpoints.service_account_url(file.service_account, "generateAccessToken");
    return {file.audience, file.subject_token_type, url, ""};
  }
  const std::string pool = parameters.audience.starts_with("https:") ? parameters.audience.substr(6)
                                                                     : parameters.audience;
  if (parameters.kind != GcpKind::IdToken || !pool.starts_with("//iam.") ||
      pool.find("/providers/") == std::string::npos) {
    throw Error(ErrorCode::Usage,
                "role " + role.name + " issues nothing that a library could exchange",
                {"kind = \"subject-token\" with 'federation'",
                 "kind = \"id-token\", audience = \"https://iam.googleapis.com/projects/NUMBER/"
                 "locations/global/workloadIdentityPools/POOL/providers/PROVIDER\""});
  }
  return {pool, kIdTokenType, "", ""};
}

}  // namespace prodaccess
