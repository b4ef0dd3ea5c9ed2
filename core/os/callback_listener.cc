#include "core/os/callback_listener.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <vector>

#include "core/base/error.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestRequest = 16U << 10;
constexpr std::size_t kMostClients = 32;

using Steady = std::chrono::steady_clock;

// A browser, which may open connections that it never uses.
struct Client {
  LocalConnection connection;
  std::string received;
};

void answer(Client& client, std::string_view status, std::string_view page) {
  std::string text = "HTTP/1.1 ";
  text += status;
  text += "\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n";
  text += "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n";
  text += "Content-Length: " + std::to_string(page.size()) + "\r\n\r\n";
  text += page;
  // It fits into the empty buffer of a new connection.
  static_cast<void>(client.connection.write_some(text));
}

enum class Reading { More, Whole, Gone };

Reading read_from(Client& client) {
  const auto bytes = client.connection.read_some(4096);
  if (!bytes) return Reading::Gone;
  client.received += *bytes;
  if (client.received.size() > kLongestRequest) return Reading::Gone;
  const bool whole = client.received.find("\r\n\r\n") != std::string::npos;
  return whole ? Reading::Whole : Reading::More;
}

}  // namespace

std::optional<std::string> target_of_get(std::string_view request) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  constexpr std::string_view kStart = "GET ";
  const std::size_t end = line.rfind(" HTTP/1.");
  if (!line.starts_with(kStart) || end == std::string_view::npos || end <= kStart.size()) {
    return std::nullopt;
  }
  const std::string_view target = line.substr(kStart.size(), end - kStart.size());
  const bool plain =
      std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!plain || target.front() != '/') return std::nullopt;
  return std::string(target);
}

std::optional<std::string> CallbackListener::wait_for(
    const std::string& path, const std::function<bool(std::string_view query)>& accepts,
    std::string_view page, Milliseconds patience) {
  const auto end = Steady::now() + patience;
  std::vector<Client> clients;
  while (true) {
    const auto left = std::chrono::ceil<Milliseconds>(end - Steady::now()).count();
    if (left <= 0) return std::nullopt;
    std::vector<pollfd> ready{{listener_.descriptor(), POLLIN, 0}};
    for (const Client& client : clients) {
      ready.push_back({client.connection.descriptor(), POLLIN, 0});
    }
    if (poll(ready.data(), ready.size(), static_cast<int>(std::min<long long>(left, 60'000))) < 0) {
      if (errno == EINTR) continue;
      throw system_error("waiting for the browser", errno);
    }
    for (std::size_t i = clients.size(); i-- > 0;) {
      if (ready[i + 1].revents == 0) continue;
      const Reading reading = read_from(clients[i]);
      if (reading == Reading::More) continue;
      const auto target = reading == Reading::Whole ? target_of_get(clients[i].received)
                                                    : std::optional<std::string>();
      const std::size_t question = target ? target->find('?') : std::string::npos;
      const bool ours = question != std::string::npos && target->substr(0, question) == path &&
                        accepts(std::string_view(*target).substr(question + 1));
      if (reading == Reading::Whole) {
        answer(clients[i], ours ? "200 OK" : "404 Not Found", ours ? page : "nothing here");
      }
      if (ours) return target->substr(question + 1);
      clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (ready.front().revents == 0) continue;
    auto accepted = listener_.accept();
    if (!accepted) continue;
    if (clients.size() == kMostClients) clients.erase(clients.begin());
    clients.push_back({std::move(*accepted), ""});
  }
}

}  // namespace prodaccess
