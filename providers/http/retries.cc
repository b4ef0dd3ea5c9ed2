// When and how often a request is repeated.
#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <thread>

#include "core/base/text.h"
#include "providers/http/http_client.h"

namespace prodaccess {
namespace {

constexpr int kTries = 4;
constexpr Milliseconds kFirstPause{500};
constexpr Milliseconds kLongestPause{60'000};
constexpr Seconds kSlowEnough{30};  // a server that took so long in all is not asked again

// Retry-After in seconds (RFC 9110, 10.2.3); the date form is rare with APIs and counts as absent.
std::optional<Milliseconds> asked_pause(const HttpResponse& response) {
  const auto text = response.header("retry-after");
  if (!text || text->empty() || text->size() > 6 ||
      text->find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return std::min<Milliseconds>(Seconds{std::stol(*text)}, kLongestPause);
}

Milliseconds jittered(Milliseconds pause) {
  static std::minstd_rand generator{std::random_device{}()};
  std::uniform_int_distribution<Milliseconds::rep> spread(pause.count() / 2, pause.count());
  return Milliseconds{spread(generator)};
}

}  // namespace

HttpResponse send_with_retries(HttpClient& client, const HttpRequest& request,
                               const RetryRule& again) {
  using Clock = std::chrono::steady_clock;
  Clock::duration spent{};  // in waiting for the server, not in pauses
  for (int attempt = 1;; ++attempt) {
    Milliseconds pause = jittered(kFirstPause * (1 << (attempt - 1)));
    const Clock::time_point begin = Clock::now();
    const auto is_last = [&] {
      return attempt == kTries || spent + (Clock::now() - begin) >= kSlowEnough;
    };
    try {
      HttpResponse response = client.send(request);
      if (is_last() || !again(&response)) return response;
      pause = asked_pause(response).value_or(pause);
    } catch (const HttpFailure& failure) {
      if (is_last() || !(failure.sent_nothing() || again(nullptr))) throw;
    }
    spent += Clock::now() - begin;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace prodaccess
