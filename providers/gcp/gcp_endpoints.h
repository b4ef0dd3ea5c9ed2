// Where Google's services are: one host for each under the universe's domain, unless the role's
// configuration names others (a private endpoint, a test).
//
// A credential file names endpoints too. Those are never called: they must be the ones below, since
// a file that came from elsewhere could otherwise lead a secret anywhere.
#pragma once

#include <string>

#include "core/base/config_table.h"

namespace prodaccess {

struct GcpEndpoints {
  std::string universe = "googleapis.com";
  // Origins, no slash at the end.
  std::string oauth2;           // https://oauth2.googleapis.com
  std::string sts;              // https://sts.googleapis.com
  std::string iam;              // https://iam.googleapis.com
  std::string iam_credentials;  // https://iamcredentials.googleapis.com
  std::string metadata;         // http://169.254.169.254
  std::string ca_file;          // "" for the system's

  // `aud` of what is signed for the token endpoint: its public name, wherever it is reached.
  std::string token_audience() const;
  bool is_token_uri(const std::string& url) const;
  bool is_sts_url(const std::string& url) const;
  // The account of an impersonation URL; "" for what is none at these endpoints.
  std::string impersonated_account(const std::string& url) const;
  std::string service_account_url(const std::string& account, const std::string& method) const;
};

// Takes `universe_domain`, `ca_file` and `endpoints`.
GcpEndpoints take_gcp_endpoints(ConfigTable& table);

// "NAME@PROJECT.iam.gserviceaccount.com"; no numeric id: what is issued could not be compared.
bool is_service_account(std::string_view text);

}  // namespace prodaccess
