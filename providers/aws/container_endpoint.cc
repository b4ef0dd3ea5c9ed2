#include "providers/aws/container_endpoint.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "core/base/text.h"
#include "providers/http/request_head.h"

namespace prodaccess {
namespace {

constexpr std::string_view kPath = "/credentials";

Secret refusal(int status, std::string_view message) {
  SecretText body;
  body.add('{').add_json_member("code", http_reason(status));
  body.add_json_member("message", message).add('}');
  return http_answer(status, body.take().view());
}

}  // namespace

Secret container_credentials_json(const Credential& credential) {
  SecretText text;
  text.add('{').add_json_member("AccessKeyId", credential.field("access_key_id"));
  text.add_json_member("SecretAccessKey", credential.field("secret_access_key"));
  text.add_json_member("Token", credential.field("session_token"));
  const auto end = std::chrono::floor<Seconds>(credential.expires_at);
  text.add_json_member("Expiration", format_rfc3339(end));
  if (const auto account = credential.field("account_id"); !account.empty()) {
    text.add_json_member("AccountId", account);
  }
  return text.add('}').take();
}

int judge_endpoint_request(std::string_view received, const EndpointGate& gate) {
  const auto parsed = request_to(gate.authority, received);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const RequestHead& head = std::get<RequestHead>(parsed);
  const auto token = head.header("authorization");
  if (!token || !equal_in_constant_time(*token, gate.token)) return 401;
  if (head.target != kPath) return 404;
  return head.method == "GET" ? 200 : 405;
}

ContainerEndpoint::ContainerEndpoint(const Clock& clock, Random& random, FreshCredential credential)
    : server_(clock, [this](std::string_view received) { return judge(received); }),
      gate_{server_.authority(), base64url(random.bytes(32))},
      credential_(std::move(credential)) {}

std::vector<std::pair<std::string, Secret>> ContainerEndpoint::environment() const {
  std::vector<std::pair<std::string, Secret>> variables;
  variables.emplace_back("AWS_CONTAINER_CREDENTIALS_FULL_URI",
                         Secret("http://" + gate_.authority + std::string(kPath)));
  variables.emplace_back("AWS_CONTAINER_AUTHORIZATION_TOKEN", Secret(gate_.token));
  return variables;
}

std::vector<pollfd> ContainerEndpoint::descriptors() const {
  std::vector<pollfd> wanted = server_.descriptors();
  if (const auto coming = credential_.descriptor()) wanted.push_back({*coming, POLLIN, 0});
  return wanted;
}

void ContainerEndpoint::serve(const pollfd& ready) {
  if (credential_.descriptor() != ready.fd) return server_.serve(ready);
  if (credential_.receive()) server_.answer_waiting();
}

LoopbackReply ContainerEndpoint::judge(std::string_view received) {
  const int status = judge_endpoint_request(received, gate_);
  if (status == 0) return {};
  if (status == 200) return answer_with_credential();
  return {LoopbackReply::State::Done, refusal(status, "prodaccess gives nothing for this request")};
}

LoopbackReply ContainerEndpoint::answer_with_credential() {
  credential_.look_ahead();
  if (credential_.worth_giving()) {
    return {LoopbackReply::State::Done,
            http_answer(200, container_credentials_json(credential_.held()).view())};
  }
  if (credential_.awaited()) return {LoopbackReply::State::Wait, Secret()};
  const std::string& why = credential_.failure();
  return {LoopbackReply::State::Done, refusal(503, why.empty() ? "the grant has ended" : why)};
}

}  // namespace prodaccess
