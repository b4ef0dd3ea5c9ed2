#include "providers/vault/grant_tokens.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

std::string whole_seconds(Seconds life) { return std::to_string(life.count()) + "s"; }

bool holds_root(const VaultToken& token) {
  return std::find(token.policies.begin(), token.policies.end(), "root") != token.policies.end();
}

std::string child_path(const VaultParameters& parameters, const VaultTarget& target) {
  if (!target.token_role.empty()) return "auth/token/create/" + target.token_role;
  return parameters.orphan ? "auth/token/create-orphan" : "auth/token/create";
}

}  // namespace

GrantTokens::~GrantTokens() {
  if (child_ && !kept_) end(child_->token);
  // An orphan needs its maker no longer.
  if (session_.fresh && (!kept_ || (orphan_ && child_))) end(session_.token);
}

void GrantTokens::end(const Secret& token) noexcept {
  try {
    VaultCall call;
    call.method = "POST";
    call.path = "auth/token/revoke-self";
    call.token = token.view();
    client_.send(call);
  } catch (const std::exception&) {
    return;  // the first failure is the one to tell; the accessor is on record, the end is near
  }
}

std::optional<WallTime> GrantTokens::until() const {
  std::optional<WallTime> until = child_until_;
  const bool bound = !orphan_ || !child_;
  if (bound && session_.until && (!until || *session_.until < *until)) until = session_.until;
  return until;
}

Secret GrantTokens::root() const {
  const bool above = session_.fresh && !(orphan_ && child_);
  return above ? session_.token.duplicate() : child_->token.duplicate();
}

void GrantTokens::make(const VaultParameters& parameters, const IssueRequest& request,
                       Seconds longest, const HandleObserver& on_handle) {
  const Seconds life = std::chrono::ceil<std::chrono::seconds>(request.until - clock_.wall_now());
  if (life <= Seconds{0}) {
    throw Error(ErrorCode::Provider, "the grant ends now: there is nothing left to issue for it");
  }
  orphan_ = parameters.orphan;
  const auto record = [&](const std::string& accessor) {
    if (accessor.empty()) {
      throw Error(ErrorCode::Provider, "the login gives batch tokens, which cannot be taken back",
                  {"set token_type = \"service\" on the server's role"});
    }
    handle_.accessors.push_back(accessor);
    if (on_handle) on_handle(handle_.text());
  };
  if (session_.fresh) record(session_.accessor);
  fit_session(life, parameters.target(request.tier).makes_token());
  if (!parameters.target(request.tier).makes_token()) return;
  make_child(parameters, request, life, std::max(life, longest));
  if (orphan_) handle_.accessors.clear();
  record(child_->accessor);
}

// The grant's token dies with the login's, so that must live long enough; and where the login's
// token is all there is, it must not outlive the grant.
void GrantTokens::fit_session(Seconds wanted, bool with_child) {
  if (!session_.until || !session_.renewable || (with_child && orphan_)) return;
  const WallTime end = clock_.wall_now() + wanted;
  if (*session_.until == end || (*session_.until > end && (with_child || !session_.fresh))) return;
  VaultCall call;
  call.method = "POST";
  call.path = "auth/token/renew-self";
  call.token = session_.token.view();
  call.body = seal(json_texts({{"increment", whole_seconds(wanted)}}));
  try {
    const VaultReply reply = client_.call(call, "lengthen our login");
    if (reply.auth) session_.until = clock_.wall_now() + reply.auth->life;
  } catch (const VaultRefusal&) {
    return;  // its longest life is reached: the grant's credential is shorter, and says so
  }
}

void GrantTokens::make_child(const VaultParameters& parameters, const IssueRequest& request,
                             Seconds life, Seconds longest) {
  const VaultTarget& target = parameters.target(request.tier);
  const bool handed_out = parameters.engine == VaultEngine::Token;
  // A command that holds the token could renew it: it gets the grant's end as its last.
  Json body = {
      {"ttl", whole_seconds(life)},
      {"explicit_max_ttl", whole_seconds(handed_out ? life : longest)},
      {"renewable", !handed_out},
      {"type", "service"},
      {"display_name", "prodaccess"},
      {"meta", {{"prodaccess_grant", request.grant_id}, {"prodaccess_role", request.role.name}}}};
  if (!target.policies.empty()) body["policies"] = target.policies;
  if (!parameters.default_policy) body["no_default_policy"] = true;
  // One use more where we look ourselves at what it may do.
  if (parameters.uses > 0) body["num_uses"] = parameters.uses;
  VaultCall call;
  call.method = "POST";
  call.path = child_path(parameters, target);
  call.token = session_.token.view();
  call.body = seal(canonical_json(body));
  call.issues = true;
  VaultReply reply = client_.call(call, "make a token for the grant");
  child_ = reply.new_token();
  if (holds_root(*child_)) {
    throw Error(ErrorCode::Provider, "the server gave the grant a root token; it was refused");
  }
  if (child_->life <= Seconds{0}) {
    throw Error(ErrorCode::Provider, "the server gave the grant a token without an end");
  }
  child_until_ = clock_.wall_now() + child_->life;
}

}  // namespace prodaccess
