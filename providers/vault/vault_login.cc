#include "providers/vault/vault_login.h"

#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr int kMostLooks = 5;
constexpr Milliseconds kLookPause{200};

std::string login_path(const VaultLoginParameters& login) {
  const std::string path = "auth/" + login.mount + "/login";
  return login.method == VaultMethod::Userpass ? path + "/" + percent_encode(login.username) : path;
}

VaultSession session_of(VaultToken token, const Clock& clock) {
  VaultSession session;
  session.token = std::move(token.token);
  session.accessor = std::move(token.accessor);
  session.fresh = true;
  session.renewable = token.renewable;
  if (token.life > Seconds{0}) session.until = clock.wall_now() + token.life;
  return session;
}

// "auth/approle/role/NAME/secret-id", also with a custom id's ending.
bool makes_secret_ids(const std::string& creation_path, const std::string& mount) {
  const std::string start = "auth/" + mount + "/role/";
  if (!creation_path.starts_with(start)) return false;
  const auto rest = split(std::string_view(creation_path).substr(start.size()), '/');
  return rest.size() == 2 && !rest[0].empty() &&
         (rest[1] == "secret-id" || rest[1] == "custom-secret-id");
}

[[noreturn]] void intercepted(const std::string& why) {
  throw Error(
      ErrorCode::Provider,
      "the wrapped secret id cannot be trusted: " + why +
          "; somebody may have unwrapped it before us",
      {"have the secret id destroyed and a new one wrapped, and find out who read the old"});
}

std::string who(const VaultLoginParameters& login) {
  switch (login.method) {
    case VaultMethod::Token: return "the token of prodaccess's own";
    case VaultMethod::AppRole: return login.wrapped ? "the wrapping token" : "the secret id";
    case VaultMethod::Userpass: return "the password of " + login.username;
    default: return "the JWT";
  }
}

}  // namespace

std::string json_texts(const std::vector<std::pair<std::string, std::string>>& members) {
  Json object = Json::object();
  for (const auto& [name, value] : members) object[name] = value;
  return canonical_json(object);
}

std::string vault_login_key(const VaultParameters& parameters) {
  const VaultLoginParameters& login = parameters.login;
  return "vault/" + sha256_hex(json_texts({{"server", parameters.server.nodes.front()},
                                           {"namespace", parameters.server.name_space},
                                           {"mount", login.mount},
                                           {"role", login.role},
                                           {"id", login.role_id},
                                           {"user", login.username}}))
                        .substr(0, 32);
}

std::string vault_login_name(const VaultParameters& parameters) {
  if (!parameters.login.name.empty()) return parameters.login.name;
  const std::string host = parse_url(parameters.server.nodes.front()).host;
  const std::string inside =
      parameters.server.name_space.empty() ? "" : parameters.server.name_space + "/";
  const std::string& who = parameters.login.method == VaultMethod::Userpass
                               ? parameters.login.username
                               : parameters.login.role;
  return host + "/" + inside + parameters.login.mount + (who.empty() ? "" : "/" + who);
}

VaultSession VaultLogin::begin(VaultClient& client, const VaultParameters& parameters) const {
  const VaultLoginParameters& login = parameters.login;
  if (login.method == VaultMethod::Token || login.method == VaultMethod::Oidc) {
    return lent(client, parameters);
  }
  VaultCall call;
  call.method = "POST";
  call.path = login_path(login);
  call.body = seal(body(client, parameters));
  call.issues = true;
  VaultReply reply;
  try {
    reply = client.call(call, "log us in");
  } catch (const VaultRefusal& refusal) {
    if (refusal.status() != 400 && refusal.status() != 403) throw;
    throw VaultRefusal(refusal, {"check the role's login table: method, mount, role and secret"});
  }
  return session_of(reply.new_token(), clock_);
}

