#include "providers/vault/vault_probe.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/vault/grant_tokens.h"
#include "providers/vault/vault_engine.h"

namespace prodaccess {
namespace {

using State = ProbeFinding::State;

constexpr Seconds kSkew{120};
constexpr Seconds kProbeLife{60};
constexpr Seconds kSoon{600};

std::string health_words(int status) {
  switch (status) {
    case 200: return "active";
    case 429: return "standby, passes requests on";
    case 472: return "standby for disaster recovery: it answers no request";
    case 473: return "performance standby";
    case 501: return "not initialised";
    case 503: return "sealed";
    default: return "status " + std::to_string(status);
  }
}

std::string policy_line(const std::string& path, const std::string& capability) {
  return "path \"" + path + "\" { capabilities = [\"" + capability + "\"] }";
}

}  // namespace

void VaultProbe::add(State state, const std::string& subject, const std::string& detail,
                     const std::string& hint) {
  findings_.push_back({state, subject, detail, hint});
}

void VaultProbe::look_at_server() {
  VaultCall call;
  call.path = "sys/health";
  const HttpResponse response = client_.send(call);
  const bool serves = response.status == 200 || response.status == 429 || response.status == 473;
  Json health = Json::object();
  try {
    health = parse_json_strictly(response.body.view(), "the reply of sys/health");
  } catch (const Error& error) {
    add(State::Bad, "reachability", error.what(), "is this the address of a Vault or OpenBao?");
    return;
  }
  const Json version = health.is_object() ? health.value("version", Json()) : Json();
  add(serves ? State::Good : State::Bad, "reachability",
      parameters_.server.nodes.front() + ", " + health_words(response.status) +
          (version.is_string() ? ", version " + escape_for_terminal(version.get<std::string>())
                               : ""),
      response.status == 503 ? "vault operator unseal" : "");
  const Json time = health.is_object() ? health.value("server_time_utc", Json()) : Json();
  if (!time.is_number_integer()) return;
  const auto skew = std::chrono::round<std::chrono::seconds>(
      std::chrono::abs(WallTime{Seconds{time.get<std::int64_t>()}} - clock_.wall_now()));
  add(skew > kSkew ? State::Bad : State::Good, "clock skew", format_duration(skew),
      skew > kSkew ? "set this machine's clock: timedatectl set-ntp true" : "");
}

void VaultProbe::look_at_login(const VaultSession& session) {
  VaultCall call;
  call.path = "auth/token/lookup-self";
  call.token = session.token.view();
  const VaultReply reply = client_.call(call, "say who we are");
  const bool root = reply.text("policies").find("root") != std::string::npos;
  std::string policies = reply.text("policies");
  std::replace(policies.begin(), policies.end(), '\n', ',');
  add(root ? State::Warning : State::Good, "identity",
      escape_for_terminal(reply.text("display_name")) + ", policies " +
          escape_for_terminal(policies),
      root ? "a root token can do everything, for ever: use a login with a policy of its own" : "");
  const bool lent = !session.fresh && session.until;
  if (lent && *session.until < clock_.wall_now() + kSoon) {
    add(State::Warning, "login", "its token ends at " + format_rfc3339(*session.until),
        "prodaccess login " + vault_login_name(parameters_));
  }
}

void VaultProbe::look_at_role(const VaultSession& session, const Role& role) {
  look_at_tier(session, role, Tier::Wide);
  if (parameters_.read) look_at_tier(session, role, Tier::Read);
  look_at_revocation(session);
}

bool VaultProbe::may(std::string_view token, const std::string& path,
                     const std::string& capability) {
  VaultCall call;
  call.method = "POST";
  call.path = "sys/capabilities-self";
  call.token = token;
  call.body = seal(canonical_json({{"paths", {path}}}));
  const std::string found =
      "\n" + client_.call(call, "say what we may do").text("capabilities") + "\n";
  return found.find("\n" + capability + "\n") != std::string::npos ||
         found.find("\nroot\n") != std::string::npos;
}

void VaultProbe::look_at_tier(const VaultSession& session, const Role& role, Tier tier) {
  const std::string subject = std::string(tier_name(tier)) + " tier of " + role.name;
  const VaultTarget& target = parameters_.target(tier);
  VaultSession lent;
  lent.token = session.token.duplicate();
  GrantTokens tokens(client_, clock_, std::move(lent));
  if (target.makes_token()) {
    const IssueRequest request{role, {}, "", "probe", tier, clock_.wall_now() + kProbeLife};
    try {
      tokens.make(parameters_, request, kProbeLife, {});
    } catch (const VaultRefusal& refusal) {
      add(State::Bad, subject, refusal.what(), policy_line("auth/token/create", "update"));
      return;
    }
  }
  if (parameters_.engine == VaultEngine::Token) {
    add(State::Good, subject, "a token can be made", "");
    return;
  }
  const EngineRequest wanted = engine_request(parameters_, tier, kProbeLife, "");
  const std::string path = wanted.path.substr(0, wanted.path.find('?'));
  const bool good = may(tokens.token().view(), path, wanted.capability());
  add(good ? State::Good : State::Bad, subject,
      path + (good ? " may be asked" : " may not be asked"),
      good ? "" : policy_line(path, wanted.capability()));
}

void VaultProbe::look_at_revocation(const VaultSession& session) {
  std::vector<std::string> missing;
  std::vector<std::string> paths{"auth/token/revoke-accessor", "auth/token/lookup-accessor"};
  if (parameters_.engine == VaultEngine::Pki) paths.push_back(parameters_.wide.mount + "/revoke");
  const bool leases =
      parameters_.engine == VaultEngine::Database || parameters_.engine == VaultEngine::Aws ||
      parameters_.engine == VaultEngine::Generic || parameters_.engine == VaultEngine::Kubernetes;
  if (leases) paths.emplace_back("sys/leases/revoke");
  for (const std::string& path : paths) {
    if (!may(session.token.view(), path, "update")) missing.push_back(policy_line(path, "update"));
  }
  if (!missing.empty()) {
    add(State::Warning, "revocation", "our own login may not end everything that it makes",
        join(missing, "  "));
    return;
  }
  switch (parameters_.engine) {
    case VaultEngine::Ssh:
    case VaultEngine::Kv:
    case VaultEngine::Gcp:
      add(State::Warning, "revocation",
          "tokens are ended, but what this engine gives out lives on to its own end");
      break;
    case VaultEngine::Aws:
      add(State::Warning, "revocation",
          "users that the engine makes go with their lease; temporary keys live on to their own "
          "end");
      break;
    case VaultEngine::Kubernetes:
      add(State::Good, "revocation",
          "accounts that the engine makes go with their lease; a token of one that was there "
          "before lives on to its own end");
      break;
    default: add(State::Good, "revocation", "tokens and leases are ended and looked up");
  }
}

}  // namespace prodaccess
