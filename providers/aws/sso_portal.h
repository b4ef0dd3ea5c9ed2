// SsoPortal: the access portal of IAM Identity Center: which accounts and roles a signed-in person
// has there, and keys for one of them. AWS SSO Portal API Reference.
//
// Errors: Error{Provider}; a token that is no good any more says so, with the line to type.
// Threads: one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "providers/aws/aws_credential.h"
#include "providers/aws/sso_oidc.h"
#include "providers/http/http_client.h"

namespace prodaccess {

struct SsoAccount {
  std::string id;  // 12 digits
  std::string name;
};

class SsoPortal {
 public:
  // Both must outlive it.
  SsoPortal(HttpClient& http, const SsoSession& session);

  AwsCredential role_credentials(const Secret& token, const std::string& account,
                                 const std::string& role);
  std::vector<SsoAccount> accounts(const Secret& token);
  std::vector<std::string> account_roles(const Secret& token, const std::string& account);
  // Ends the token there; that it had ended already is no failure.
  void log_out(const Secret& token);

 private:
  HttpResponse send(const std::string& method, const std::string& path_and_query,
                    const Secret& token);
  // Every entry of a paged list.
  void list(const std::string& path_and_query, const char* member, const Secret& token,
            const std::function<void(const Json& entry)>& take);

  HttpClient& http_;
  const SsoSession& session_;
};

}  // namespace prodaccess
