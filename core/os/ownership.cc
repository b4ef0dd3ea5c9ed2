#include "core/os/ownership.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <fstream>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr uid_t kOverflowUid = 65534;  // how the kernel shows an owner outside the uid map

bool is_private_group(gid_t group) {
  std::vector<char> buffer(16384);
  passwd user{};
  passwd* found_user = nullptr;
  if (getpwuid_r(geteuid(), &user, buffer.data(), buffer.size(), &found_user) != 0 ||
      found_user == nullptr || user.pw_gid != group) {
    return false;
  }
  const std::string name = user.pw_name;
  struct group entry {};
  struct group* found = nullptr;
  if (getgrgid_r(group, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr ||
      name != entry.gr_name) {
    return false;
  }
  for (char** member = entry.gr_mem; *member != nullptr; ++member) {
    if (name != *member) return false;
  }
  return true;
}

std::string octal(mode_t mode) {
  std::string text = "0000";
  for (int i = 3; i >= 0; --i, mode >>= 3) {
    text[static_cast<std::size_t>(i)] = static_cast<char>('0' + (mode & 7U));
  }
  return text;
}

[[noreturn]] void fail_owner(const struct stat& status, Owner owner, const std::string& what) {
  const bool root_only = owner == Owner::Root || geteuid() == 0;
  const std::string wanted = root_only ? "root" : owner == Owner::Me ? "you" : "root or you";
  throw Error(ErrorCode::Unsafe,
              escape_for_terminal(what) + " belongs to uid " + std::to_string(status.st_uid) +
                  ", not to " + wanted,
              {"chown " + (root_only ? "root" : std::to_string(geteuid())) + " " +
               shell_quote(escape_for_terminal(what))});
}

[[noreturn]] void fail_mode(const struct stat& status, const std::string& what) {
  throw Error(
      ErrorCode::Unsafe,
      escape_for_terminal(what) + " may be changed by others (mode " + octal(status.st_mode) + ")",
      {"chmod go-w " + shell_quote(escape_for_terminal(what))});
}

}  // namespace

bool changeable_by_others(const struct stat& status) {
  if ((status.st_mode & S_IWOTH) != 0) return true;
  return (status.st_mode & S_IWGRP) != 0 && status.st_gid != 0 && !is_private_group(status.st_gid);
}

bool belongs_to(const struct stat& status, Owner owner) {
  return (owner != Owner::Me && status.st_uid == 0) ||
         (owner != Owner::Root && status.st_uid == geteuid());
}

void require_ownership(const struct stat& status, Owner owner, const std::string& what) {
  if (!belongs_to(status, owner)) fail_owner(status, owner, what);
  if (changeable_by_others(status)) fail_mode(status, what);
}

void require_safe_folder(const struct stat& status, Owner owner, const std::string& what) {
  const Owner wanted = owner == Owner::Root ? Owner::Root : Owner::RootOrMe;
  if (!belongs_to(status, wanted) && !(status.st_uid == kOverflowUid && !identity_uid_map())) {
    fail_owner(status, wanted, what);
  }
  if ((status.st_mode & S_ISVTX) == 0 && changeable_by_others(status)) fail_mode(status, what);
}

bool identity_uid_map() {
  static const bool identity = [] {  // it is that of our whole life
    std::ifstream file("/proc/self/uid_map");
    std::uint64_t inside = 0;
    std::uint64_t outside = 0;
    std::uint64_t count = 0;
    return file >> inside >> outside >> count && inside == 0 && outside == 0 &&
           count == 4294967295U;
  }();
  return identity;
}

}  // namespace prodaccess
