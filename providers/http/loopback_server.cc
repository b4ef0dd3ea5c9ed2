#include "providers/http/loopback_server.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/secret_text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kMostClients = 32;
constexpr std::size_t kLongestRequest = 24U << 10;
constexpr Milliseconds kClientPatience{10'000};
constexpr Milliseconds kTick{1000};

}  // namespace

std::string_view http_reason(int status) {
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

Secret http_answer(int status, std::string_view body) {
  SecretText text;
  text.add("HTTP/1.1 " + std::to_string(status) + " ").add(http_reason(status));
  text.add("\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close");
  text.add("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n").add(body);
  return text.take();
}

LoopbackServer::LoopbackServer(const Clock& clock, Handler handler)
    : clock_(clock), handler_(std::move(handler)) {}

std::string LoopbackServer::authority() const {
  return "127.0.0.1:" + std::to_string(listener_.port());
}

std::vector<pollfd> LoopbackServer::descriptors() const {
  std::vector<pollfd> wanted;
  wanted.reserve(clients_.size() + 3);
  if (accepting_) wanted.push_back({listener_.descriptor(), POLLIN, 0});
  if (!clients_.empty()) wanted.push_back({timer_.descriptor(), POLLIN, 0});
  for (const Client& client : clients_) {
    wanted.push_back({client.connection.descriptor(), wanted_events(client), 0});
  }
  return wanted;
}

// One that waits is only watched for hanging up.
short LoopbackServer::wanted_events(const Client& client) {
  if (client.waiting) return 0;
  if (client.answer.empty()) return POLLIN;
  return POLLOUT;
}

void LoopbackServer::serve(const pollfd& ready) {
  if (ready.fd == listener_.descriptor()) return accept_client();
  if (ready.fd == timer_.descriptor()) return drop_late_clients();
  const auto client = std::find_if(clients_.begin(), clients_.end(), [&](const Client& candidate) {
    return candidate.connection.descriptor() == ready.fd;
  });
  if (client == clients_.end() || serve_client(*client, ready.revents)) return;
  clients_.erase(client);
  accepting_ = true;
}

void LoopbackServer::accept_client() {
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

void LoopbackServer::drop_late_clients() {
  const BootTime now = clock_.boot_now();
  clients_.remove_if([&](const Client& client) { return client.deadline <= now; });
  accepting_ = true;
  timer_.set(clients_.empty() ? Milliseconds{0} : kTick);
}

bool LoopbackServer::serve_client(Client& client, short events) {
  if (client.waiting) return (events & (POLLHUP | POLLERR)) == 0;
  if (!client.answer.empty()) return send_answer(client);
  const auto bytes = client.connection.read_some(kLongestRequest + 1 - client.received.size());
  if (!bytes) return false;
  client.received += *bytes;
  judge(client);
  if (client.answer.empty()) return client.received.size() <= kLongestRequest;
  return send_answer(client);
}

void LoopbackServer::judge(Client& client) {
  LoopbackReply reply = handler_(client.received);
  client.waiting = reply.state == LoopbackReply::State::Wait;
  if (reply.state == LoopbackReply::State::Done) client.answer = std::move(reply.answer);
}

void LoopbackServer::answer_waiting() {
  for (Client& client : clients_) {
    if (client.waiting) judge(client);
  }
}

bool LoopbackServer::send_answer(Client& client) {
  const auto sent = client.connection.write_some(client.answer.view().substr(client.sent));
  if (!sent) return false;
  client.sent += *sent;
  return client.sent < client.answer.size();
}

}  // namespace prodaccess
