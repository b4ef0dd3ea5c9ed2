#include "providers/vault/vault_parameters.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "providers/http/url.h"
#include "providers/vault/secret_source.h"

namespace prodaccess {
namespace {

struct EngineWords {
  VaultEngine engine;
  std::string_view name;
  std::string_view mount;
  std::vector<std::string> kinds;  // the first is the default
};

const std::vector<EngineWords>& engines() {
  static const std::vector<EngineWords> kEngines{
      {VaultEngine::Token, "token", "", {}},
      {VaultEngine::Database, "database", "database", {"creds", "static-creds"}},
      {VaultEngine::Ssh, "ssh", "ssh", {}},
      {VaultEngine::Pki, "pki", "pki", {}},
      {VaultEngine::Aws, "aws", "aws", {"creds", "sts"}},
      {VaultEngine::Gcp,
       "gcp",
       "gcp",
       {"roleset-token", "roleset-key", "static-account-token", "static-account-key",
        "impersonated-account-token"}},
      {VaultEngine::Kubernetes, "kubernetes", "kubernetes", {}},
      {VaultEngine::Kv, "kv", "secret", {}},
      {VaultEngine::Generic, "generic", "", {}}};
  return kEngines;
}

const EngineWords& words_of(VaultEngine engine) {
  return *std::find_if(engines().begin(), engines().end(),
                       [&](const EngineWords& words) { return words.engine == engine; });
}

bool is_one_line(const std::string& text) {
  return !text.empty() && text.size() <= 512 && escape_for_terminal(text) == text;
}

std::string take_line(ConfigTable& table, const std::string& key) {
  const auto text = table.take_string(key);
  if (text && !is_one_line(*text)) table.fail(key, "'" + key + "' must be one short line");
  return text.value_or("");
}

std::string take_file(ConfigTable& table, const std::string& key) {
  const std::string path = take_line(table, key);
  if (!path.empty() && path.front() != '/') {
    table.fail(key, "'" + key + "' must be an absolute path");
  }
  return path;
}

std::string take_vault_path(ConfigTable& table, const std::string& key) {
  const std::string path = take_line(table, key);
  if (!path.empty() && !is_vault_path(path)) {
    table.fail(key, "'" + key + "' is no path of a server: letters, digits and -_.@/ only");
  }
  return path;
}

std::string checked_origin(ConfigTable& table, const std::string& key, std::string text) {
  while (text.ends_with('/')) text.pop_back();
  try {
    const Url url = parse_url(text);
    const bool safe = url.scheme == "https" || is_local_host(url.host);
    if (safe && url.path == "/" && url.query.empty()) return url.origin();
  } catch (const Error&) {
    table.fail(key, "'" + key + "' must be an address such as https://vault.example.com:8200");
  }
  table.fail(key, "'" + key + "' must be https://HOST[:PORT]; plain http only on this machine",
             {"a path belongs into 'mount' or 'path'"});
}

VaultServer take_server(ConfigTable& table) {
  VaultServer server;
  server.nodes.push_back(checked_origin(table, "address", table.require_string("address")));
  for (std::string& other : table.take_strings("other_addresses")) {
    server.nodes.push_back(checked_origin(table, "other_addresses", std::move(other)));
  }
  server.name_space = take_vault_path(table, "namespace");
  while (server.name_space.ends_with('/')) server.name_space.pop_back();
  server.ca_file = take_file(table, "ca_file");
  server.client_certificate = take_file(table, "client_certificate");
  server.client_key = take_file(table, "client_key");
  if (server.client_certificate.empty() != server.client_key.empty()) {
    table.fail("client_key", "'client_certificate' and 'client_key' go together");
  }
  return server;
}

std::string take_source(ConfigTable& table, const std::string& key, const std::string& otherwise) {
  const std::string source = table.has(key) ? take_line(table, key) : otherwise;
  if (const auto problem = secret_source_problem(source)) {
    table.fail(key, "'" + key + "' " + *problem);
  }
  return source;
}

std::string require_line(ConfigTable& table, const std::string& key, const std::string& method) {
  const std::string text = take_line(table, key);
  if (text.empty()) table.fail(key, "login method \"" + method + "\" needs '" + key + "'");
  return text;
}

std::string require_name(ConfigTable& table, const std::string& key, const std::string& method) {
  const std::string text = require_line(table, key, method);
  if (!is_vault_path(text)) table.fail(key, "'" + key + "' is no name of a server");
  return text;
}

void take_method(ConfigTable& table, const std::string& method, VaultLoginParameters& login) {
  if (method == "token") {
    login.secret_from = take_source(table, "token_from", "stored");
  } else if (method == "approle") {
    login.method = VaultMethod::AppRole;
    login.role_id = require_line(table, "role_id", method);
    login.wrapped = table.take_bool("wrapped").value_or(false);
    login.secret_from = take_source(table, "secret_id_from", "");
  } else if (method == "userpass") {
    login.method = VaultMethod::Userpass;
    login.username = require_name(table, "username", method);
    login.secret_from = take_source(table, "password_from", "prompt");
  } else if (method == "jwt") {
    login.method = VaultMethod::Jwt;
    login.role = take_line(table, "role");
    login.secret_from = take_source(table, "jwt_from", "");
  } else if (method == "oidc") {
    login.method = VaultMethod::Oidc;
    login.role = take_line(table, "role");
    login.callback =
        table.take_choice("callback", {"loopback", "direct", "device"}).value_or(login.callback);
    login.port = static_cast<int>(table.take_integer("port").value_or(login.port));
    if (login.port < 1024 || login.port > 65535) table.fail("port", "'port' is 1024 to 65535");
  } else if (method == "kubernetes") {
    login.method = VaultMethod::Kubernetes;
    login.role = require_line(table, "role", method);
    login.secret_from =
        take_source(table, "jwt_from", "file:/var/run/secrets/kubernetes.io/serviceaccount/token");
  } else {
    login.method = VaultMethod::Certificate;
    login.role = take_line(table, "role");
  }
}

VaultLoginParameters take_login(ConfigTable& table, const VaultServer& server) {
  auto inner = table.take_table("login");
  if (!inner) {
    table.fail("login", "'login' is missing: how prodaccess itself logs in",
               {"login = { method = \"token\", token_from = \"file:/home/me/.vault-token\" }"});
  }
  const auto method = inner->take_choice(
      "method", {"token", "approle", "userpass", "jwt", "oidc", "kubernetes", "cert"});
  if (!method)
    inner->fail("method",
                "'method' is missing: token, approle, userpass, jwt, oidc, "
                "kubernetes or cert");
  VaultLoginParameters login;
  login.name = take_vault_path(*inner, "name");
  login.mount = take_vault_path(*inner, "mount");
  if (login.mount.empty()) login.mount = *method;
  take_method(*inner, *method, login);
  if (login.method == VaultMethod::Certificate && server.client_certificate.empty()) {
    inner->fail("method", "login method \"cert\" needs 'client_certificate' and 'client_key'");
  }
  inner->finish();
  return login;
}

// Where one tier leads: the keys of the table itself, or those of tiers.read laid over them.
void take_target(ConfigTable& table, VaultTarget& into) {
  const auto over = [&](const std::string& key, std::string& value, bool path) {
    if (table.has(key)) value = path ? take_vault_path(table, key) : take_line(table, key);
  };
  if (table.has("policies")) {
    into.policies = table.take_strings("policies");
    for (const std::string& policy : into.policies) {
      if (!is_one_line(policy)) table.fail("policies", "'policies' holds names of policies");
      if (policy == "root") table.fail("policies", "the policy root is never given to a grant");
    }
    // The server takes an empty list for none given: all that the parent may do.
    if (into.policies.empty()) table.fail("policies", "'policies' is empty");
  }
  over("token_role", into.token_role, true);
  over("mount", into.mount, true);
  over("role", into.role, true);
  over("path", into.path, true);
  if (const auto method = table.take_choice("method", {"GET", "POST"})) into.method = *method;
  if (auto data = table.take_table("data")) into.data = data->take_rest_as_json();
}

void check_target(const ConfigTable& table, const VaultParameters& read,
                  const VaultTarget& target) {
  const auto need = [&](const std::string& key, bool given) {
    if (given) return;
    table.fail(
        key, "engine \"" + std::string(vault_engine_name(read.engine)) + "\" needs '" + key + "'");
  };
  const bool by_path = read.engine == VaultEngine::Kv || read.engine == VaultEngine::Generic;
  if (read.engine != VaultEngine::Token) {
    need(by_path ? "path" : "role", !(by_path ? target.path : target.role).empty());
  }
  if (target.makes_token()) return;
  if (read.login.method == VaultMethod::Token || read.login.method == VaultMethod::Oidc) {
    table.fail("policies",
               "this login's own token is never used for a grant: 'policies' (or 'token_role') "
               "must say what the grant's token may do");
  }
  // A command could renew the login's token beyond the grant's end.
  if (read.engine == VaultEngine::Token) {
    table.fail("policies", "engine \"token\" needs 'policies' or 'token_role'");
  }
}

void take_engine(ConfigTable& table, VaultParameters& read) {
  std::vector<std::string> names;
  for (const EngineWords& words : engines()) names.emplace_back(words.name);
  const std::string name = table.take_choice("engine", names).value_or("token");
  const EngineWords& words = engines()[static_cast<std::size_t>(
      std::find(names.begin(), names.end(), name) - names.begin())];
  read.engine = words.engine;
  read.wide.mount = words.mount;
  read.wide.method = "GET";
  if (!words.kinds.empty()) {
    read.kind = table.take_choice("kind", words.kinds).value_or(words.kinds.front());
  }
  if (read.engine == VaultEngine::Kv) {
    read.version = table.take_integer("version").value_or(0);
    if (read.version < 0) table.fail("version", "'version' is 1 or more, or 0 for the newest");
  }
  if (read.engine == VaultEngine::Ssh) {
    read.principals = table.take_strings("principals");
    if (read.principals.empty()) table.fail("principals", "engine \"ssh\" needs 'principals'");
  }
  if (read.engine == VaultEngine::Token) {
    read.uses = static_cast<int>(table.take_integer("uses").value_or(0));
    if (read.uses < 0 || read.uses > 1'000'000) table.fail("uses", "'uses' is 1 to 1000000");
  }
  if (read.engine == VaultEngine::Kubernetes) {
    const auto cluster = table.take_string("server");
    if (cluster) read.cluster = checked_origin(table, "server", *cluster);
    read.cluster_ca_file = take_file(table, "server_ca_file");
    read.cluster_namespace = take_line(table, "kubernetes_namespace");
  }
}

}  // namespace

std::string_view vault_engine_name(VaultEngine engine) { return words_of(engine).name; }

bool is_vault_path(std::string_view text) {
  if (text.empty() || text.size() > 512) return false;
  const auto segments = split(text, '/');
  return std::all_of(segments.begin(), segments.end(), [](const std::string& segment) {
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@";
    return !segment.empty() && segment.back() != '.' &&
           segment.find_first_not_of(kPlain) == std::string::npos;
  });
}

VaultParameters read_vault_parameters(ConfigTable table) {
  VaultParameters read;
  read.server = take_server(table);
  read.login = take_login(table, read.server);
  take_engine(table, read);
  take_target(table, read.wide);
  check_target(table, read, read.wide);
  if (auto tiers = table.take_table("tiers")) {
    if (auto inner = tiers->take_table("read")) {
      read.read = read.wide;
      take_target(*inner, *read.read);
      check_target(*inner, read, *read.read);
      inner->finish();
    }
    tiers->finish();
  }
  read.orphan = table.take_bool("orphan").value_or(false);
  read.default_policy = table.take_bool("default_policy").value_or(true);
  table.finish();
  return read;
}

}  // namespace prodaccess
