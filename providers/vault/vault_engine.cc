#include "providers/vault/vault_engine.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

std::string seconds_text(Seconds life) { return std::to_string(life.count()) + "s"; }

// gcp's "roleset-token" is roleset/NAME/token.
std::string gcp_path(const std::string& kind, const std::string& name) {
  const std::size_t dash = kind.rfind('-');
  return kind.substr(0, dash) + "/" + name + "/" + kind.substr(dash + 1);
}

std::string path_of(const VaultParameters& parameters, const VaultTarget& target) {
  switch (parameters.engine) {
    case VaultEngine::Database:
    case VaultEngine::Aws: return target.mount + "/" + parameters.kind + "/" + target.role;
    case VaultEngine::Ssh: return target.mount + "/sign/" + target.role;
    case VaultEngine::Pki: return target.mount + "/issue/" + target.role;
    case VaultEngine::Gcp: return target.mount + "/" + gcp_path(parameters.kind, target.role);
    case VaultEngine::Kubernetes: return target.mount + "/creds/" + target.role;
    case VaultEngine::Kv: return target.mount + "/data/" + target.path;
    default: return target.path;
  }
}

Json own_body(const VaultParameters& parameters, Seconds life, const std::string& public_key) {
  switch (parameters.engine) {
    case VaultEngine::Ssh:
      return {{"public_key", public_key},
              {"valid_principals", join(parameters.principals, ",")},
              {"cert_type", "user"},
              {"ttl", seconds_text(life)}};
    case VaultEngine::Pki: return {{"ttl", seconds_text(life)}};
    case VaultEngine::Aws:
      return parameters.kind == "sts" ? Json{{"ttl", seconds_text(life)}} : Json::object();
    case VaultEngine::Kubernetes: {
      Json body = {{"ttl", seconds_text(life)}};
      if (!parameters.cluster_namespace.empty()) {
        body["kubernetes_namespace"] = parameters.cluster_namespace;
      }
      return body;
    }
    default: return Json::object();
  }
}

bool takes_body(VaultEngine engine) {
  return engine == VaultEngine::Ssh || engine == VaultEngine::Pki || engine == VaultEngine::Aws ||
         engine == VaultEngine::Kubernetes;
}

[[noreturn]] void wrong_answer(const VaultParameters& parameters, const std::string& why) {
  throw Error(ErrorCode::Provider, "engine " + std::string(vault_engine_name(parameters.engine)) +
                                       " answered with " + why);
}

void rename_field(VaultFields& fields, std::string_view from, const std::string& to) {
  const auto found = fields.find(from);
  if (found == fields.end()) return;
  Secret value = std::move(found->second);
  fields.erase(found);
  fields.insert_or_assign(to, std::move(value));
}

