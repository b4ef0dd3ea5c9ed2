#include "providers/aws/container_endpoint.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "core/base/text.h"
#include "providers/http/request_head.h"

namespace prodaccess {
namespace {

constexpr std::string_view kPath = "/credentials";
constexpr Seconds kFetchPatience{60};
constexpr Milliseconds kRetryPause{5000};
constexpr Milliseconds kFirstRefresh{15 * 60'000};  // botocore asks for new keys from here on
constexpr Milliseconds kShort{60'000};  // too short to be handed out while new ones come
constexpr Milliseconds kWorthwhile{5000};

Secret refusal(int status, std::string_view message) {
  SecretText body;
  body.add('{').add_json_member("code", http_reason(status));
  body.add_json_member("message", message).add('}');
  return http_answer(status, body.take().view());
}

std::string_view field(const Credential& credential, std::string_view name) {
  const auto found = credential.fields.find(name);
  return found == credential.fields.end() ? std::string_view() : found->second.view();
}

}  // namespace

Secret container_credentials_json(const Credential& credential) {
  SecretText text;
  text.add('{').add_json_member("AccessKeyId", field(credential, "access_key_id"));
  text.add_json_member("SecretAccessKey", field(credential, "secret_access_key"));
  text.add_json_member("Token", field(credential, "session_token"));
  const auto end = std::chrono::floor<Seconds>(credential.expires_at);
  text.add_json_member("Expiration", format_rfc3339(end));
  if (const auto account = field(credential, "account_id"); !account.empty()) {
    text.add_json_member("AccountId", account);
  }
  return text.add('}').take();
}

int judge_endpoint_request(std::string_view received, const EndpointGate& gate) {
  const auto parsed = parse_request_head(received);
  if (const auto* fault = std::get_if<HeadFault>(&parsed)) {
    if (*fault == HeadFault::Incomplete) return 0;
    return *fault == HeadFault::TooLong ? 431 : 400;
  }
  const RequestHead& head = std::get<RequestHead>(parsed);
  // A page that a browser was led to by DNS names another host.
  const auto host = head.header("host");
  if (!host || *host != gate.authority) return 421;
  const auto token = head.header("authorization");
  if (!token || !equal_in_constant_time(*token, gate.token)) return 401;
  if (head.target != kPath) return 404;
  return head.method == "GET" ? 200 : 405;
}

ContainerEndpoint::ContainerEndpoint(const Clock& clock, Random& random, Credential credential,
                                     WallTime until, Refresh refresh)
    : clock_(clock),
      server_(clock, [this](std::string_view received) { return judge(received); }),
      gate_{server_.authority(), base64url(random.bytes(32))},
      credential_(std::move(credential)),
      until_(until),
      refresh_(std::move(refresh)) {}

std::vector<std::pair<std::string, Secret>> ContainerEndpoint::environment() const {
  std::vector<std::pair<std::string, Secret>> variables;
  variables.emplace_back("AWS_CONTAINER_CREDENTIALS_FULL_URI",
                         Secret("http://" + gate_.authority + std::string(kPath)));
  variables.emplace_back("AWS_CONTAINER_AUTHORIZATION_TOKEN", Secret(gate_.token));
  return variables;
}

std::vector<pollfd> ContainerEndpoint::descriptors() const {
  std::vector<pollfd> wanted = server_.descriptors();
  if (call_) wanted.push_back({call_->descriptor(), POLLIN, 0});
  return wanted;
}

void ContainerEndpoint::serve(const pollfd& ready) {
  if (call_ && ready.fd == call_->descriptor()) return finish_refresh();
  server_.serve(ready);
}

LoopbackReply ContainerEndpoint::judge(std::string_view received) {
  const int status = judge_endpoint_request(received, gate_);
  if (status == 0) return {};
  if (status == 200) return answer_with_credential();
  return {LoopbackReply::State::Done, refusal(status, "prodaccess gives nothing for this request")};
}

Milliseconds ContainerEndpoint::left() const {
  const Moment now = clock_.now();
  if (!credential_.usable(now) || now.wall >= until_) return Milliseconds{0};
  return std::min(credential_.expires_at, until_) - now.wall;
}

LoopbackReply ContainerEndpoint::answer_with_credential() {
  refresh_if_due();
  const Milliseconds remaining = left();
  if (call_ && remaining < kShort) return {LoopbackReply::State::Wait, Secret()};
  if (remaining > Milliseconds{0}) {
    return {LoopbackReply::State::Done,
            http_answer(200, container_credentials_json(credential_).view())};
  }
  return {LoopbackReply::State::Done,
          refusal(503, failure_.empty() ? "the grant has ended" : failure_)};
}

// Due in the last third of a credential's life, where its grant goes on after it.
void ContainerEndpoint::refresh_if_due() {
  const Moment now = clock_.now();
  if (call_ || !refresh_ || now.boot < next_try_ || now.wall >= until_) return;
  if (credential_.expires_at + kWorthwhile >= until_) return;
  const Milliseconds life = credential_.expires_at - credential_.issued_at;
  if (left() > std::min(kFirstRefresh, life / 3)) return;
  next_try_ = now.boot + kRetryPause;
  try {
    call_.emplace(kFetchPatience, [this] { return refresh_(credential_.expires_at); });
  } catch (const Error& error) {
    failure_ = error.what();
  }
}

void ContainerEndpoint::finish_refresh() {
  try {
    if (!call_->receive()) return;
    const Secret bytes = call_->result();
    credential_ = Credential::parse(bytes.view());
    failure_.clear();
  } catch (const Error& error) {
    failure_ = error.what();
  }
  call_.reset();
  server_.answer_waiting();
}

}  // namespace prodaccess
