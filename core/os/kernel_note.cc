#include "core/os/kernel_note.h"

#include "core/os/key_call.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr long kWeek = 7 * 86'400L;

}  // namespace

bool KernelNote::attach() {
  if (!attached_) attached_ = link_user_keyring();
  return attached_;
}

bool KernelNote::put(std::string_view text) {
  if (!attach()) return false;
  const long key =
      syscall(SYS_add_key, "user", name_.c_str(), text.data(), text.size(), KEY_SPEC_USER_KEYRING);
  return key >= 0 && keyctl(KEYCTL_SET_TIMEOUT, key, kWeek) == 0;
}

long KernelNote::find() {
  if (!attach()) return -1;
  return keyctl(KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", name_.c_str(), 0);
}

std::optional<std::string> KernelNote::get() {
  const long key = find();
  if (key < 0) return std::nullopt;
  std::string text(kLongest, '\0');
  const long size = keyctl(KEYCTL_READ, key, text.data(), text.size());
  if (size < 0 || static_cast<std::size_t>(size) > text.size()) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  return text;
}

void KernelNote::erase() {
  const long key = find();
  if (key >= 0) keyctl(KEYCTL_INVALIDATE, key);
}

}  // namespace prodaccess
