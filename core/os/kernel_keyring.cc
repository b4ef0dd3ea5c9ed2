#include "core/os/kernel_keyring.h"

#include <cerrno>
#include <system_error>

#include "core/base/error.h"
#include "core/os/key_call.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargestKey = 32'767;  // of type `user`

long add_key(const std::string& description, std::string_view payload, int ring) {
  return syscall(SYS_add_key, "user", description.c_str(), payload.data(), payload.size(), ring);
}

std::string description_of(const std::string& key) { return "prodaccess:" + key; }

[[noreturn]] void fail(const std::string& doing, int problem) {
  const std::string refused = "the kernel keyring cannot be used: ";
  const std::string once = "without any keyring: prodaccess exec --once --role ROLE -- COMMAND";
  const std::string other = "another store: [stores] ephemeral = \"secret-service\"";
  switch (problem) {
    case EPERM:
    case ENOSYS:
      throw Error(ErrorCode::Keyring,
                  refused + "key calls are forbidden here, as in most containers", {once, other});
    case EACCES:
      throw Error(ErrorCode::Keyring, refused + "the user keyring may not be used from here",
                  {once, other});
    case EKEYREVOKED:
    case EKEYEXPIRED:
      throw Error(ErrorCode::Keyring,
                  refused +
                      "this session's keyring was revoked, as by the log-out of the login "
                      "that started tmux or screen",
                  {"log in anew, or: keyctl session - ", once});
    case EDQUOT:
      throw Error(ErrorCode::Keyring,
                  "the kernel's quota for this user's keys is used up while " + doing,
                  {"see it: cat /proc/key-users; raise it: sysctl kernel.keys.maxbytes",
                   "free some: prodaccess revoke --all", other});
    default:
      throw Error(ErrorCode::Keyring,
                  "the kernel keyring failed while " + doing + ": " +
                      std::generic_category().message(problem),
                  {once, other});
  }
}

// Takes a key out of our process keyring again, whatever happens.
class InProcessKeyring {
 public:
  explicit InProcessKeyring(long key) : key_(key) {}
  ~InProcessKeyring() { keyctl(KEYCTL_UNLINK, key_, KEY_SPEC_PROCESS_KEYRING); }
  InProcessKeyring(const InProcessKeyring&) = delete;
  InProcessKeyring& operator=(const InProcessKeyring&) = delete;

 private:
  long key_;
};

bool is_gone(int problem) {
  return problem == ENOKEY || problem == EKEYEXPIRED || problem == EKEYREVOKED;
}

}  // namespace

KernelKeyring::KernelKeyring(const Clock& clock) : clock_(clock) {}

void KernelKeyring::attach() {
  if (attached_) return;
  if (!link_user_keyring()) fail("opening it", errno);
  attached_ = true;
}

std::optional<std::int32_t> KernelKeyring::find(const std::string& key) {
  attach();
  const long found =
      keyctl(KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", description_of(key).c_str(), 0);
  if (found >= 0) return static_cast<std::int32_t>(found);
  if (is_gone(errno)) return std::nullopt;
  fail("searching", errno);
}

void KernelKeyring::put(const std::string& key, std::string_view secret, WallTime until) {
  if (secret.empty() || secret.size() > kLargestKey) {
    throw Error(ErrorCode::Keyring,
                "a secret of " + std::to_string(secret.size()) +
                    " bytes does not fit a kernel key (1 to " + std::to_string(kLargestKey) + ")",
                {"another store: [stores] ephemeral = \"secret-service\""});
  }
  const auto seconds = std::chrono::ceil<Seconds>(until - clock_.wall_now()).count();
  if (seconds <= 0) return erase(key);
  attach();
  const long made = add_key(description_of(key), secret, KEY_SPEC_PROCESS_KEYRING);
  if (made < 0) fail("adding a key", errno);
  const InProcessKeyring until_linked(made);
  if (keyctl(KEYCTL_SET_TIMEOUT, made, seconds) != 0) fail("setting a key's end", errno);
  if (keyctl(KEYCTL_LINK, made, KEY_SPEC_USER_KEYRING) != 0) fail("linking a key", errno);
}

std::optional<Secret> KernelKeyring::get(const std::string& key) {
  const auto found = find(key);
  if (!found) return std::nullopt;
  long size = keyctl(KEYCTL_READ, *found, nullptr, 0);
  while (size >= 0) {
    Secret secret(static_cast<std::size_t>(size));
    const long now = keyctl(KEYCTL_READ, *found, secret.data(), secret.size());
    if (now == size) return secret;
    size = now;  // replaced meanwhile by a longer one
  }
  if (is_gone(errno)) return std::nullopt;
  fail("reading a key", errno);
}

void KernelKeyring::erase(const std::string& key) {
  const auto found = find(key);
  if (!found) return;
  if (keyctl(KEYCTL_INVALIDATE, *found) != 0 && !is_gone(errno)) fail("erasing a key", errno);
}

}  // namespace prodaccess
