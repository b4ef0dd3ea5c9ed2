// SsoOidc: the OIDC service of IAM Identity Center, for its device flow: register this client, ask
// for a code that a person confirms in a browser, and poll for the token; later refresh it.
// AWS SSO OIDC API Reference (RegisterClient, StartDeviceAuthorization, CreateToken); RFC 8628.
//
// Calls are unsigned. Errors: Error{Provider}; what is an answer (pending, slow down, refused) is
// none. Threads: one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/os/clock.h"
#include "providers/http/http_client.h"

namespace prodaccess {

// Where people sign in. From a role, or from an [sso-session] of ~/.aws/config.
struct SsoSession {
  std::string name;  // what people call it
  std::string start_url;
  std::string region;
  std::vector<std::string> scopes{"sso:account:access"};
  // Origins in place of AWS's own; http:// is allowed to loopback addresses, since trusted
  // configuration says so.
  std::string oidc_endpoint;
  std::string portal_endpoint;
};

// "https://oidc.REGION.amazonaws.com"; `service` is "oidc" or "portal.sso". Throws Error{Config}
// for a region that is none.
std::string sso_origin(const SsoSession& session, const std::string& service);

struct SsoClient {
  std::string id;
  Secret secret;
  WallTime expires_at{};
};

struct SsoDevice {
  Secret device_code;
  std::string user_code;
  std::string page;  // https, with the code in it where the service gives such a one
  Seconds expires_in{0};
  Seconds interval{5};
};

struct SsoToken {
  Secret access_token;
  WallTime expires_at{};
  Secret refresh_token;  // empty: none was given
};

struct SsoPoll {
  enum class State { Granted, Pending, SlowDown, Expired, Denied } state = State::Pending;
  std::optional<SsoToken> token;  // of Granted
  std::string detail;             // of the last two, in the service's words
};

class SsoOidc {
 public:
  // All must outlive it.
  SsoOidc(HttpClient& http, const Clock& clock, const SsoSession& session);

  SsoClient register_client();
  SsoDevice start_device(const SsoClient& client);
  SsoPoll poll(const SsoClient& client, const SsoDevice& device);
  // Absent: refused for good; a person has to sign in again.
  std::optional<SsoToken> refresh(const SsoClient& client, const Secret& refresh_token);

 private:
  struct Reply;
  Reply post(const std::string& path, Secret body);
  SsoToken read_token(const Reply& reply) const;

  HttpClient& http_;
  const Clock& clock_;
  const SsoSession& session_;
};

}  // namespace prodaccess
