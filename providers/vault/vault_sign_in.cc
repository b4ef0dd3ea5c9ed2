#include "providers/vault/vault_sign_in.h"

#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/callback_listener.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr Seconds kPatience{300};
constexpr const char* kCallback = "/oidc/callback";
constexpr const char* kPage =
    "<!doctype html><title>prodaccess</title><p>You are signed in. You may close this page.";

// The raw value of a member of a query, without decoding: it is only compared and passed on.
std::string member(std::string_view query, std::string_view name) {
  for (const std::string& part : split(query, '&')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string::npos && std::string_view(part).substr(0, equals) == name) {
      return part.substr(equals + 1);
    }
  }
  return "";
}

std::string question_for(const VaultLoginParameters& login) {
  switch (login.method) {
    case VaultMethod::Userpass: return "Password of " + login.username + ":";
    case VaultMethod::AppRole: return login.wrapped ? "Wrapping token:" : "Secret id:";
    case VaultMethod::Token: return "Token:";
    default: return "JWT:";
  }
}

}  // namespace

struct VaultSignIn::Flow {
  std::string address;  // for the browser
  std::string nonce;
  std::string state;         // as it stands in the address's query
  Seconds poll_interval{0};  // 0: the browser comes back to us
  std::string user_code;     // what the person types there; "" for nothing
};

VaultSignIn::VaultSignIn(VaultParameters parameters, const SecretSources& sources,
                         const Clock& clock, Random& random)
    : parameters_(std::move(parameters)),
      sources_(sources),
      clock_(clock),
      random_(random),
      client_(sources.http, parameters_.server) {}

bool VaultSignIn::serves(const VaultParameters& parameters) {
  return parameters.login.method == VaultMethod::Oidc || parameters.login.secret_from == "stored";
}

std::string VaultSignIn::name() const { return vault_login_name(parameters_); }

std::string VaultSignIn::kind() const {
  return parameters_.login.method == VaultMethod::Oidc ? "Vault, browser" : "Vault";
}

LoginState VaultSignIn::state() {
  const auto stored = sources_.store().get(vault_login_key(parameters_));
  if (!stored) return {};
  const KeptSecret kept = KeptSecret::parse(stored->view());
  const bool live = !kept.until || *kept.until > clock_.wall_now();
  return {live, kept.until, kept.who};
}

LoginState VaultSignIn::keep(const KeptSecret& kept) {
  sources_.store().put(vault_login_key(parameters_), kept.text().view());
  return {true, kept.until, kept.who};
}

LoginState VaultSignIn::sign_in(Prompt& prompt) {
  if (parameters_.login.method != VaultMethod::Oidc) return keep_secret(prompt);
  VaultToken token = by_browser(prompt);
  KeptSecret kept;
  if (token.life > Seconds{0}) kept.until = clock_.wall_now() + token.life;
  VaultCall look;
  look.path = "auth/token/lookup-self";
  look.token = token.token.view();
  kept.who = client_.call(look, "say who signed in").text("display_name");
  kept.secret = std::move(token.token);
  return keep(kept);
}

// Tried before it is kept: what does not log in would only fail later.
LoginState VaultSignIn::keep_secret(Prompt& prompt) {
  KeptSecret kept;
  kept.secret = Secret(trim(prompt.ask_secret(question_for(parameters_.login)).view()));
  if (kept.secret.empty()) throw Error(ErrorCode::Denied, "nothing was given");
  keep(kept);
  try {
    const VaultLogin login(sources_, clock_);
    const VaultSession session = login.begin(client_, parameters_);
    kept.until = session.fresh ? std::nullopt : session.until;
    VaultCall end;
    end.method = "POST";
    end.path = "auth/token/revoke-self";
    end.token = session.token.view();
    if (session.fresh) client_.send(end);
  } catch (const Error&) {
    sources_.store().erase(vault_login_key(parameters_));
    throw;
  }
  return keep(kept);
}

bool VaultSignIn::sign_out() {
  const std::string key = vault_login_key(parameters_);
  const auto stored = sources_.store().get(key);
  if (!stored) return false;
  if (parameters_.login.method == VaultMethod::Oidc) {
    const KeptSecret kept = KeptSecret::parse(stored->view());
    VaultCall end;
    end.method = "POST";
    end.path = "auth/token/revoke-self";
    end.token = kept.secret.view();
    const int status = client_.send(end).status;
    if (status != 200 && status != 204 && status != 403) {
      throw Error(ErrorCode::Provider,
                  "the server did not end the token: status " + std::to_string(status));
    }
  }
  sources_.store().erase(key);
  return true;
}

