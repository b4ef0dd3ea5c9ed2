#include "core/base/ssh_wire.h"

#include "core/base/sha256.h"
#include "core/base/text.h"

namespace prodaccess {

SshWriter& SshWriter::u8(std::uint8_t value) {
  bytes_ += static_cast<char>(value);
  return *this;
}

SshWriter& SshWriter::u32(std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) u8(static_cast<std::uint8_t>(value >> shift));
  return *this;
}

SshWriter& SshWriter::u64(std::uint64_t value) {
  return u32(static_cast<std::uint32_t>(value >> 32)).u32(static_cast<std::uint32_t>(value));
}

SshWriter& SshWriter::string(std::string_view value) {
  return u32(static_cast<std::uint32_t>(value.size())).raw(value);
}

SshWriter& SshWriter::raw(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

std::string_view SshReader::raw(std::size_t count) {
  if (count > left_.size()) {
    good_ = false;
    left_ = {};
  }
  if (!good_) return {};
  const std::string_view bytes = left_.substr(0, count);
  left_.remove_prefix(count);
  return bytes;
}

std::uint64_t SshReader::number(std::size_t count) {
  std::uint64_t value = 0;
  for (const char c : raw(count)) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

std::uint8_t SshReader::u8() { return static_cast<std::uint8_t>(number(1)); }
std::uint32_t SshReader::u32() { return static_cast<std::uint32_t>(number(4)); }
std::uint64_t SshReader::u64() { return number(8); }
std::string_view SshReader::string() { return raw(u32()); }

std::string ssh_ed25519_blob(std::string_view public_key) {
  return SshWriter().string(kSshEd25519).string(public_key).bytes();
}

std::string ssh_fingerprint(std::string_view key_blob) {
  std::string text = base64(bytes_of(sha256(key_blob)));
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

}  // namespace prodaccess
