#include "providers/local/local_provider.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"
#include "providers/local/signed_token.h"
#include "providers/local/ssh_agent.h"
#include "providers/local/ssh_certificate.h"
#include "providers/local/ssh_private_key.h"

namespace prodaccess {
namespace {

constexpr const char* kTokenVariable = "PRODACCESS_TOKEN";
constexpr std::size_t kLongestKeyId = 512;

LocalParameters parameters_of(const Role& role) { return read_local_parameters(role.parameters); }

WallTime whole_seconds(WallTime time) { return std::chrono::floor<std::chrono::seconds>(time); }

std::int64_t epoch_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// Never 0, and never so large that a reader with signed numbers would see it negative.
std::uint64_t new_serial(Random& random) {
  std::uint64_t serial = 0;
  while (serial == 0) {
    const std::string bytes = random.bytes(8);  // the reader only points into it
    SshReader reader(bytes);
    serial = reader.u64() >> 1;
  }
  return serial;
}

// Stands in sshd's log at each login, so it says who and why; the requester's own words come last.
std::string key_id(const IssueRequest& request) {
  std::string text = request.person + " role=" + request.role.name + " grant=" + request.grant_id;
  if (!request.access.ticket.empty()) text += " ticket=" + request.access.ticket;
  if (!request.access.reason.empty()) text += " reason=" + request.access.reason;
  return escape_for_terminal(text).substr(0, kLongestKeyId);
}

std::string text_claim(const std::string& text) {
  return is_utf8(text) ? text : escape_for_terminal(text);
}

Json one_or_list(const std::vector<std::string>& values) {
  return values.size() == 1 ? Json(values.front()) : Json(values);
}

Json token_claims(const IssueRequest& request, const LocalParameters& parameters,
                  const Credential& credential, const std::string& id) {
  Json claims = {
      {"iss", parameters.issuer},
      {"sub", parameters.subject.empty() ? text_claim(request.person) : parameters.subject},
      {"aud", one_or_list(parameters.audience)},
      {"iat", epoch_seconds(credential.issued_at)},
      {"nbf", epoch_seconds(credential.issued_at - parameters.backdate)},
      {"exp", epoch_seconds(credential.expires_at)},
      {"jti", id},
      {"role", text_claim(request.role.name)},
      {"grant", request.grant_id}};
  if (!request.access.reason.empty()) claims["reason"] = text_claim(request.access.reason);
  if (!request.access.ticket.empty()) claims["ticket"] = text_claim(request.access.ticket);
  for (const auto& [name, values] : parameters.claims) {
    const bool list =
        std::count(parameters.list_claims.begin(), parameters.list_claims.end(), name) != 0;
    claims[name] = list ? Json(values) : Json(values.front());
  }
  return claims;
}

std::string ssh_target(const LocalParameters& parameters) {
  std::string text = "principals " + join(parameters.principals, ", ");
  const auto source = parameters.critical_options.find("source-address");
  if (source != parameters.critical_options.end()) text += " from " + source->second;
  const auto command = parameters.critical_options.find("force-command");
  if (command != parameters.critical_options.end()) text += " running " + command->second;
  return text;
}

}  // namespace

LocalProvider::LocalProvider(OpenStore open_store, Files& files, const Clock& clock, Random& random,
                             const std::filesystem::path& folder)
    : clock_(clock),
      random_(random),
      authority_(std::move(open_store), files, random, folder),
      revocations_(files, clock, folder) {}

void LocalProvider::check(const Role& role) const { parameters_of(role); }

std::vector<std::string> LocalProvider::tools(const Role& role) const {
  if (parameters_of(role).kind == LocalKind::Token) return {};
  return {"ssh", "scp", "sftp", "rsync", "ansible"};
}

std::optional<Effect> LocalProvider::narrowed(const Role&) const { return std::nullopt; }

bool LocalProvider::has_tiers(const Role&) const { return false; }

IssuedDescription LocalProvider::describe(const Role& role) const {
  const LocalParameters parameters = parameters_of(role);
  if (parameters.kind == LocalKind::Ssh) {
    return {ssh_target(parameters), "SSH certificate", {kSelfIssuedNote}};
  }
  return {"audience " + join(parameters.audience, ", "),
          "token of " + parameters.issuer,
          {kSelfIssuedNote}};
}

std::string LocalProvider::shape(const Role& role) const {
  const LocalParameters parameters = parameters_of(role);
  return canonical_json({{"kind", parameters.kind == LocalKind::Ssh ? "ssh" : "token"},
                         {"backdate", parameters.backdate.count()},
                         {"principals", parameters.principals},
                         {"extensions", parameters.extensions},
                         {"critical_options", parameters.critical_options},
                         {"audience", parameters.audience},
                         {"issuer", parameters.issuer},
                         {"subject", parameters.subject},
                         {"claims", parameters.claims},
                         {"list_claims", parameters.list_claims}});
}

Issued LocalProvider::issue(const IssueRequest& request, const HandleObserver& on_handle) {
  const LocalParameters parameters = parameters_of(request.role);
  Credential credential = parameters.kind == LocalKind::Ssh
                              ? issue_certificate(request, parameters, on_handle)
                              : issue_token(request, parameters, on_handle);
  IssuedDescription description = describe(request.role);
  description.identity = parameters.kind == LocalKind::Ssh ? key_id(request)
                         : parameters.subject.empty()      ? text_claim(request.person)
                                                           : parameters.subject;
  return {std::move(credential), std::move(description)};
}

Credential LocalProvider::begin(const IssueRequest& request, const LocalHandle& handle) const {
  Credential credential;
  credential.tier = request.tier;
  credential.issued_at = clock_.wall_now();
  credential.issued_boot = clock_.boot_now();
  credential.boot_id = clock_.boot_id();
  credential.expires_at = handle.until;
  credential.handle = handle.text();
  if (credential.expires_at <= credential.issued_at) {
    throw Error(ErrorCode::Provider, "the grant ends now: there is nothing left to issue for it");
  }
  return credential;
}

Credential LocalProvider::issue_certificate(const IssueRequest& request,
                                            const LocalParameters& parameters,
                                            const HandleObserver& on_handle) {
  const std::uint64_t serial = new_serial(random_);
  Credential credential =
      begin(request, {true, std::to_string(serial), whole_seconds(request.until)});
  const Ed25519Key& authority = authority_.key();
  on_handle(credential.handle);
  const Ed25519Key key(seal(random_.bytes(Ed25519Key::kSeedSize)));
  CertificateToSign certificate;
  certificate.public_key = key.public_key();
  certificate.serial = serial;
  certificate.key_id = key_id(request);
  certificate.principals = parameters.principals;
  certificate.valid_after = credential.issued_at - parameters.backdate;
  certificate.valid_before = credential.expires_at;
  certificate.critical_options = parameters.critical_options;
  certificate.extensions = parameters.extensions;
  const std::string comment = "prodaccess:" + request.grant_id;
  const std::string blob = sign_certificate(certificate, random_.bytes(32), authority);
  credential.fields.emplace("certificate", Secret(certificate_line(blob, comment)));
  credential.fields.emplace("private_key", format_private_key(key, comment));
  return credential;
}

Credential LocalProvider::issue_token(const IssueRequest& request,
                                      const LocalParameters& parameters,
                                      const HandleObserver& on_handle) {
  const std::string id = hex(random_.bytes(16));
  Credential credential = begin(request, {false, id, whole_seconds(request.until)});
  const Ed25519Key& authority = authority_.key();
  on_handle(credential.handle);
  credential.fields.emplace(
      "token", sign_token(token_claims(request, parameters, credential, id), "JWT", authority));
  credential.fields.emplace("jti", Secret(id));
  return credential;
}

std::optional<Issued> LocalProvider::renew(const IssueRequest&, const Credential&) {
  return std::nullopt;
}

RevokeOutcome LocalProvider::revoke(const Role&, const std::string& handle, const Credential*) {
  const auto what = LocalHandle::parse(handle);
  if (!what) {
    throw Error(ErrorCode::Provider,
                "not a handle of the embedded authority: " + escape_for_terminal(handle));
  }
  const RevocationList list = revocations_.add(*what);
  const std::string number = std::to_string(list.number);
  RevokeOutcome outcome;
  outcome.state = RevokeOutcome::State::Revoked;
  outcome.alive_until = what->until;
  outcome.detail =
      what->ssh ? "serial " + what->id + " is on revocation list " + number +
                      "; sshd refuses it once it has that list (prodaccess local krl)"
                : "the token is on denied list " + number +
                      "; services refuse it once they have that list (prodaccess local denied)";
  return outcome;
}

std::vector<ProbeFinding> LocalProvider::probe(const Role& role) {
  using State = ProbeFinding::State;
  std::vector<ProbeFinding> findings;
  const LocalParameters parameters = parameters_of(role);
  if (const Ed25519Key* key = authority_.existing_key()) {
    findings.push_back({State::Good, "authority",
                        "Ed25519 key " + ssh_fingerprint(ssh_ed25519_blob(key->public_key())), ""});
  } else {
    findings.push_back({State::Good, "authority", "no key yet: the first request makes one", ""});
  }
  findings.push_back({State::Warning, "limits", kSelfIssuedNote,
                      "for one person, demos and tests: a real limit needs an issuer elsewhere"});
  const RevocationList list = revocations_.list();
  const char* command =
      parameters.kind == LocalKind::Ssh ? "prodaccess local krl" : "prodaccess local denied";
  findings.push_back({State::Good, "revocation",
                      "list " + std::to_string(list.number) + " with " +
                          std::to_string(list.entries.size()) + " entries",
                      std::string("servers know it only once they have the output of ") + command});
  return findings;
}

std::vector<std::pair<std::string, Secret>> LocalProvider::environment(
    const Role& role, const Credential& credential) const {
  std::vector<std::pair<std::string, Secret>> variables;
  const auto token = credential.fields.find("token");
  if (token != credential.fields.end() && role.environment.empty()) {
    variables.emplace_back(kTokenVariable, token->second.duplicate());
  }
  return variables;
}

std::vector<std::string> LocalProvider::rival_variables() const {
  return {"SSH_AUTH_SOCK", "SSH_AGENT_PID", kTokenVariable};
}

std::unique_ptr<ChildService> LocalProvider::serve(const ServedRun& run) {
  const std::string_view certificate = run.credential.field("certificate");
  const std::string_view private_key = run.credential.field("private_key");
  if (certificate.empty() || private_key.empty()) return nullptr;
  const auto key_text = std::make_shared<Secret>(private_key);
  return std::make_unique<SshAgent>(run.folder() / "agent.sock", clock_, run.credential.expires_at,
                                    certificate_blob(certificate),
                                    [key_text] { return parse_private_key(key_text->view()); });
}

}  // namespace prodaccess
