#include "core/os/secret_masker.h"

#include <algorithm>

namespace prodaccess {
namespace {

constexpr std::size_t kShortest = 4;
constexpr std::string_view kMask = "********";

}  // namespace

SecretMasker::SecretMasker(const std::vector<std::string_view>& secrets) {
  for (const std::string_view secret : secrets) {
    if (secret.size() >= kShortest) secrets_.emplace_back(secret);
  }
  // Where one secret begins with another, the longer is masked.
  std::sort(secrets_.begin(), secrets_.end(),
            [](const Secret& a, const Secret& b) { return a.size() > b.size(); });
}

std::string SecretMasker::take(std::string_view bytes) {
  waiting_.append(bytes);
  std::string said;
  std::size_t at = 0;
  const std::string_view text = waiting_;
  const std::size_t end = waiting_from(text);
  while (at < end) {
    const auto found = std::find_if(secrets_.begin(), secrets_.end(), [&](const Secret& secret) {
      return text.substr(at, secret.size()) == secret.view();
    });
    if (found == secrets_.end()) {
      said.push_back(text[at++]);
    } else {
      said += kMask;
      at += found->size();
    }
  }
  waiting_.erase(0, at);
  return said;
}

// The first place from which the text might go on to be a secret.
std::size_t SecretMasker::waiting_from(std::string_view text) const {
  if (secrets_.empty()) return text.size();
  const std::size_t longest = secrets_.front().size();
  for (std::size_t at = text.size() - std::min(text.size(), longest - 1); at < text.size(); ++at) {
    const std::string_view tail = text.substr(at);
    const bool begins = std::any_of(secrets_.begin(), secrets_.end(), [&](const Secret& secret) {
      return secret.size() > tail.size() && secret.view().substr(0, tail.size()) == tail;
    });
    if (begins) return at;
  }
  return text.size();
}

std::string SecretMasker::finish() { return std::move(waiting_); }

}  // namespace prodaccess
