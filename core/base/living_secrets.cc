#include "core/base/living_secrets.h"

#include <pthread.h>

#include <mutex>
#include <new>
#include <string_view>
#include <vector>

namespace prodaccess {
namespace {

// Mixed of capitals, small letters and digits, or a long number in hex.
bool looks_random(std::string_view text) {
  if (text.size() < 16 || text[0] == '/' || text.find("://") != std::string_view::npos)
    return false;
  bool capital = false;
  bool small = false;
  bool digit = false;
  for (const char c : text) {
    capital = capital || (c >= 'A' && c <= 'Z');
    small = small || (c >= 'a' && c <= 'z');
    digit = digit || (c >= '0' && c <= '9');
  }
  const bool in_hex =
      text.size() >= 32 && text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
  return (capital && small && digit) || in_hex;
}

class Living {
 public:
  void add(const char* data, std::size_t size) {
    const std::lock_guard lock(mutex_);
    // A fork has none of their pages.
    static const int forgotten =
        pthread_atfork(nullptr, nullptr, [] { living().secrets_.clear(); });
    if (forgotten != 0) throw std::bad_alloc();
    secrets_.emplace_back(data, size);
  }

  void remove(const char* data) noexcept {
    const std::lock_guard lock(mutex_);
    std::erase_if(secrets_, [data](std::string_view secret) { return secret.data() == data; });
  }

  void conceal(std::string& text) {
    constexpr std::string_view kInstead = "[secret]";
    const std::lock_guard lock(mutex_);
    for (const std::string_view secret : secrets_) {
      if (!looks_random(secret)) continue;
      for (auto at = text.find(secret); at != std::string::npos;
           at = text.find(secret, at + kInstead.size())) {
        text.replace(at, secret.size(), kInstead);
      }
    }
  }

  static Living& living() {
    static Living* const living = new Living;  // outlives every static Secret
    return *living;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string_view> secrets_;
};

}  // namespace

void add_living_secret(const char* data, std::size_t size) { Living::living().add(data, size); }

void remove_living_secret(const char* data) noexcept { Living::living().remove(data); }

std::string without_secrets(std::string text) {
  Living::living().conceal(text);
  return text;
}

}  // namespace prodaccess
