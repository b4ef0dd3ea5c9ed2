// What each secrets engine is asked, what its answer means, and what the child gets of it. Pure.
//
//   engine      request                            fields of the credential
//   token       (the grant's own token)            token, accessor
//   database    GET  M/creds/R, M/static-creds/R   username, password
//   ssh         POST M/sign/R                      certificate, private_key, serial_number
//   pki         POST M/issue/R                     certificate, private_key, ca_chain, ...
//   aws         POST M/creds/R, M/sts/R            access_key_id, secret_access_key, session_token
//   gcp         GET  M/roleset/R/token, ...        access_token, or private_key_data (JSON)
//   kubernetes  POST M/creds/R                     token, service_account, namespace, server
//   kv          GET  M/data/P                      the members of the secret
//   generic     GET or POST P                      the members of "data"
//
// Errors: Error{Provider} for an answer that is not what the engine gives.
// https://openbao.org/api-docs/secret/ https://developer.hashicorp.com/vault/api-docs/secret
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/grant/credential.h"
#include "providers/vault/vault_parameters.h"
#include "providers/vault/vault_reply.h"

namespace prodaccess {

struct EngineRequest {
  std::string method;
  std::string path;
  std::string body;  // JSON; "" for none
  // What the token of the grant needs on the path: "read" or "update".
  std::string capability() const { return method == "GET" ? "read" : "update"; }
};

// `life`: for the engines that take a wish. `public_key`: engine ssh, an authorized_keys line.
// Not for engine token.
EngineRequest engine_request(const VaultParameters& parameters, Tier tier, Seconds life,
                             const std::string& public_key);

// What an engine's answer says beside its fields about the end of what was issued.
struct EngineEnd {
  std::optional<WallTime> until;  // by the credential's own word
  bool revocable = true;          // ending the lease ends the credential
  bool stored = false;            // it was there before, and stays
  std::string serial;             // pki
};

// Renames and checks the members of `data` as the table above says.
VaultFields engine_fields(const VaultParameters& parameters, Tier tier, VaultReply& reply,
                          WallTime now, EngineEnd& end);

// The variables that the child gets without the role's own `env`.
std::vector<std::pair<std::string, Secret>> engine_variables(const VaultParameters& parameters,
                                                             bool own_templates,
                                                             const Credential& credential);

// Packs that a grant serves without --role; empty: any.
std::vector<std::string> engine_tools(VaultEngine engine);

}  // namespace prodaccess
