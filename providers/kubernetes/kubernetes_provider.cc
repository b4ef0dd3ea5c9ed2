#include "providers/kubernetes/kubernetes_provider.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/kubernetes/exec_credential.h"
#include "providers/kubernetes/kubeconfig.h"
#include "providers/kubernetes/kubernetes_api.h"
#include "providers/kubernetes/token_service.h"

namespace prodaccess {
namespace {

constexpr Seconds kShortest{600};  // the server refuses less
constexpr Seconds kSkew{120};

KubernetesParameters parameters_of(const Role& role) {
  return read_kubernetes_parameters(role.parameters);
}

std::string target_of(const KubernetesParameters& parameters, const std::string& account) {
  return "service account " + account + " in " + parameters.name_space + " on " +
         parameters.context;
}

// Deletes the Secret again where the token could not be had.
class SecretGuard {
 public:
  SecretGuard(KubernetesApi& api, std::string name) : api_(api), name_(std::move(name)) {}
  SecretGuard(const SecretGuard&) = delete;
  SecretGuard& operator=(const SecretGuard&) = delete;
  ~SecretGuard() {
    if (name_.empty()) return;
    try {
      api_.delete_secret(name_);
    } catch (const std::exception&) {
      return;  // the first failure is the one to tell; the handle is on record
    }
  }
  void keep() { name_.clear(); }

