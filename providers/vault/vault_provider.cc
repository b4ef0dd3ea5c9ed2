#include "providers/vault/vault_provider.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/ed25519.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"
#include "core/os/files.h"
#include "providers/kubernetes/exec_credential.h"
#include "providers/kubernetes/kubeconfig.h"
#include "providers/kubernetes/token_service.h"
#include "providers/local/ssh_agent.h"
#include "providers/local/ssh_certificate.h"
#include "providers/local/ssh_private_key.h"
#include "providers/vault/grant_tokens.h"
#include "providers/vault/narrow_check.h"
#include "providers/vault/ssh_signed.h"
#include "providers/vault/vault_client.h"
#include "providers/vault/vault_engine.h"
#include "providers/vault/vault_handle.h"
#include "providers/vault/vault_probe.h"
#include "providers/vault/vault_revocation.h"
#include "providers/vault/vault_sign_in.h"

namespace prodaccess {
namespace {

VaultParameters parameters_of(const Role& role) { return read_vault_parameters(role.parameters); }

std::string target_words(const VaultParameters& parameters, const VaultTarget& target) {
  const std::string where =
      " at " + parameters.server.nodes.front() +
      (parameters.server.name_space.empty() ? "" : " in namespace " + parameters.server.name_space);
  if (parameters.engine == VaultEngine::Token) {
    return (target.token_role.empty() ? "token with " + join(target.policies, ", ")
                                      : "token of role " + target.token_role) +
           where;
  }
  const std::string& name = target.role.empty() ? target.path : target.role;
  return std::string(vault_engine_name(parameters.engine)) + " " +
         (target.mount.empty() ? name : target.mount + "/" + name) + where;
}

Json target_shape(const VaultTarget& target) {
  return {{"policies", target.policies}, {"token_role", target.token_role},
          {"mount", target.mount},       {"role", target.role},
          {"path", target.path},         {"method", target.method},
          {"data", target.data}};
}

void keep_earlier(std::optional<WallTime>& end, std::optional<WallTime> other) {
  if (other && (!end || *other < *end)) end = other;
}

}  // namespace

struct VaultProvider::Asked {
  VaultFields fields;
  VaultHandle handle;
  std::optional<WallTime> until;  // absent: no end of its own
};

// Ours to end, where the login made it.
struct VaultProvider::BaseSession {
  VaultServer server;
  VaultSession session;
};

VaultProvider::VaultProvider(SecretSources sources, const Clock& clock, Random& random,
                             std::filesystem::path program)
    : sources_(std::move(sources)),
      clock_(clock),
      random_(random),
      program_(std::move(program)),
      login_(sources_, clock) {}

VaultProvider::~VaultProvider() {
  for (const auto& [key, base] : sessions_) {
    if (!base.session.fresh) continue;
    try {
      VaultCall call;
      call.method = "POST";
      call.path = "auth/token/revoke-self";
      call.token = base.session.token.view();
      VaultClient(sources_.http, base.server).send(call);
    } catch (const std::exception&) {
      continue;  // nobody else knows it, and it ends by itself
    }
  }
}

void VaultProvider::check(const Role& role) const {
  const VaultParameters parameters = parameters_of(role);
  if (role.narrowed && (role.narrowed != Effect::Read || !can_be_checked(parameters.engine))) {
    throw Error(ErrorCode::Config,
                role.position.text() + ": 'narrowed' cannot be checked for engine \"" +
                    std::string(vault_engine_name(parameters.engine)) +
                    "\", so it cannot be counted on",
                {"leave it out; \"read\" is checked for engines token, database and kubernetes"});
  }
  const bool looked_at = role.narrowed || parameters.read;
  if (parameters.engine == VaultEngine::Kubernetes && looked_at && parameters.cluster.empty()) {
    throw Error(ErrorCode::Config, role.position.text() +
                                       ": a read tier is looked at in the cluster, so engine "
                                       "\"kubernetes\" needs 'server' for it");
  }
}

std::vector<std::string> VaultProvider::tools(const Role& role) const {
  return engine_tools(parameters_of(role).engine);
}

std::optional<Effect> VaultProvider::narrowed(const Role& role) const {
  return role.narrowed;  // checked with the server at each issue (require_narrow)
}

bool VaultProvider::has_tiers(const Role& role) const {
  return parameters_of(role).read.has_value();
}

IssuedDescription VaultProvider::describe(const Role& role) const {
  const VaultParameters parameters = parameters_of(role);
  IssuedDescription words;
  words.target = target_words(parameters, parameters.wide);
  if (parameters.read)
    words.notes.push_back("reads use " + target_words(parameters, *parameters.read));
  if (parameters.engine == VaultEngine::Kv) {
    words.notes.push_back("a stored secret: it outlives the grant and cannot be taken back");
  }
  if (parameters.engine == VaultEngine::Ssh) {
    words.notes.push_back("certificates cannot be taken back before their end");
  }
  return words;
}

std::string VaultProvider::shape(const Role& role) const {
  const VaultParameters parameters = parameters_of(role);
  const VaultLoginParameters& login = parameters.login;
  return canonical_json({{"nodes", parameters.server.nodes},
                         {"namespace", parameters.server.name_space},
                         {"login",
                          {static_cast<int>(login.method), login.mount, login.role, login.role_id,
                           login.username, login.secret_from}},
                         {"engine", static_cast<int>(parameters.engine)},
                         {"wide", target_shape(parameters.wide)},
                         {"read", parameters.read ? target_shape(*parameters.read) : Json()},
                         {"orphan", parameters.orphan},
                         {"default_policy", parameters.default_policy},
                         {"uses", parameters.uses},
                         {"kind", parameters.kind},
                         {"version", parameters.version},
                         {"principals", parameters.principals},
                         {"cluster", parameters.cluster},
                         {"cluster_namespace", parameters.cluster_namespace}});
}

Issued VaultProvider::issue(const IssueRequest& request, const HandleObserver& on_handle) {
  VaultParameters parameters = parameters_of(request.role);
  const bool checked = must_only_read(parameters, request.role, request.tier);
  if (checked && parameters.uses > 0) ++parameters.uses;  // our own look at it
  VaultClient client(sources_.http, parameters.server);
  const WallTime now = clock_.wall_now();
  GrantTokens tokens(client, clock_, login_.begin(client, parameters));
  tokens.make(parameters, request, request.role.ttl_max, on_handle);
  Asked asked = parameters.engine == VaultEngine::Token
                    ? hand_out_token(tokens)
                    : ask_engine(parameters, request, client, tokens);
  Credential credential;
  credential.handle = asked.handle.text();
  if (credential.handle != tokens.handle().text()) on_handle(credential.handle);
  credential.tier = request.tier;
  credential.issued_at = now;
  credential.issued_boot = clock_.boot_now();
  credential.boot_id = clock_.boot_id();
  credential.expires_at = std::min(request.until, asked.until.value_or(request.until));
  if (credential.expires_at <= now) {
    throw Error(ErrorCode::Provider,
                "what the server issued has ended already: " + format_rfc3339(*asked.until),
                {"compare this machine's clock with the server's: prodaccess doctor vault"});
  }
  credential.fields = std::move(asked.fields);
  if (checked)
    require_narrow({sources_.http, client, parameters, request.tier, tokens}, credential);
  IssuedDescription words = describe(request.role);
  words.target = target_words(parameters, parameters.target(request.tier));
  words.identity = std::string(credential.field("username"));
  if (asked.handle.lives_until && *asked.handle.lives_until > request.until + Seconds{1}) {
    words.notes.push_back("the credential itself lives until " +
                          format_rfc3339(*asked.handle.lives_until));
  }
  tokens.keep();
  made_.insert_or_assign(asked.handle.accessors.front(), tokens.root());
  return {std::move(credential), std::move(words)};
}

VaultProvider::Asked VaultProvider::hand_out_token(const GrantTokens& tokens) const {
  Asked asked;
  asked.handle = tokens.handle();
  asked.until = tokens.until();
  asked.fields.emplace("token", tokens.token().duplicate());
  asked.fields.emplace("accessor", Secret(asked.handle.accessors.back()));
  return asked;
}

VaultProvider::Asked VaultProvider::ask_engine(const VaultParameters& parameters,
                                               const IssueRequest& request, VaultClient& client,
                                               const GrantTokens& tokens) {
  const Seconds life = std::chrono::ceil<std::chrono::seconds>(request.until - clock_.wall_now());
  std::optional<Ed25519Key> key;
  std::string public_key;
  if (parameters.engine == VaultEngine::Ssh) {
    key.emplace(seal(random_.bytes(Ed25519Key::kSeedSize)));
    public_key = std::string(kSshEd25519) + " " + base64(ssh_ed25519_blob(key->public_key()));
  }
  const EngineRequest wanted = engine_request(parameters, request.tier, life, public_key);
  VaultCall call;
  call.method = wanted.method;
  call.path = wanted.path;
  call.body = seal(std::string(wanted.body));
  call.token = tokens.token().view();
  call.issues = parameters.engine != VaultEngine::Kv;
  VaultReply reply = client.call(call, "issue from " + wanted.path);
  Asked asked;
  asked.handle = tokens.handle();
  asked.handle.lease = reply.lease_id;
  lengthen_lease(client, tokens, request.until, reply);
  EngineEnd end;
  asked.fields = engine_fields(parameters, request.tier, reply, clock_.wall_now(), end);
  if (key) {
    const SshSigned read = read_ssh_certificate(asked.fields.at("certificate").view());
    if (read.public_key != key->public_key() || !read.user) {
      throw Error(ErrorCode::Provider, "the server signed another key than ours");
    }
    end.until = read.valid_before;
    asked.fields.emplace("private_key", format_private_key(*key, "prodaccess:" + request.grant_id));
  }
  if (!reply.lease_id.empty()) asked.until = clock_.wall_now() + reply.lease;
  // What hangs from the token ends with it; what the engine only signed does not.
  if (!reply.lease_id.empty() && end.revocable) keep_earlier(asked.until, tokens.until());
  keep_earlier(asked.until, end.until);
  if (!end.serial.empty()) {
    asked.handle.serial = end.serial;
    asked.handle.serial_mount = parameters.target(request.tier).mount;
    asked.handle.lives_until = end.until;
  }
  asked.handle.stored = end.stored;
  if (!end.revocable) asked.handle.lives_until = end.until ? end.until : request.until;
  return asked;
}

// The engine's default life may be shorter than the grant: one renewal asks for the rest, as far as
// the engine's own longest life allows. Nothing later could get more.
void VaultProvider::lengthen_lease(VaultClient& client, const GrantTokens& tokens, WallTime until,
                                   VaultReply& reply) const {
  const Seconds wanted = std::chrono::ceil<std::chrono::seconds>(until - clock_.wall_now());
  if (reply.lease_id.empty() || !reply.renewable || reply.lease >= wanted) return;
  VaultCall call;
  call.method = "POST";
  call.path = "sys/leases/renew";
  call.token = tokens.token().view();
  call.body = seal(canonical_json({{"lease_id", reply.lease_id}, {"increment", wanted.count()}}));
  try {
    const VaultReply longer = client.call(call, "lengthen the lease");
    reply.lease = std::max(reply.lease, longer.lease);
  } catch (const VaultRefusal&) {
    return;  // the shorter life is a life too, and is fetched again
  }
}

std::optional<Issued> VaultProvider::renew(const IssueRequest& request,
                                           const Credential& credential) {
  const VaultParameters parameters = parameters_of(request.role);
  const VaultHandle handle = VaultHandle::parse(credential.handle);
  // A token that is handed out has the grant's old end for good; what has no lease has no renewal.
  if (handle.lease.empty() || handle.lives_until) return std::nullopt;
  VaultClient client(sources_.http, parameters.server);
  const std::string token(base_session(client, parameters).token.view());
  const WallTime now = clock_.wall_now();
  const Seconds wanted = std::chrono::ceil<std::chrono::seconds>(request.until - now);
  std::optional<WallTime> until = request.until;
  const auto lengthen = [&](const std::string& path, const Json& body) {
    VaultCall call;
    call.method = "POST";
    call.path = path;
    call.token = token;
    call.body = seal(canonical_json(body));
    const VaultReply reply = client.call(call, "lengthen what was issued");
    keep_earlier(until, now + (reply.auth ? reply.auth->life : reply.lease));
  };
  try {
    for (const std::string& accessor : handle.accessors) {
      lengthen("auth/token/renew-accessor",
               {{"accessor", accessor}, {"increment", std::to_string(wanted.count()) + "s"}});
    }
    lengthen("sys/leases/renew", {{"lease_id", handle.lease}, {"increment", wanted.count()}});
  } catch (const VaultRefusal&) {
    return std::nullopt;  // dead, or not renewable, or not ours to renew: it is issued again
  }
  if (*until <= credential.expires_at) return std::nullopt;  // its longest life is reached
  Credential longer;
  longer.tier = credential.tier;
  longer.issued_at = now;
  longer.issued_boot = clock_.boot_now();
  longer.boot_id = clock_.boot_id();
  longer.expires_at = *until;
  longer.handle = credential.handle;
  for (const auto& [name, value] : credential.fields)
    longer.fields.emplace(name, value.duplicate());
  IssuedDescription words = describe(request.role);
  words.identity = std::string(longer.field("username"));
  return Issued{std::move(longer), std::move(words)};
}

const VaultSession& VaultProvider::base_session(VaultClient& client,
                                                const VaultParameters& parameters) {
  const std::string key = vault_login_key(parameters);
  auto found = sessions_.find(key);
  if (found == sessions_.end()) {
    found = sessions_.emplace(key, BaseSession{parameters.server, login_.begin(client, parameters)})
                .first;
  }
  return found->second.session;
}

RevokeOutcome VaultProvider::revoke(const Role& role, const std::string& handle,
                                    const Credential*) {
  const VaultParameters parameters = parameters_of(role);
  const VaultHandle what = VaultHandle::parse(handle);
  VaultClient client(sources_.http, parameters.server);
  const auto made = what.accessors.empty() ? made_.end() : made_.find(what.accessors.front());
  const bool own = made != made_.end();
  // A login that is there before serves best; a one-shot run needs no second one.
  const bool stays =
      parameters.login.method == VaultMethod::Token || parameters.login.method == VaultMethod::Oidc;
  const Secret token =
      own && !stays ? made->second.duplicate() : base_session(client, parameters).token.duplicate();
  VaultRevocation revocation(client, token.view(), own ? made->second.view() : std::string_view());
  const RevokeOutcome outcome = revocation.end(what);
  if (own && outcome.state != RevokeOutcome::State::Failed) made_.erase(made);
  return outcome;
}

std::vector<ProbeFinding> VaultProvider::probe(const Role& role) {
  const VaultParameters parameters = parameters_of(role);
  VaultClient client(sources_.http, parameters.server);
  VaultProbe probe(client, clock_, parameters);
  probe.look_at_server();
  const VaultSession& session = base_session(client, parameters);
  probe.look_at_login(session);
  probe.look_at_role(session, role);
  return probe.findings();
}

std::unique_ptr<Login> VaultProvider::login(const Role& role) {
  VaultParameters parameters = parameters_of(role);
  if (!VaultSignIn::serves(parameters)) return nullptr;
  return std::make_unique<VaultSignIn>(std::move(parameters), sources_, clock_, random_);
}

std::vector<std::pair<std::string, Secret>> VaultProvider::environment(
    const Role& role, const Credential& credential) const {
  return engine_variables(parameters_of(role), !role.environment.empty(), credential);
}

std::vector<std::string> VaultProvider::rival_variables() const { return {"VAULT_*", "BAO_*"}; }

std::unique_ptr<ChildService> VaultProvider::serve(const ServedRun& run) {
  const VaultParameters parameters = parameters_of(run.role);
  const Credential& credential = run.credential;
  if (parameters.engine == VaultEngine::Ssh) {
    const auto key = std::make_shared<Secret>(credential.fields.at("private_key").duplicate());
    return std::make_unique<SshAgent>(run.folder() / "agent.sock", clock_, credential.expires_at,
                                      certificate_blob(credential.fields.at("certificate").view()),
                                      [key] { return parse_private_key(key->view()); });
  }
  if (parameters.engine == VaultEngine::Kubernetes && !parameters.cluster.empty()) {
    return std::make_unique<TokenService>(
        TokenService::Place{sources_.files, run.folder(), program_},
        vault_cluster(parameters, std::string(credential.field("namespace"))),
        run.fresh_credential(clock_));
  }
  return nullptr;
}

}  // namespace prodaccess
