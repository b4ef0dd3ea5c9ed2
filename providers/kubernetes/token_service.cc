#include "providers/kubernetes/token_service.h"

#include <optional>

#include "core/base/error.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestAnswer = 64U << 10;
constexpr Milliseconds kPatience{10'000};

}  // namespace

TokenService::TokenService(const std::filesystem::path& folder, std::filesystem::path kubeconfig,
                           Secret token, WallTime expires_at)
    : listener_(socket_in(folder)), kubeconfig_(std::move(kubeconfig)) {
  std::string text = format_rfc3339(std::chrono::floor<std::chrono::seconds>(expires_at)) + " ";
  text.reserve(text.size() + token.size());
  text += token.view();
  answer_ = seal(std::move(text));
}

std::vector<std::pair<std::string, Secret>> TokenService::environment() const {
  std::vector<std::pair<std::string, Secret>> variables;
  variables.emplace_back("KUBECONFIG", Secret(kubeconfig_.string()));
  return variables;
}

std::vector<pollfd> TokenService::descriptors() const {
  if (!accepting_) return {};
  return {{listener_.descriptor(), POLLIN, 0}};
}

void TokenService::serve(const pollfd&) {
  try {
    // A token fits into the empty buffer of a new socket: nobody has to be waited for.
    if (auto client = listener_.accept()) client->write_some(answer_.view());
  } catch (const Error&) {
    accepting_ = false;  // out of descriptors: else the poll would wake again and again
  }
}

ServedToken fetch_served_token(const std::filesystem::path& socket) {
  const Secret answer = read_local_socket(socket, kLongestAnswer, kPatience);
  const std::size_t blank = answer.view().find(' ');
  const auto expires_at = parse_rfc3339(answer.view().substr(0, blank));
  if (blank == std::string_view::npos || !expires_at || blank + 1 == answer.size()) {
    throw Error(ErrorCode::NoGrant, "the run that this token belongs to has ended");
  }
  return {*expires_at, Secret(answer.view().substr(blank + 1))};
}

}  // namespace prodaccess
