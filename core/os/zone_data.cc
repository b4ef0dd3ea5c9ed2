#include "core/os/zone_data.h"

#include <fcntl.h>

#include <algorithm>

#include "core/os/descriptor.h"
#include "core/os/ownership.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargest = 1U << 20;

bool is_zone_name(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '/' &&
         std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

std::optional<std::string> read_zone_data(const std::string& name) {
  if (!is_zone_name(name)) return std::nullopt;
  const Descriptor file(
      open(("/usr/share/zoneinfo/" + name).c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  if (status.st_uid != 0 || changeable_by_others(status)) return std::nullopt;
  if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > kLargest) {
    return std::nullopt;
  }
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = read(file.get(), bytes.data() + done, bytes.size() - done);
    if (count <= 0) return std::nullopt;
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace prodaccess
