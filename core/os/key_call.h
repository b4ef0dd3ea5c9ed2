// The kernel's key calls, keyctl(2), for which glibc has no wrappers. An unused argument is 0.
#pragma once

#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace prodaccess {

// As the system call: -1 and errno.
template <typename... Arguments>
long keyctl(int operation, Arguments... arguments) {
  return syscall(SYS_keyctl, operation, arguments...);
}

// Links the user's keyring into our process keyring: a key is ours to read, and to give an end,
// only where it is found from our own keyrings. Not inherited by a fork.
inline bool link_user_keyring() {
  return keyctl(KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING) == 0;
}

}  // namespace prodaccess
