#include "providers/aws/sts_client.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/aws/xml_reply.h"

namespace prodaccess {
namespace {

constexpr const char* kVersion = "2011-06-15";
constexpr std::size_t kLongestArn = 2048;

using Fields = std::vector<std::pair<std::string, std::string>>;

void add(Fields& fields, const std::string& name, const std::string& value) {
  if (!value.empty()) fields.emplace_back(name, value);
}

// "PolicyArns.member.3.arn"
std::string member(const std::string& list, std::size_t index, const std::string& part = "") {
  return list + ".member." + std::to_string(index + 1) + part;
}

Fields session_fields(const RoleSession& session) {
  Fields fields{{"RoleArn", session.role_arn},
                {"RoleSessionName", session.session_name},
                {"DurationSeconds", std::to_string(session.duration.count())}};
  add(fields, "Policy", session.policy);
  for (std::size_t i = 0; i < session.policy_arns.size(); ++i) {
    fields.emplace_back(member("PolicyArns", i, ".arn"), session.policy_arns[i]);
  }
  return fields;
}

void add_code(AwsQuery& query, const MfaCode* mfa) {
  if (mfa == nullptr) return;
  query.fields.emplace_back("SerialNumber", mfa->serial_number);
  query.secret_fields.emplace_back("TokenCode", &mfa->code);
  query.note.with_mfa = true;
}

XmlReply read_reply(AwsQueryClient& client, AwsQuery query) {
  const std::string action = query.action;
  const std::string host = client.endpoint().url;
  XmlReply reply(client.call(std::move(query)), "the reply of " + host);
  reply.require_root(action + "Response");
  return reply;
}

// An access key id is of word characters; the rest of a credential has no blanks.
bool is_key_id(std::string_view text) {
  return text.size() >= 16 && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                  (c >= 'a' && c <= 'z');
         });
}

bool is_opaque_text(std::string_view text, std::size_t limit) {
  return !text.empty() && text.size() <= limit &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_account(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

AwsCredential read_credential(const XmlReply& reply, const std::string& result, const Clock& clock,
                              Milliseconds skew) {
  const std::string at = result + "/Credentials/";
  AwsCredential credential;
  credential.access_key_id = reply.require(at + "AccessKeyId");
  credential.secret_access_key = reply.require_secret(at + "SecretAccessKey");
  credential.session_token = reply.require_secret(at + "SessionToken");
  if (!is_key_id(credential.access_key_id)) reply.fail("<AccessKeyId> is none");
  if (!is_opaque_text(credential.secret_access_key.view(), 512)) {
    reply.fail("<SecretAccessKey> is none");
  }
  if (!is_opaque_text(credential.session_token.view(), 16384)) reply.fail("<SessionToken> is none");
  const auto end = parse_rfc3339(reply.require(at + "Expiration"));
  if (!end) reply.fail("<Expiration> is no time");
  credential.expires_at = *end - skew;
  if (*credential.expires_at <= clock.wall_now()) reply.fail("it has expired already");
  return credential;
}

AssumedRole read_role(const XmlReply& reply, const std::string& result, const Clock& clock,
                      Milliseconds skew) {
  AssumedRole role;
  role.credential = read_credential(reply, result, clock, skew);
  role.arn = reply.require(result + "/AssumedRoleUser/Arn");
  role.id = reply.require(result + "/AssumedRoleUser/AssumedRoleId");
  role.source_identity = reply.text(result + "/SourceIdentity");
  if (!is_opaque_text(role.arn, kLongestArn)) reply.fail("<Arn> is none");
  return role;
}

}  // namespace

StsClient::StsClient(HttpClient& http, const Clock& clock, AwsEndpoint endpoint)
    : client_(http, clock, std::move(endpoint)), clock_(clock) {}

AssumedRole StsClient::assume_role(const AwsCredential& base, const AssumeRoleRequest& request) {
  AwsQuery query;
  query.action = "AssumeRole";
  query.version = kVersion;
  query.signer = &base;
  query.fields = session_fields(request.session);
  add(query.fields, "ExternalId", request.external_id);
  add(query.fields, "SourceIdentity", request.source_identity);
  for (std::size_t i = 0; i < request.tags.size(); ++i) {
    query.fields.emplace_back(member("Tags", i, ".Key"), request.tags[i].first);
    query.fields.emplace_back(member("Tags", i, ".Value"), request.tags[i].second);
  }
  for (std::size_t i = 0; i < request.transitive_tag_keys.size(); ++i) {
    query.fields.emplace_back(member("TransitiveTagKeys", i), request.transitive_tag_keys[i]);
  }
  add_code(query, request.mfa);
  query.note.subject = request.session.role_arn;
  query.note.chained = request.chained;
  query.note.duration = request.session.duration;
  const XmlReply reply = read_reply(client_, std::move(query));
  return read_role(reply, "AssumeRoleResult", clock_, skew());
}

AssumedRole StsClient::assume_role_with_web_identity(const RoleSession& session,
                                                     const Secret& token) {
  AwsQuery query;
  query.action = "AssumeRoleWithWebIdentity";
  query.version = kVersion;
  query.fields = session_fields(session);
  query.secret_fields.emplace_back("WebIdentityToken", &token);
  query.note.subject = session.role_arn;
  query.note.duration = session.duration;
  const XmlReply reply = read_reply(client_, std::move(query));
  return read_role(reply, "AssumeRoleWithWebIdentityResult", clock_, skew());
}

AwsCredential StsClient::get_session_token(const AwsCredential& base, Seconds duration,
                                           const MfaCode* mfa) {
  AwsQuery query;
  query.action = "GetSessionToken";
  query.version = kVersion;
  query.signer = &base;
  query.fields.emplace_back("DurationSeconds", std::to_string(duration.count()));
  add_code(query, mfa);
  const XmlReply reply = read_reply(client_, std::move(query));
  return read_credential(reply, "GetSessionTokenResult", clock_, skew());
}

CallerIdentity StsClient::get_caller_identity(const AwsCredential& credential) {
  AwsQuery query;
  query.action = "GetCallerIdentity";
  query.version = kVersion;
  query.signer = &credential;
  const XmlReply reply = read_reply(client_, std::move(query));
  const std::string at = "GetCallerIdentityResult/";
  CallerIdentity caller{reply.require(at + "Account"), reply.require(at + "Arn"),
                        reply.require(at + "UserId")};
  if (!is_account(caller.account)) reply.fail("<Account> is none");
  if (!is_opaque_text(caller.arn, kLongestArn)) reply.fail("<Arn> is none");
  return caller;
}

void StsClient::greet() {
  AwsQuery query;
  query.action = "GetCallerIdentity";
  query.version = kVersion;
  try {
    client_.call(std::move(query));
  } catch (const AwsError& refused) {
    if (refused.aws_code() != "MissingAuthenticationToken") throw;
  }
}

}  // namespace prodaccess
