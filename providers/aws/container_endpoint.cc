#include "providers/aws/container_endpoint.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "core/base/text.h"
#include "providers/http/request_head.h"

namespace prodaccess {
namespace {

constexpr std::string_view kPath = "/credentials";
constexpr std::size_t kMostClients = 32;
constexpr Milliseconds kClientPatience{10'000};
constexpr Milliseconds kTick{1000};
constexpr Seconds kFetchPatience{60};
constexpr Milliseconds kRetryPause{5000};
constexpr Milliseconds kFirstRefresh{15 * 60'000};  // botocore asks for new keys from here on
constexpr Milliseconds kShort{60'000};  // too short to be handed out while new ones come
constexpr Milliseconds kWorthwhile{5000};

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 421: return "Misdirected Request";
    case 431: return "Request Header Fields Too Large";
    default: return "Service Unavailable";
  }
}

Secret response(int status, std::string_view body) {
  SecretText text;
  text.add("HTTP/1.1 " + std::to_string(status) + " ").add(reason_of(status));
  text.add("\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close");
  text.add("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n").add(body);
  return text.take();
}

Secret refusal(int status, std::string_view message) {
  SecretText body;
  body.add('{').add_json_member("code", reason_of(status));
  body.add_json_member("message", message).add('}');
  return response(status, body.take().view());
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
      gate_{"127.0.0.1:" + std::to_string(listener_.port()), base64url(random.bytes(32))},
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
  std::vector<pollfd> wanted;
  wanted.reserve(clients_.size() + 3);
  if (accepting_) wanted.push_back({listener_.descriptor(), POLLIN, 0});
  if (call_) wanted.push_back({call_->descriptor(), POLLIN, 0});
  if (!clients_.empty()) wanted.push_back({timer_.descriptor(), POLLIN, 0});
  for (const Client& client : clients_) {
    // One that waits is only watched for hanging up.
    const short events = client.waiting ? 0 : client.answer.empty() ? POLLIN : POLLOUT;
    wanted.push_back({client.connection.descriptor(), events, 0});
  }
  return wanted;
}

void ContainerEndpoint::serve(const pollfd& ready) {
  if (ready.fd == listener_.descriptor()) return accept_client();
  if (ready.fd == timer_.descriptor()) return drop_late_clients();
  if (call_ && ready.fd == call_->descriptor()) return finish_refresh();
  const auto client = std::find_if(clients_.begin(), clients_.end(), [&](const Client& candidate) {
    return candidate.connection.descriptor() == ready.fd;
  });
  if (client == clients_.end() || serve_client(*client, ready.revents)) return;
  clients_.erase(client);
  accepting_ = true;
}

void ContainerEndpoint::accept_client() {
  try {
    auto connection = listener_.accept();
    if (!connection) return;
    // The oldest makes way: nobody can shut others out by holding connections.
    if (clients_.size() == kMostClients) clients_.pop_front();
    clients_.emplace_back(std::move(*connection));
    clients_.back().deadline = clock_.boot_now() + kClientPatience;
    timer_.set(kTick);
  } catch (const Error&) {
    accepting_ = false;  // else the poll would wake for the waiting caller again and again
  }
}

void ContainerEndpoint::drop_late_clients() {
  const BootTime now = clock_.boot_now();
  clients_.remove_if([&](const Client& client) { return client.deadline <= now; });
  accepting_ = true;
  timer_.set(clients_.empty() ? Milliseconds{0} : kTick);
}

bool ContainerEndpoint::serve_client(Client& client, short events) {
  if (client.waiting) return (events & (POLLHUP | POLLERR)) == 0;
  if (!client.answer.empty()) return send_answer(client);
  const auto bytes = client.connection.read_some(kLongestRequestHead + 1 - client.received.size());
  if (!bytes) return false;
  client.received += *bytes;
  judge(client);
  return client.answer.empty() || send_answer(client);
}

void ContainerEndpoint::judge(Client& client) {
  const int status = judge_endpoint_request(client.received, gate_);
  if (status == 0) return;
  client.received.clear();
  if (status == 200) return answer_with_credential(client);
  client.answer = refusal(status, "prodaccess gives nothing for this request");
}

Milliseconds ContainerEndpoint::left() const {
  const Moment now = clock_.now();
  if (!credential_.usable(now) || now.wall >= until_) return Milliseconds{0};
  return std::min(credential_.expires_at, until_) - now.wall;
}

void ContainerEndpoint::answer_with_credential(Client& client) {
  refresh_if_due();
  const Milliseconds remaining = left();
  client.waiting = call_ && remaining < kShort;
  if (client.waiting) return;
  if (remaining > Milliseconds{0}) {
    client.answer = response(200, container_credentials_json(credential_).view());
  } else {
    client.answer = refusal(503, failure_.empty() ? "the grant has ended" : failure_);
  }
}

bool ContainerEndpoint::send_answer(Client& client) {
  const auto sent = client.connection.write_some(client.answer.view().substr(client.sent));
  if (!sent) return false;
  client.sent += *sent;
  return client.sent < client.answer.size();
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
  for (Client& client : clients_) {
    if (!client.waiting) continue;
    client.waiting = false;
    answer_with_credential(client);
  }
}

}  // namespace prodaccess
