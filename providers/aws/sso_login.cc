#include "providers/aws/sso_login.h"

#include <charconv>
#include <thread>

#include "core/base/error.h"
#include "core/base/netstring.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/grant/provider.h"
#include "providers/aws/sso_portal.h"

namespace prodaccess {
namespace {

constexpr std::string_view kFormat = "aws-sso-1";
constexpr Seconds kFreshEnough{300};
constexpr Milliseconds kPatience{60'000};

// By what makes two logins the same one at AWS.
std::string item_of(const SsoSession& session) {
  return "aws-sso-" + sha256_hex(session.start_url + "\n" + session.region).substr(0, 24);
}

WallTime parse_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (!time) throw Error(ErrorCode::Keyring, "a kept login has no usable time");
  return *time;
}

[[noreturn]] void sign_in_again(const SsoSession& session, const std::string& why) {
  throw Error(ErrorCode::Provider, why + " at " + session.start_url,
              {"prodaccess login " + shell_quote(session.name)});
}

}  // namespace

Secret SsoSignIn::serialise() const {
  return encode_netstrings({kFormat, client.id, client.secret.view(),
                            format_rfc3339(client.expires_at), token.access_token.view(),
                            format_rfc3339(token.expires_at), token.refresh_token.view()});
}

SsoSignIn SsoSignIn::parse(std::string_view bytes) {
  const auto parts = decode_netstrings(bytes);
  if (!parts || parts->size() != 7 || parts->front() != kFormat) {
    throw Error(ErrorCode::Keyring, "a kept login is of a form that this version does not know",
                {"prodaccess logout NAME, then prodaccess login NAME"});
  }
  SsoSignIn sign_in;
  sign_in.client = {std::string((*parts)[1]), Secret((*parts)[2]), parse_time((*parts)[3])};
  sign_in.token = {Secret((*parts)[4]), parse_time((*parts)[5]), Secret((*parts)[6])};
  return sign_in;
}

bool SsoSignIn::refreshable(WallTime now) const {
  return !token.refresh_token.empty() && client.expires_at > now;
}

SsoTokens::SsoTokens(HttpClient& http, const Clock& clock, OpenStore open_store,
                     OpenClaims open_claims)
    : http_(http),
      clock_(clock),
      open_store_(std::move(open_store)),
      open_claims_(std::move(open_claims)) {}

std::optional<SsoSignIn> SsoTokens::kept(const SsoSession& session) {
  const auto bytes = open_store_().get(item_of(session));
  if (!bytes) return std::nullopt;
  return SsoSignIn::parse(bytes->view());
}

void SsoTokens::keep(const SsoSession& session, const SsoSignIn& sign_in) {
  open_store_().put(item_of(session), sign_in.serialise().view());
}

bool SsoTokens::forget(const SsoSession& session) {
  DurableStore& store = open_store_();
  const bool was = store.get(item_of(session)).has_value();
  store.erase(item_of(session));
  return was;
}

bool SsoTokens::refresh(const SsoSession& session) {
  auto sign_in = kept(session);
  const WallTime now = clock_.wall_now();
  if (!sign_in || !sign_in->refreshable(now)) return false;
  SsoOidc oidc(http_, clock_, session);
  auto token = oidc.refresh(sign_in->client, sign_in->token.refresh_token);
  if (!token) return false;
  // Where no new one is given the old one goes on serving (RFC 6749, 6).
  if (token->refresh_token.empty()) token->refresh_token = std::move(sign_in->token.refresh_token);
  sign_in->token = std::move(*token);
  keep(session, *sign_in);
  return true;
}

Secret SsoTokens::access_token(const SsoSession& session) {
  std::optional<SsoSignIn> found;
  const auto fresh = [&] {
    found = kept(session);
    return found && found->token.expires_at > clock_.wall_now() + kFreshEnough;
  };
  if (fresh()) return std::move(found->token.access_token);
  if (!found) sign_in_again(session, "not signed in");
  try {
    SingleFlight claims = open_claims_();
    claims.run(
        item_of(session), kPatience, fresh,
        [&](const StageReport& stage) {
          stage("refreshes the login at " + session.start_url);
          if (refresh(session)) found = kept(session);
        },
        [](const std::string&) {});
  } catch (const Error&) {
    // The service is out of reach: what lives still, serves.
    if (found && found->token.expires_at > clock_.wall_now()) {
      return std::move(found->token.access_token);
    }
    throw;
  }
  if (found && found->token.expires_at > clock_.wall_now()) {
    return std::move(found->token.access_token);
  }
  sign_in_again(session, "the login has expired");
}

SsoLogin::SsoLogin(SsoTokens& tokens, SsoSession session, Pause pause)
    : tokens_(tokens), session_(std::move(session)), pause_(std::move(pause)) {
  if (!pause_) pause_ = [](Milliseconds time) { std::this_thread::sleep_for(time); };
}

LoginState SsoLogin::state() {
  const auto kept = tokens_.kept(session_);
  if (!kept) return {};
  const WallTime now = tokens_.clock().wall_now();
  LoginState state;
  // How long a refresh token serves is the administrator's choice, and not told.
  state.signed_in = kept->token.expires_at > now || kept->refreshable(now);
  if (state.signed_in && !kept->refreshable(now)) state.until = kept->token.expires_at;
  return state;
}

LoginState SsoLogin::sign_in(Prompt& prompt) {
  tokens_.require_store();
  SsoOidc oidc(tokens_.http(), tokens_.clock(), session_);
  SsoSignIn sign_in;
  sign_in.client = oidc.register_client();
  const SsoDevice device = oidc.start_device(sign_in.client);
  prompt.tell("sign in to " + session_.start_url + " with a browser:");
  prompt.tell("  open   " + device.page);
  prompt.tell("  check  that it shows the code " + device.user_code);
  prompt.tell("waiting for you there, up to " + format_duration(device.expires_in));
  sign_in.token = await_person(oidc, sign_in.client, device);
  tokens_.keep(session_, sign_in);
  return state();
}

SsoToken SsoLogin::await_person(SsoOidc& oidc, const SsoClient& client, const SsoDevice& device) {
  Seconds interval = device.interval;
  // By our own count of the pauses: a clock that is set meanwhile changes nothing.
  for (Seconds waited{0}; waited < device.expires_in; waited += interval) {
    pause_(interval);
    SsoPoll poll = oidc.poll(client, device);
    switch (poll.state) {
      case SsoPoll::State::Granted: return std::move(*poll.token);
      case SsoPoll::State::Pending: break;
      case SsoPoll::State::SlowDown:
        interval += Seconds{5};  // RFC 8628, 3.5
        break;
      case SsoPoll::State::Denied:
        throw Error(ErrorCode::Denied,
                    "the login was refused in the browser: " + escape_for_terminal(poll.detail));
      case SsoPoll::State::Expired: sign_in_again(session_, "nobody confirmed the code in time");
    }
  }
  sign_in_again(session_, "nobody confirmed the code in time");
}

bool SsoLogin::sign_out() {
  std::optional<SsoSignIn> kept;
  try {
    kept = tokens_.kept(session_);
  } catch (const Error&) {
    kept.reset();  // of a form that cannot be read: it is forgotten all the same
  }
  const bool was = tokens_.forget(session_);
  if (kept && kept->token.expires_at > tokens_.clock().wall_now()) {
    SsoPortal(tokens_.http(), session_).log_out(kept->token.access_token);
  }
  return was;
}

}  // namespace prodaccess