VaultToken VaultSignIn::by_browser(Prompt& prompt) {
  const VaultLoginParameters& login = parameters_.login;
  if (login.callback != "loopback") {
    const std::string own =
        login.callback == "direct"
            ? parameters_.server.nodes.front() + "/v1/auth/" + login.mount + "/oidc/callback"
            : "";
    const Flow flow = begin_flow(own);
    tell(prompt, flow);
    return poll_flow(flow);
  }
  CallbackListener listener(static_cast<std::uint16_t>(login.port));
  const Flow flow = begin_flow("http://localhost:" + std::to_string(listener.port()) + kCallback);
  tell(prompt, flow);
  const auto query = listener.wait_for(
      kCallback, [&](std::string_view asked) { return member(asked, "state") == flow.state; },
      kPage, kPatience);
  if (!query) {
    throw Error(ErrorCode::Denied, "nobody signed in within " + format_duration(kPatience),
                {"prodaccess login " + name()});
  }
  return finish_flow(flow, *query);
}

void VaultSignIn::tell(Prompt& prompt, const Flow& flow) {
  prompt.tell("open this page in a browser to sign in:");
  prompt.tell(flow.address);
  if (!flow.user_code.empty()) prompt.tell("and enter the code " + flow.user_code);
}

VaultSignIn::Flow VaultSignIn::begin_flow(const std::string& redirect) {
  Flow flow;
  flow.nonce = hex(random_.bytes(20));
  VaultCall call;
  call.method = "POST";
  call.path = "auth/" + parameters_.login.mount + "/oidc/auth_url";
  call.body = seal(json_texts({{"role", parameters_.login.role},
                               {"redirect_uri", redirect},
                               {"client_nonce", flow.nonce}}));
  const VaultReply reply = client_.call(call, "begin a browser login");
  flow.address = reply.text("auth_url");
  if (flow.address.empty()) {
    throw Error(ErrorCode::Provider, "the server does not let this role sign in here",
                {"allow the redirect address " + redirect + " in the server's role"});
  }
  const Url url = parse_url(flow.address);
  flow.state = reply.text("state").empty() ? member(url.query, "state") : reply.text("state");
  flow.user_code = escape_for_terminal(reply.text("user_code"));
  const std::string interval = reply.text("poll_interval");
  if (!interval.empty() && interval.size() < 4 &&
      interval.find_first_not_of("0123456789") == std::string::npos) {
    flow.poll_interval = std::max(Seconds{1}, Seconds{std::stoi(interval)});
  }
  const bool safe = url.scheme == "https" || is_local_host(url.host);
  const bool polls = parameters_.login.callback != "loopback";
  if (!safe || flow.state.empty() || polls != (flow.poll_interval > Seconds{0})) {
    throw Error(ErrorCode::Provider, "the server gave an address that this login cannot use",
                {"compare 'callback' with the callback_mode of the server's role"});
  }
  return flow;
}

VaultToken VaultSignIn::finish_flow(const Flow& flow, const std::string& query) {
  const std::string refused = member(query, "error");
  if (!refused.empty()) {
    throw Error(ErrorCode::Provider,
                "the identity provider refused: " + escape_for_terminal(refused.substr(0, 100)));
  }
  VaultCall call;
  call.path = "auth/" + parameters_.login.mount + "/oidc/callback?state=" + flow.state +
              "&code=" + member(query, "code") + "&client_nonce=" + flow.nonce;
  call.issues = true;
  VaultReply reply = client_.call(call, "finish the browser login");
  return reply.new_token();
}

VaultToken VaultSignIn::poll_flow(const Flow& flow) {
  Seconds interval = flow.poll_interval;
  for (Seconds waited{0}; waited < kPatience; waited += interval) {
    std::this_thread::sleep_for(interval);
    VaultCall call;
    call.method = "POST";
    call.path = "auth/" + parameters_.login.mount + "/oidc/poll";
    call.body = seal(json_texts({{"state", flow.state}, {"client_nonce", flow.nonce}}));
    call.issues = true;
    try {
      VaultReply reply = client_.call(call, "finish the login");
      return reply.new_token();
    } catch (const VaultRefusal& refusal) {
      if (refusal.says("slow_down")) interval += Seconds{5};
      if (!refusal.says("authorization_pending") && !refusal.says("slow_down")) throw;
    }
  }
  throw Error(ErrorCode::Denied, "nobody signed in within " + format_duration(kPatience));
}

}  // namespace prodaccess
