// The binary encoding that SSH keys, certificates, agents, signatures and revocation lists share
// (RFC 4251 section 5): big-endian numbers, and strings that carry their length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace prodaccess {

class SshWriter {
 public:
  SshWriter() = default;
  // Room for `expected` bytes, so that a secret written into it is never copied by growth.
  explicit SshWriter(std::size_t expected) { bytes_.reserve(expected); }

  SshWriter& u8(std::uint8_t value);
  SshWriter& u32(std::uint32_t value);
  SshWriter& u64(std::uint64_t value);
  SshWriter& string(std::string_view value);  // with its length
  SshWriter& raw(std::string_view bytes);     // without

  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what is there; the first thing that is cut short makes every later value zero or empty and
// `good` false, so a caller asks once, at the end. Views point into the text given.
class SshReader {
 public:
  explicit SshReader(std::string_view bytes) : left_(bytes) {}

  std::uint8_t u8();
  std::uint32_t u32();
  std::uint64_t u64();
  std::string_view string();
  std::string_view raw(std::size_t count);

  bool good() const { return good_; }
  bool at_end() const { return left_.empty(); }
  // All was well formed and nothing is left over.
  bool finished() const { return good_ && left_.empty(); }

 private:
  std::uint64_t number(std::size_t count);
  std::string_view left_;
  bool good_ = true;
};

// The name of Ed25519 keys and signatures, and the public key's blob (RFC 8709).
inline constexpr std::string_view kSshEd25519 = "ssh-ed25519";
std::string ssh_ed25519_blob(std::string_view public_key);

// "SHA256:..." as ssh-keygen -l prints it.
std::string ssh_fingerprint(std::string_view key_blob);

}  // namespace prodaccess
