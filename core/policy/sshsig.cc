#include "core/policy/sshsig.h"

#include <openssl/sha.h>

#include <array>

#include "core/base/crypto_library.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kMagic = "SSHSIG";
constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----";
constexpr std::string_view kHash = "sha512";
constexpr std::size_t kLargest = 64U << 10;
constexpr std::size_t kLineLength = 70;

std::string sha512(std::string_view bytes) {
  std::array<unsigned char, SHA512_DIGEST_LENGTH> digest{};
  prepare_crypto();
  SHA512(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// The bytes between the two lines of the armour.
std::optional<std::string> unarmored(std::string_view text) {
  text = trim(text);
  if (text.size() > kLargest || text.substr(0, kBegin.size()) != kBegin ||
      text.size() < kBegin.size() + kEnd.size() || text.substr(text.size() - kEnd.size()) != kEnd) {
    return std::nullopt;
  }
  std::string base;
  for (const char c : text.substr(kBegin.size(), text.size() - kBegin.size() - kEnd.size())) {
    if (c == '\n' || c == '\r') continue;
    if (c == '-' || c == '_') return std::nullopt;  // the other alphabet
    base += c;
  }
  return unbase64(base);
}

}  // namespace

std::string sshsig_signed_data(std::string_view message, std::string_view name_space) {
  return SshWriter()
      .raw(kMagic)
      .string(name_space)
      .string("")
      .string(kHash)
      .string(sha512(message))
      .bytes();
}

std::string sshsig_armor(std::string_view key_blob, std::string_view signature_blob,
                         std::string_view name_space) {
  SshWriter blob;
  blob.raw(kMagic).u32(1).string(key_blob).string(name_space).string("").string(kHash);
  const std::string base = base64(blob.string(signature_blob).bytes());
  std::string text(kBegin);
  for (std::size_t i = 0; i < base.size(); i += kLineLength) {
    text += "\n" + base.substr(i, kLineLength);
  }
  return text + "\n" + std::string(kEnd) + "\n";
}

std::optional<Sshsig> parse_sshsig(std::string_view armored) {
  const auto bytes = unarmored(armored);
  if (!bytes) return std::nullopt;
  SshReader reader(*bytes);
  if (reader.raw(kMagic.size()) != kMagic || reader.u32() != 1) return std::nullopt;
  auto key = SshPublicKey::parse(reader.string());
  Sshsig signature;
  signature.name_space = reader.string();
  reader.string();  // reserved
  const std::string_view hash = reader.string();
  signature.signature = reader.string();
  if (!reader.finished() || !key || hash != kHash || signature.name_space.empty()) {
    return std::nullopt;
  }
  signature.key = std::move(*key);
  return signature;
}

bool Sshsig::verify(std::string_view message, std::string_view wanted) const {
  return name_space == wanted && key.verify(sshsig_signed_data(message, wanted), signature);
}

std::vector<std::string> find_armored(std::string_view text) {
  std::vector<std::string> blocks;
  while (true) {
    const std::size_t begin = text.find(kBegin);
    if (begin == std::string_view::npos) return blocks;
    const std::size_t end = text.find(kEnd, begin);
    if (end == std::string_view::npos) return blocks;
    blocks.emplace_back(text.substr(begin, end + kEnd.size() - begin));
    text.remove_prefix(end + kEnd.size());
  }
}

}  // namespace prodaccess
