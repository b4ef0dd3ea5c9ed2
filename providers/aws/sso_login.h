// SsoTokens: the logins at IAM Identity Centers, kept in the durable store (never in
// ~/.aws/sso/cache), refreshed while they can be. SsoLogin: one of them, for `prodaccess login`.
//
// Errors: Error{Provider} where a person has to sign in (again), with the line to type.
// Threads: one. Processes: of many that need a refresh at once, one does it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/grant/login.h"
#include "core/grant/single_flight.h"
#include "core/os/clock.h"
#include "core/os/store.h"
#include "providers/aws/sso_oidc.h"

namespace prodaccess {

// What is kept of a login.
struct SsoSignIn {
  SsoClient client;
  SsoToken token;

  Secret serialise() const;
  // Throws Error{Keyring} for anything else.
  static SsoSignIn parse(std::string_view bytes);
  bool refreshable(WallTime now) const;
};

class SsoTokens {
 public:
  using OpenClaims = std::function<SingleFlight()>;
  // All must outlive it; the functions are called when a login is first needed.
  SsoTokens(HttpClient& http, const Clock& clock, OpenStore open_store, OpenClaims open_claims);

  // One that lives at least a few minutes; refreshed where needed.
  Secret access_token(const SsoSession& session);
  // Throws where nothing durable can be kept: before a person is troubled.
  void require_store() { static_cast<void>(open_store_()); }
  std::optional<SsoSignIn> kept(const SsoSession& session);
  void keep(const SsoSession& session, const SsoSignIn& sign_in);
  // False: nothing was kept.
  bool forget(const SsoSession& session);

  HttpClient& http() { return http_; }
  const Clock& clock() const { return clock_; }

 private:
  // True: the kept token lives long enough now.
  bool refresh(const SsoSession& session);

  HttpClient& http_;
  const Clock& clock_;
  OpenStore open_store_;
  OpenClaims open_claims_;
};

class SsoLogin final : public Login {
 public:
  using Pause = std::function<void(Milliseconds)>;
  // `tokens` must outlive it. `pause` is how it waits between polls.
  SsoLogin(SsoTokens& tokens, SsoSession session, Pause pause = {});

  std::string name() const override { return session_.name; }
  std::string kind() const override { return "AWS IAM Identity Center"; }
  std::string place() const override { return session_.start_url; }
  LoginState state() override;
  LoginState sign_in(Prompt& prompt) override;
  bool sign_out() override;
  const SsoSession& session() const { return session_; }
  SsoTokens& tokens() { return tokens_; }

 private:
  SsoToken await_person(SsoOidc& oidc, const SsoClient& client, const SsoDevice& device);

  SsoTokens& tokens_;
  SsoSession session_;
  Pause pause_;
};

}  // namespace prodaccess
