#include "providers/local/ssh_private_key.h"

#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kMagic{"openssh-key-v1\0", 15};
constexpr std::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
constexpr std::string_view kEnd = "-----END OPENSSH PRIVATE KEY-----\n";
constexpr std::size_t kLine = 70;
constexpr std::size_t kBlock = 8;  // what an unencrypted key is padded to
// Two equal numbers that show a wrong passphrase; there is none here, so any will do.
constexpr std::uint32_t kCheck = 0x70726f64;

std::string_view remove(std::string_view text, std::string_view prefix, std::string_view suffix) {
  if (!text.starts_with(prefix) || !text.ends_with(suffix) ||
      text.size() < prefix.size() + suffix.size()) {
    return {};
  }
  text.remove_prefix(prefix.size());
  text.remove_suffix(suffix.size());
  return text;
}

Secret private_section(const Ed25519Key& key, std::string_view comment) {
  SshWriter writer(512 + comment.size());
  writer.u32(kCheck).u32(kCheck).string(kSshEd25519).string(key.public_key());
  writer.u32(64).raw(key.seed().view()).raw(key.public_key()).string(comment);
  for (std::uint8_t pad = 1; writer.bytes().size() % kBlock != 0; ++pad) writer.u8(pad);
  return seal(writer.take());
}

Secret decode(std::string_view text) {
  const std::string_view body = remove(text, kBegin, kEnd);
  std::string encoded;
  encoded.reserve(body.size());
  for (const char c : body) {
    if (c != '\n') encoded += c;
  }
  const Secret sealed = seal(std::move(encoded));
  auto bytes = unbase64(sealed.view());
  return bytes ? seal(std::move(*bytes)) : Secret();
}

// The seed in a private section, or "" where the section is not as this file writes it.
std::string_view seed_in(std::string_view section, std::string_view public_blob) {
  SshReader reader(section);
  const std::uint32_t first = reader.u32();
  const bool equal = reader.u32() == first;
  const bool named = reader.string() == kSshEd25519;
  const std::string_view public_key = reader.string();
  const std::string_view pair = reader.string();
  reader.string();  // comment
  if (!reader.good() || !equal || !named || pair.size() != 64 ||
      ssh_ed25519_blob(public_key) != public_blob || pair.substr(32) != public_key) {
    return {};
  }
  return pair.substr(0, 32);
}

}  // namespace

Secret format_private_key(const Ed25519Key& key, std::string_view comment) {
  const Secret section = private_section(key, comment);
  SshWriter writer(1024 + section.size());
  writer.raw(kMagic).string("none").string("none").string("").u32(1);
  writer.string(ssh_ed25519_blob(key.public_key())).string(section.view());
  const Secret bytes = seal(writer.take());
  const Secret encoded = seal(base64(bytes.view()));
  std::string text;
  text.reserve(encoded.size() + encoded.size() / kLine + 128);
  text += kBegin;
  for (std::size_t at = 0; at < encoded.size(); at += kLine) {
    text.append(encoded.view().substr(at, kLine)).append("\n");
  }
  text += kEnd;
  return seal(std::move(text));
}

Ed25519Key parse_private_key(std::string_view text) {
  const Secret bytes = decode(text);
  SshReader reader(bytes.view());
  const bool known = reader.raw(kMagic.size()) == kMagic && reader.string() == "none" &&
                     reader.string() == "none" && reader.string().empty() && reader.u32() == 1;
  const std::string_view public_blob = reader.string();
  const std::string_view section = reader.string();
  const std::string_view seed =
      known && reader.finished() ? seed_in(section, public_blob) : std::string_view();
  if (seed.empty()) {
    throw Error(ErrorCode::Provider, "not an unencrypted OpenSSH Ed25519 private key");
  }
  Ed25519Key key{Secret(seed)};
  if (ssh_ed25519_blob(key.public_key()) != public_blob) {
    throw Error(ErrorCode::Provider, "the halves of an OpenSSH private key do not belong together");
  }
  return key;
}

}  // namespace prodaccess
