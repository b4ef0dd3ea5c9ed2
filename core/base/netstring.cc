#include "core/base/netstring.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace prodaccess {

Secret encode_netstrings(const std::vector<std::string_view>& parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) {
    size += std::to_string(part.size()).size() + part.size() + 2;
  }
  Secret bytes(size);
  char* at = bytes.data();
  for (const std::string_view part : parts) {
    const std::string length = std::to_string(part.size()) + ":";
    at = std::copy(length.begin(), length.end(), at);
    at = std::copy(part.begin(), part.end(), at);
    *at++ = ',';
  }
  return bytes;
}

std::optional<std::vector<std::string_view>> decode_netstrings(std::string_view bytes) {
  std::vector<std::string_view> parts;
  while (!bytes.empty()) {
    std::size_t size = 0;
    const char* const end = bytes.data() + bytes.size();
    const auto [colon, problem] = std::from_chars(bytes.data(), end, size);
    const auto digits = static_cast<std::size_t>(colon - bytes.data());
    const bool padded = digits > 1 && bytes.front() == '0';
    if (problem != std::errc() || padded || colon == end || *colon != ':') return std::nullopt;
    bytes.remove_prefix(digits + 1);
    if (bytes.size() <= size || bytes[size] != ',') return std::nullopt;
    parts.push_back(bytes.substr(0, size));
    bytes.remove_prefix(size + 1);
  }
  return parts;
}

}  // namespace prodaccess