 private:
  KubernetesApi& api_;
  std::string name_;
};

// The tier that a role counts on as reading only must be just that, by the server's own word.
void require_narrow(const Role& role, Tier tier, bool tiers, KubernetesApi& api,
                    const KubernetesToken& token) {
  const bool must_read = role.narrowed == Effect::Read || (tiers && tier == Tier::Read);
  if (!must_read) return;
  const std::string beyond = api.beyond_reading(token.token.view());
  if (!beyond.empty()) {
    throw Error(
        ErrorCode::Provider, "the service account may do more than read: " + beyond,
        {"give it a role with get, list and watch only, for example the cluster role view"});
  }
}

}  // namespace

KubernetesProvider::KubernetesProvider(HttpClient& client, Files& files, const Clock& clock,
                                       Random& random, std::filesystem::path program)
    : client_(client),
      files_(files),
      clock_(clock),
      random_(random),
      program_(std::move(program)) {}

void KubernetesProvider::check(const Role& role) const { parameters_of(role); }

std::vector<std::string> KubernetesProvider::tools(const Role&) const {
  return {"kubectl", "helm", "oc", "helmfile", "argocd", "flux", "k9s"};
}

std::optional<Effect> KubernetesProvider::narrowed(const Role& role) const {
  // Checked with the server at each issue (require_narrow).
  return role.narrowed == Effect::Read ? role.narrowed : std::nullopt;
}

bool KubernetesProvider::has_tiers(const Role& role) const {
  return !parameters_of(role).read_service_account.empty();
}

IssuedDescription KubernetesProvider::describe(const Role& role) const {
  const KubernetesParameters parameters = parameters_of(role);
  IssuedDescription words;
  words.target = target_of(parameters, parameters.service_account);
  if (!parameters.read_service_account.empty()) {
    words.notes.push_back("reads run as service account " + parameters.read_service_account);
  }
  if (!parameters.revocable) words.notes.push_back("tokens cannot be revoked before their end");
  return words;
}

std::string KubernetesProvider::shape(const Role& role) const {
  const KubernetesParameters parameters = parameters_of(role);
  return canonical_json({{"server", parameters.server},
                         {"context", parameters.context},
                         {"namespace", parameters.name_space},
                         {"service_account", parameters.service_account},
                         {"read_service_account", parameters.read_service_account},
                         {"audiences", parameters.audiences},
                         {"revocable", parameters.revocable},
                         {"auth", static_cast<int>(parameters.auth)},
                         {"token_file", parameters.token_file},
                         {"client_certificate", parameters.client_certificate}});
}

Secret KubernetesProvider::base_token(const KubernetesParameters& parameters) {
  if (parameters.auth == KubernetesAuth::ClientCertificate) return Secret();
  std::optional<Secret> token;
  if (parameters.auth == KubernetesAuth::InCluster) {
    // Kubernetes itself puts it there, as links that belong to root and that it swaps.
    if (auto text = files_.read_untrusted(parameters.token_file)) token = seal(std::move(*text));
  } else {
    token = files_.read_secret(files_.follow_links(parameters.token_file));
  }
  if (!token || trim(token->view()).empty()) {
    throw Error(ErrorCode::Provider, "there is no token in " + parameters.token_file);
  }
  return Secret(trim(token->view()));
}

KubernetesApi KubernetesProvider::api(const KubernetesParameters& parameters) {
  return {client_, parameters, base_token(parameters)};
}

Issued KubernetesProvider::issue(const IssueRequest& request, const HandleObserver& on_handle) {
  const KubernetesParameters parameters = parameters_of(request.role);
  const std::string& account = parameters.account(request.tier);
  KubernetesApi server = api(parameters);
  const WallTime now = clock_.wall_now();
  const Seconds wanted =
      std::max(kShortest, std::chrono::floor<std::chrono::seconds>(request.until - now));
  // Its own name each time, told before it exists: a crash leaves nothing unknown behind.
  const std::string secret =
      parameters.revocable ? "prodaccess-" + hex(random_.bytes(8)) : std::string();
  Credential credential;
  credential.handle = parameters.name_space + "/" + secret;
  on_handle(credential.handle);
  SecretGuard guard(server, secret);
  std::optional<KubernetesSecretRef> bound;
  if (parameters.revocable) bound = server.create_secret(secret, request.grant_id, request.until);
  KubernetesToken token = server.request_token(account, wanted, bound);
  if (token.expires_at <= now || token.expires_at > now + wanted + kSkew) {
    throw Error(ErrorCode::Provider,
                "the token's end is not believable: " + format_rfc3339(token.expires_at),
                {"compare this machine's clock with the server's: prodaccess doctor kubernetes"});
  }
  require_narrow(request.role, request.tier, !parameters.read_service_account.empty(), server,
                 token);
  guard.keep();
  IssuedDescription words = describe(request.role);
  words.target = target_of(parameters, account);
  words.identity = "system:serviceaccount:" + parameters.name_space + ":" + account;
  if (token.expires_at > request.until + Seconds{1}) {
    words.notes.push_back("the token itself lives until " + format_rfc3339(token.expires_at) +
                          (parameters.revocable ? " unless revoked" : ""));
  }
  credential.tier = request.tier;
  credential.issued_at = now;
  credential.issued_boot = clock_.boot_now();
  credential.boot_id = clock_.boot_id();
  credential.expires_at = std::min(token.expires_at, request.until);
  credential.fields.emplace("token", std::move(token.token));
  credential.fields.emplace("service_account", Secret(account));
  credential.fields.emplace("namespace", Secret(parameters.name_space));
  credential.fields.emplace("server", Secret(parameters.server));
  return {std::move(credential), std::move(words)};
}

std::optional<Issued> KubernetesProvider::renew(const IssueRequest&, const Credential&) {
  return std::nullopt;  // a new token is bound to a new Secret
}

RevokeOutcome KubernetesProvider::revoke(const Role& role, const std::string& handle,
                                         const Credential* credential) {
  KubernetesParameters parameters = parameters_of(role);
  const std::size_t slash = handle.find('/');
  const std::string secret = slash == std::string::npos ? "" : handle.substr(slash + 1);
  parameters.name_space = handle.substr(0, slash);
  RevokeOutcome outcome;
  if (secret.empty()) {
    outcome.detail = "the token is bound to nothing that could be deleted";
    if (credential != nullptr) outcome.alive_until = credential->expires_at;
    return outcome;
  }
  if (!is_kubernetes_label(parameters.name_space) || !is_kubernetes_name(secret)) {
    throw Error(ErrorCode::Provider,
                "not a handle of the Kubernetes provider: " + escape_for_terminal(handle));
  }
  KubernetesApi server = api(parameters);
  server.delete_secret(secret);
  outcome.state = RevokeOutcome::State::Revoked;
  outcome.detail = "secret " + handle + " deleted, and the token with it";
  const auto token = credential == nullptr ? nullptr : &credential->fields.at("token");
  const auto alive = token == nullptr ? std::nullopt : server.accepts(token->view());
  if (alive == false) outcome.detail += "; the server refuses it now";
  // API servers keep a successful check of a token for ten seconds.
  if (alive == true) outcome.alive_until = clock_.wall_now() + Seconds{10};
  return outcome;
}

std::vector<ProbeFinding> KubernetesProvider::probe(const Role& role) {
  using State = ProbeFinding::State;
  const KubernetesParameters parameters = parameters_of(role);
  KubernetesApi server = api(parameters);
  std::vector<ProbeFinding> findings;
  std::optional<WallTime> server_time;
  findings.push_back({State::Good, "reachability",
                      parameters.server + ", version " + server.version(server_time), ""});
  if (server_time) {
    const auto skew = std::chrono::round<std::chrono::seconds>(
        std::chrono::abs(*server_time - clock_.wall_now()));
    findings.push_back({skew > kSkew ? State::Bad : State::Good, "clock skew",
                        format_duration(skew), skew > kSkew ? "set this machine's clock" : ""});
  }
  const std::string identity = server.who_am_i();
  findings.push_back(
      {State::Good, "identity", identity.empty() ? "the server is too old to say" : identity, ""});
  for (const std::string& account : {parameters.service_account, parameters.read_service_account}) {
    if (account.empty()) continue;
    const bool may = server.may("create", "serviceaccounts", "token", account);
    findings.push_back(
        {may ? State::Good : State::Bad, "token of " + account,
         may ? "may be requested" : "may not be requested",
         may ? "" : "allow create on serviceaccounts/token in " + parameters.name_space});
  }
  const bool may_bind =
      server.may("create", "secrets", "", "") && server.may("delete", "secrets", "", "");
  if (!parameters.revocable) {
    findings.push_back(
        {State::Warning, "revocation", "tokens live until their own end", "set revocable = true"});
  } else {
    findings.push_back(
        {may_bind ? State::Good : State::Bad, "revocation",
         "each token is bound to a secret, which revoke deletes",
         may_bind ? "" : "allow create and delete on secrets in " + parameters.name_space});
  }
  return findings;
}

std::vector<std::pair<std::string, Secret>> KubernetesProvider::environment(
    const Role&, const Credential&) const {
  return {};
}

std::vector<std::string> KubernetesProvider::rival_variables() const {
  return {"KUBECONFIG",       "KUBERNETES_EXEC_INFO", "KUBERNETES_MASTER", "HELM_KUBE*",
          "KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS",    "KUBE_TOKEN",        "KUBE_HOST"};
}

std::unique_ptr<ChildService> KubernetesProvider::serve(const ServedRun& run) {
  return std::make_unique<TokenService>(TokenService::Place{files_, run.folder(), program_},
                                        parameters_of(run.role), run.fresh_credential(clock_));
}

}  // namespace prodaccess