bool one_line(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

void require_fields(const VaultParameters& parameters, const VaultFields& fields,
                    std::initializer_list<std::string_view> names, bool lines_allowed = false) {
  for (const std::string_view name : names) {
    const auto found = fields.find(name);
    if (found == fields.end() || found->second.empty()) {
      wrong_answer(parameters, "no " + std::string(name));
    }
    if (!lines_allowed && !one_line(found->second.view())) {
      wrong_answer(parameters, "control characters in its " + std::string(name));
    }
  }
}

// A field that holds seconds: of an instant, or of a life.
std::optional<Seconds> seconds_in(const VaultFields& fields, std::string_view name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return std::nullopt;
  const std::string_view text = found->second.view();
  if (text.empty() || text.size() > 11 ||
      text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return Seconds{std::stoll(std::string(text))};
}

std::optional<WallTime> instant_in(const VaultFields& fields, std::string_view name) {
  const auto seconds = seconds_in(fields, name);
  if (!seconds) return std::nullopt;
  return WallTime{*seconds};
}

// kv version 2 wraps the secret: {"data": {...}, "metadata": {...}}. A deleted version has null.
void open_kv(const VaultParameters& parameters, VaultFields& fields) {
  const auto inner = fields.find("data");
  if (inner == fields.end()) wrong_answer(parameters, "no secret: is this mount of version 2?");
  fields = fields_of_object(inner->second.view(), "the secret");
  if (fields.empty()) wrong_answer(parameters, "an empty secret");
}

void read_aws(const VaultParameters& parameters, VaultFields& fields, const VaultReply& reply,
              WallTime now, EngineEnd& end) {
  rename_field(fields, "access_key", "access_key_id");
  rename_field(fields, "secret_key", "secret_access_key");
  rename_field(fields, "security_token", "session_token");  // older servers
  require_fields(parameters, fields, {"access_key_id", "secret_access_key"});
  const auto session = fields.find("session_token");
  if (session == fields.end()) return;
  // Ending the lease does not reach what AWS STS gave out.
  require_fields(parameters, fields, {"session_token"});
  end.revocable = false;
  end.until = now + reply.lease;
}

void read_gcp(const VaultParameters& parameters, VaultFields& fields, WallTime now,
              EngineEnd& end) {
  if (parameters.kind.ends_with("-token")) {
    require_fields(parameters, fields, {"token"});
    rename_field(fields, "token", "access_token");
    end.revocable = false;
    end.until = instant_in(fields, "expires_at_seconds");
    if (!end.until) {
      if (const auto life = seconds_in(fields, "token_ttl")) end.until = now + *life;
    }
    return;
  }
  require_fields(parameters, fields, {"private_key_data"});
  auto key = unbase64(fields.at("private_key_data").view());
  if (!key) wrong_answer(parameters, "a key that is not base64");
  fields.insert_or_assign("private_key_data", seal(std::move(*key)));
}

void read_kubernetes(const VaultParameters& parameters, VaultFields& fields,
                     const VaultReply& reply, WallTime now, EngineEnd& end) {
  rename_field(fields, "service_account_token", "token");
  rename_field(fields, "service_account_name", "service_account");
  rename_field(fields, "service_account_namespace", "namespace");
  require_fields(parameters, fields, {"token", "service_account", "namespace"});
  fields.insert_or_assign("server", Secret(parameters.cluster));
  // An account that the engine made goes with the lease, and its tokens with it. A token of one
  // that was there before lives on. By the name: the engine's own template begins with "v-".
  if (fields.at("service_account").view().starts_with("v-")) return;
  end.revocable = false;
  end.until = now + reply.lease;
}

}  // namespace

EngineRequest engine_request(const VaultParameters& parameters, Tier tier, Seconds life,
                             const std::string& public_key) {
  const VaultTarget& target = parameters.target(tier);
  EngineRequest request;
  request.path = path_of(parameters, target);
  request.method = parameters.engine == VaultEngine::Generic ? target.method
                   : takes_body(parameters.engine)           ? "POST"
                                                             : "GET";
  if (request.method == "POST") {
    Json body = own_body(parameters, life, public_key);
    if (!target.data.empty()) body.update(parse_json_strictly(target.data, "'data' of the role"));
    request.body = canonical_json(body);
  }
  if (parameters.engine == VaultEngine::Kv && parameters.version > 0) {
    request.path += "?version=" + std::to_string(parameters.version);
  }
  return request;
}

VaultFields engine_fields(const VaultParameters& parameters, Tier tier, VaultReply& reply,
                          WallTime now, EngineEnd& end) {
  VaultFields fields = std::move(reply.data);
  switch (parameters.engine) {
    case VaultEngine::Database:
      require_fields(parameters, fields, {"username", "password"});
      end.stored = parameters.kind == "static-creds";
      break;
    case VaultEngine::Ssh:
      require_fields(parameters, fields, {"signed_key"}, true);
      rename_field(fields, "signed_key", "certificate");
      end.revocable = false;
      break;
    case VaultEngine::Pki:
      require_fields(parameters, fields, {"certificate", "private_key"}, true);
      require_fields(parameters, fields, {"serial_number"});
      end.serial = std::string(fields.at("serial_number").view());
      end.until = instant_in(fields, "expiration");
      break;
    case VaultEngine::Aws: read_aws(parameters, fields, reply, now, end); break;
    case VaultEngine::Gcp: read_gcp(parameters, fields, now, end); break;
    case VaultEngine::Kubernetes: read_kubernetes(parameters, fields, reply, now, end); break;
    case VaultEngine::Kv:
      open_kv(parameters, fields);
      end.stored = true;
      break;
    default:
      end.stored = reply.lease_id.empty() && parameters.target(tier).method == "GET";
      end.revocable = !reply.lease_id.empty();
      if (fields.empty()) wrong_answer(parameters, "no data");
  }
  return fields;
}

std::vector<std::pair<std::string, Secret>> engine_variables(const VaultParameters& parameters,
                                                             bool own_templates,
                                                             const Credential& credential) {
  std::vector<std::pair<std::string, Secret>> variables;
  const auto give = [&](const char* variable, std::string_view field) {
    const auto found = credential.fields.find(field);
    if (found != credential.fields.end()) {
      variables.emplace_back(variable, found->second.duplicate());
    }
  };
  // Both products' clients: OpenBao's take BAO_ first, whatever VAULT_ says.
  const auto tell = [&](const std::string& name, const std::string& value) {
    if (value.empty()) return;
    variables.emplace_back("VAULT_" + name, Secret(value));
    variables.emplace_back("BAO_" + name, Secret(value));
  };
  if (parameters.engine == VaultEngine::Token) {
    give("VAULT_TOKEN", "token");
    give("BAO_TOKEN", "token");
    tell("ADDR", parameters.server.nodes.front());
    tell("NAMESPACE", parameters.server.name_space);
    tell("CACERT", parameters.server.ca_file);
    tell("CLIENT_CERT", parameters.server.client_certificate);
    tell("CLIENT_KEY", parameters.server.client_key);
  } else if (parameters.engine == VaultEngine::Aws) {
    give("AWS_ACCESS_KEY_ID", "access_key_id");
    give("AWS_SECRET_ACCESS_KEY", "secret_access_key");
    give("AWS_SESSION_TOKEN", "session_token");
  } else if (parameters.engine == VaultEngine::Gcp) {
    give("CLOUDSDK_AUTH_ACCESS_TOKEN", "access_token");
    give("GOOGLE_OAUTH_ACCESS_TOKEN", "access_token");
  } else if (parameters.engine == VaultEngine::Database && !own_templates) {
    give("PGUSER", "username");
    give("PGPASSWORD", "password");
  }
  return variables;
}

std::vector<std::string> engine_tools(VaultEngine engine) {
  switch (engine) {
    case VaultEngine::Token: return {"vault", "bao"};
    case VaultEngine::Ssh: return {"ssh", "scp", "sftp", "rsync", "ansible"};
    case VaultEngine::Aws: return {"aws"};
    case VaultEngine::Gcp: return {"gcloud", "gsutil", "bq"};
    case VaultEngine::Kubernetes:
      return {"kubectl", "helm", "oc", "helmfile", "argocd", "flux", "k9s"};
    default: return {};
  }
}

}  // namespace prodaccess
