// VaultClient: one request to a Vault or OpenBao server, at whichever of the configured nodes
// answers.
//
// A node that cannot be reached, is sealed (503) or is a standby of another kind (472, 473) is
// passed over while another is configured; a redirect (307) is followed to configured nodes only.
// What may be repeated is, as http_client.h says; asking for a credential is repeated only where
// the server said that it did nothing, since a lost answer may hold a live lease.
//
// Errors: Error{Provider} with the server's own words, cut and escaped. Threads: one.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "providers/http/http_client.h"
#include "providers/vault/vault_parameters.h"
#include "providers/vault/vault_reply.h"

namespace prodaccess {

struct VaultCall {
  std::string method = "GET";
  std::string path;        // beneath /v1/, with its query
  Secret body;             // JSON; "" for none
  std::string_view token;  // "" for none
  bool issues = false;     // makes something: not to be repeated blindly
};

// The server's "no", to be told apart from a failure to answer.
class VaultRefusal : public Error {
 public:
  VaultRefusal(const std::string& server, int status, const std::string& said,
               const std::string& doing, std::vector<std::string> hints);
  // The same refusal, with something better to do about it.
  VaultRefusal(const VaultRefusal& refusal, std::vector<std::string> hints);
  int status() const { return status_; }
  const std::string& said() const { return said_; }  // its own words, escaped
  bool says(std::string_view words) const { return said_.find(words) != std::string::npos; }

 private:
  int status_;
  std::string said_;
};

class VaultClient {
 public:
  // Both must outlive it.
  VaultClient(HttpClient& http, const VaultServer& server) : http_(http), server_(server) {}

  // `doing` completes "https://HOST would not ...". Throws VaultRefusal for 400 and above.
  VaultReply call(const VaultCall& call, const std::string& doing);
  // Any status; the body as it came.
  HttpResponse send(const VaultCall& call);

 private:
  HttpRequest request_to(const std::string& node, const VaultCall& call) const;
  std::size_t redirected_to(const HttpResponse& response) const;

  HttpClient& http_;
  const VaultServer& server_;
  std::size_t node_ = 0;  // where the last answer came from
};

}  // namespace prodaccess
