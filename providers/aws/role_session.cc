#include "providers/aws/role_session.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/netstring.h"
#include "core/base/text.h"
#include "providers/aws/session_text.h"

namespace prodaccess {
namespace {

constexpr Seconds kShortest{900};  // STS's
constexpr Seconds kUsual{3600};    // what every role allows
constexpr Seconds kLongestChained{3600};
constexpr Seconds kLongestBase{129'600};
constexpr int kTries = 3;

SessionWords words_of(const IssueRequest& request) {
  return {request.person, request.role.name, request.grant_id.substr(0, 8), request.access.reason,
          request.access.ticket};
}

std::string session_name_of(const AwsParameters& parameters, const IssueRequest& request) {
  const std::string name =
      session_word(fill_session_text(parameters.session_name, words_of(request)));
  return name.empty() ? "prodaccess" : name;
}

std::string home_region(const AwsParameters& parameters) {
  const auto arn = parse_role_arn(parameters.role_arn);
  const std::string partition = arn ? arn->partition : "aws";
  for (const char* region : {"cn-north-1", "us-gov-west-1", "eusc-de-east-1", "us-iso-east-1"}) {
    if (aws_partition(region) == partition) return region;
  }
  return "us-east-1";
}

bool is_code(std::string_view text) {
  return text.size() == 6 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What is kept of a session with a code: whose it is stands with it.
Secret kept_form(const AwsCredential& session, const std::string& key_id,
                 const std::string& serial) {
  const Secret keys = session.serialise();
  return encode_netstrings({key_id, serial, keys.view()});
}

std::optional<AwsCredential> from_kept(std::string_view bytes, const std::string& key_id,
                                       const std::string& serial) {
  const auto parts = decode_netstrings(bytes);
  if (!parts || parts->size() != 3 || (*parts)[0] != key_id || (*parts)[1] != serial) {
    return std::nullopt;
  }
  return AwsCredential::parse((*parts)[2]);
}

}  // namespace

AwsEndpoint sts_endpoint(const AwsParameters& parameters, const std::string& region) {
  const std::string chosen = region.empty() ? home_region(parameters) : region;
  if (!is_aws_region(chosen)) {
    throw Error(ErrorCode::Config, "\"" + escape_for_terminal(chosen) + "\" is not a region of AWS",
                {"region = \"eu-west-1\"   in the role's aws table"});
  }
  AwsEndpoint endpoint = aws_endpoint("sts", chosen, parameters.endpoint);
  endpoint.ca_file = parameters.ca_file;
  return endpoint;
}

RoleSessionMaker::RoleSessionMaker(AwsHost& host, const AwsParameters& parameters,
                                   const IssueRequest& request, Prompt& prompt)
    : host_(host),
      parameters_(parameters),
      request_(request),
      prompt_(prompt),
      session_name_(session_name_of(parameters, request)),
      region_(parameters.region.empty() ? region_of_base(host, parameters) : parameters.region),
      sts_(host.http, host.clock, sts_endpoint(parameters, region_)) {}

RoleSessionMade RoleSessionMaker::make(const HandleObserver& on_handle) {
  AwsBaseResolver resolver(host_, parameters_, session_name_, sts_,
                           [this](const AwsCredential& keys, const std::string& serial) {
                             return mfa_session(keys, serial);
                           });
  BaseIdentity base = resolver.resolve();
  RoleSessionMade made;
  try {
    made = parameters_.role_arn.empty() ? pass_on(std::move(base), on_handle)
                                        : assume(base, on_handle);
  } catch (const AwsError& error) {
    // A kept base session may have been ended at AWS.
    if (is_expired_base(error.aws_code()) && request_.base_session != nullptr) {
      request_.base_session->forget();
    }
    throw;
  }
  made.region = region_;
  made.skew = sts_.skew();
  made.credential.account_id = made.caller.account;
  return made;
}

Secret RoleSessionMaker::ask_code(const std::string& serial, const StageReport& stage) {
  if (!parameters_.mfa_command.empty()) {
    Secret code = line_of_program(host_.run, host_.home, parameters_.mfa_command);
    if (is_code(code.view())) return code;
    throw Error(ErrorCode::Provider,
                parameters_.mfa_command.front() + " does not print a code of six digits");
  }
  const std::string place = prompt_.place();
  const std::string words = "asks for MFA" + (place.empty() ? "" : " on " + place);
  stage(words);
  if (request_.stage) request_.stage(words);
  for (int attempt = 1;; ++attempt) {
    Secret code = prompt_.ask_secret("MFA code of " + serial + ":");
    Secret digits(trim(code.view()));
    if (is_code(digits.view())) return digits;
    if (attempt == kTries) break;
    prompt_.tell("a code has six digits");
  }
  throw Error(ErrorCode::Denied, "no MFA code was given");
}

AwsCredential RoleSessionMaker::mfa_session(const AwsCredential& keys, const std::string& serial) {
  const auto make = [&](const StageReport& stage) {
    const WallTime now = host_.clock.wall_now();
    const auto rest = std::chrono::ceil<Seconds>(request_.until - now);
    const MfaCode code{serial, ask_code(serial, stage)};
    AwsCredential session =
        sts_.get_session_token(keys, std::clamp(rest, kShortest, kLongestBase), &code);
    const WallTime until = session.expires_at.value_or(now + kShortest);
    return BaseSession::Made{kept_form(session, keys.access_key_id, serial), until};
  };
  if (request_.base_session == nullptr) {
    const BaseSession::Made made = make([](const std::string&) {});
    return from_kept(made.bytes.view(), keys.access_key_id, serial).value();
  }
  const auto get = [&] {
    return from_kept(request_.base_session->get(make).view(), keys.access_key_id, serial);
  };
  auto session = get();
  if (!session) {
    // Of other keys: the profile was changed under a living grant.
    request_.base_session->forget();
    session = get();
  }
  if (!session) throw Error(ErrorCode::Internal, "a base session cannot be read back");
  return std::move(*session);
}

bool RoleSessionMaker::is_of_a_role(const BaseIdentity& base) {
  if (base.chained) return true;
  if (!base.credential.temporary()) return false;
  return sts_.get_caller_identity(base.credential).arn.find(":assumed-role/") != std::string::npos;
}

// What STS is asked for: as long as the grant needs, within the role's limit, and 15m at least.
Seconds RoleSessionMaker::wanted(const BaseIdentity& base) {
  const auto rest = std::chrono::ceil<Seconds>(request_.until - host_.clock.wall_now());
  const Seconds limit = parameters_.duration.value_or(kUsual);
  if (limit > kLongestChained && base.web_token.empty() && is_of_a_role(base)) {
    throw Error(ErrorCode::Provider,
                "role " + request_.role.name + " is assumed by a role itself (" + base.source +
                    "): STS refuses sessions longer than 1h then, and duration is " +
                    format_duration(limit),
                {"duration = \"1h\"   in the role's aws table: a new session is fetched silently "
                 "while the grant lives"});
  }
  return std::clamp(rest, kShortest, limit);
}

AssumedRole RoleSessionMaker::call(const BaseIdentity& base, const RoleSession& session) {
  if (!base.web_token.empty()) return sts_.assume_role_with_web_identity(session, base.web_token);
  const SessionWords words = words_of(request_);
  AssumeRoleRequest asked;
  asked.session = session;
  asked.external_id = parameters_.external_id;
  asked.source_identity = session_word(fill_session_text(parameters_.source_identity, words));
  asked.chained = base.chained;
  for (const auto& [key, text] : parameters_.tags) {
    const std::string value = session_tag_text(fill_session_text(text, words), 256);
    if (value.empty()) continue;  // no ticket, say
    asked.tags.emplace_back(key, value);
    const auto& passing = parameters_.transitive_tags;
    if (std::find(passing.begin(), passing.end(), key) != passing.end()) {
      asked.transitive_tag_keys.push_back(key);
    }
  }
  AssumedRole role = sts_.assume_role(base.credential, asked);
  if (!asked.source_identity.empty() && !role.source_identity.empty() &&
      role.source_identity != asked.source_identity) {
    throw Error(ErrorCode::Provider, "STS gave a session of another source identity: " +
                                         escape_for_terminal(role.source_identity));
  }
  return role;
}

RoleSessionMade RoleSessionMaker::assume(const BaseIdentity& base,
                                         const HandleObserver& on_handle) {
  RoleSession session;
  session.role_arn = parameters_.role_of(request_.tier);
  session.session_name = session_name_;
  session.duration = wanted(base);
  const AwsSessionPolicy& policy = parameters_.policy_of(request_.tier);
  session.policy = policy.policy;
  session.policy_arns = policy.policy_arns;
  RoleSessionMade made;
  made.handle = parse_role_arn(session.role_arn).value().session_arn(session_name_);
  on_handle(made.handle);
  AssumedRole role = call(base, session);
  made.credential = std::move(role.credential);
  if (role.arn != made.handle) {
    throw Error(ErrorCode::Provider,
                "STS gave a session of " + escape_for_terminal(role.arn) + ", not " + made.handle);
  }
  made.caller = sts_.get_caller_identity(made.credential);
  check_caller(made.caller, made.handle);
  return made;
}

// Without a role of its own: the base session is what is given, as a session.
RoleSessionMade RoleSessionMaker::pass_on(BaseIdentity base, const HandleObserver& on_handle) {
  RoleSessionMade made;
  made.credential = std::move(base.credential);
  if (!made.credential.temporary()) {
    const auto rest = std::chrono::ceil<Seconds>(request_.until - host_.clock.wall_now());
    made.credential =
        sts_.get_session_token(made.credential, std::clamp(rest, kShortest, kLongestBase), nullptr);
  }
  made.handle = made.credential.access_key_id;
  on_handle(made.handle);
  made.caller = sts_.get_caller_identity(made.credential);
  check_caller(made.caller, "");
  return made;
}

void RoleSessionMaker::check_caller(const CallerIdentity& caller,
                                    const std::string& expected_arn) const {
  const bool good =
      caller.account == parameters_.account && (expected_arn.empty() || caller.arn == expected_arn);
  if (good) return;
  throw Error(ErrorCode::Provider,
              "the credential is of " + escape_for_terminal(caller.arn) + " in account " +
                  caller.account + ", not of " +
                  (expected_arn.empty() ? "account " + parameters_.account : expected_arn) +
                  "; nothing was kept",
              {"check role_arn, account and base in the role's aws table"});
}

}  // namespace prodaccess