VaultSession VaultLogin::lent(VaultClient& client, const VaultParameters& parameters) const {
  const bool by_browser = parameters.login.method == VaultMethod::Oidc;
  VaultSession session;
  session.token =
      sources_.take(by_browser ? "stored" : parameters.login.secret_from,
                    by_browser ? "the token of the browser login" : who(parameters.login),
                    vault_login_key(parameters), vault_login_name(parameters));
  if (!is_vault_token(session.token.view())) {
    throw Error(ErrorCode::Provider, who(parameters.login) + " is no token");
  }
  VaultCall call;
  call.path = "auth/token/lookup-self";
  call.token = session.token.view();
  try {
    const VaultReply reply = client.call(call, "take our token");
    session.accessor = reply.text("accessor");
    session.until = parse_rfc3339(reply.text("expire_time"));
    session.renewable = reply.text("renewable") == "true";
  } catch (const VaultRefusal& refusal) {
    if (refusal.status() != 403) throw;
    throw VaultRefusal(refusal, {by_browser || parameters.login.secret_from == "stored"
                                     ? "prodaccess login " + vault_login_name(parameters)
                                     : "it has expired, or was revoked: put a new one there"});
  }
  return session;
}

std::string VaultLogin::body(VaultClient& client, const VaultParameters& parameters) const {
  const VaultLoginParameters& login = parameters.login;
  std::vector<std::pair<std::string, std::string>> members;
  if (login.method == VaultMethod::AppRole) {
    members = {{"role_id", login.role_id},
               {"secret_id", std::string(secret_id(client, parameters).view())}};
  } else if (login.method == VaultMethod::Certificate) {
    if (!login.role.empty()) members = {{"name", login.role}};
  } else {
    const Secret secret = sources_.take(login.secret_from, who(login), vault_login_key(parameters),
                                        vault_login_name(parameters));
    members = {
        {login.method == VaultMethod::Userpass ? "password" : "jwt", std::string(secret.view())}};
    if (!login.role.empty()) members.emplace_back("role", login.role);
  }
  std::string text = json_texts(members);
  for (auto& [name, value] : members) wipe(value.data(), value.size());
  return text;
}

Secret VaultLogin::secret_id(VaultClient& client, const VaultParameters& parameters) const {
  const VaultLoginParameters& login = parameters.login;
  Secret given = sources_.take(login.secret_from, who(login), vault_login_key(parameters),
                               vault_login_name(parameters));
  if (!login.wrapped) return given;
  // One wrapping token, one secret id: named by its digest, so that a new one is unwrapped anew.
  const std::string key = "vault/unwrapped/" + sha256_hex(given.view()).substr(0, 32);
  try {
    if (auto kept = sources_.store().get(key)) return std::move(*kept);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Keyring) throw;  // no store: it serves this once
  }
  Secret secret_id;
  try {
    secret_id = unwrap(client, login, given);
  } catch (const Error&) {
    // Another process of ours may have been first, and be about to keep what it found.
    auto theirs = wait_for_kept(key);
    if (!theirs) throw;
    return std::move(*theirs);
  }
  try {
    sources_.store().put(key, secret_id.view());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Keyring) throw;
  }
  return secret_id;
}

std::optional<Secret> VaultLogin::wait_for_kept(const std::string& key) const {
  for (int look = 0; look < kMostLooks; ++look) {
    try {
      if (auto kept = sources_.store().get(key)) return kept;
    } catch (const Error&) {
      return std::nullopt;
    }
    std::this_thread::sleep_for(kLookPause);
  }
  return std::nullopt;
}

Secret VaultLogin::unwrap(VaultClient& client, const VaultLoginParameters& login,
                          const Secret& wrapping_token) const {
  VaultCall look;
  look.method = "POST";
  look.path = "sys/wrapping/lookup";
  look.body = seal(json_texts({{"token", std::string(wrapping_token.view())}}));
  try {
    const std::string path =
        client.call(look, "say what the wrapping token wraps").text("creation_path");
    if (!makes_secret_ids(path, login.mount)) {
      intercepted("it was made by \"" + escape_for_terminal(path) + "\", not by auth/" +
                  login.mount + "/role/.../secret-id");
    }
    VaultCall open;
    open.method = "POST";
    open.path = "sys/wrapping/unwrap";
    open.token = wrapping_token.view();
    open.issues = true;
    VaultReply reply = client.call(open, "unwrap the secret id");
    const auto found = reply.data.find("secret_id");
    if (found == reply.data.end()) intercepted("there is no secret id in it");
    return std::move(found->second);
  } catch (const VaultRefusal& refusal) {
    if (refusal.status() != 400 && refusal.status() != 403) throw;
    intercepted("the wrapping token is not valid any more");
  }
}

}  // namespace prodaccess
