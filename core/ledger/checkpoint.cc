#include "core/ledger/checkpoint.h"

#include <charconv>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kEmDash = "\xE2\x80\x94";
constexpr std::string_view kAlgorithm = "\x01";
constexpr std::size_t kKeyIdSize = 4;
constexpr std::size_t kSignatureSize = 64;

bool is_name(std::string_view name) {
  return !name.empty() && name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                              "WXYZ0123456789-._/") == std::string_view::npos;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return value;
}

// Base64 in its one proper spelling, for exactly `size` bytes.
std::optional<std::string> parse_base64(std::string_view text, std::size_t size) {
  const auto bytes = unbase64(text);
  if (!bytes || bytes->size() != size || base64(*bytes) != text) return std::nullopt;
  return bytes;
}

std::optional<std::string_view> after(std::string_view line, std::string_view prefix) {
  if (line.substr(0, prefix.size()) != prefix) return std::nullopt;
  return line.substr(prefix.size());
}

}  // namespace

std::string origin_of(const std::string& ledger) { return "prodaccess-ledger/" + ledger; }

std::string VerifierKey::id() const {
  const Digest digest =
      Sha256().update(name).update("\n").update(kAlgorithm).update(public_key).finish();
  return std::string(bytes_of(digest).substr(0, kKeyIdSize));
}

std::string VerifierKey::text() const {
  return name + "+" + hex(id()) + "+" + base64(std::string(kAlgorithm) + public_key);
}

std::optional<VerifierKey> parse_vkey(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto bytes = parse_base64(text.substr(second + 1), 33);
  if (!bytes || (*bytes)[0] != kAlgorithm[0]) return std::nullopt;
  VerifierKey key{std::string(text.substr(0, first)), bytes->substr(1)};
  if (!is_name(key.name) || key.text() != text) return std::nullopt;
  return key;
}

std::string Checkpoint::body() const {
  return origin + "\n" + std::to_string(size) + "\n" + base64(bytes_of(root)) + "\nnumber " +
         std::to_string(number) + "\ntime " + format_rfc3339(time) + "\n";
}

std::string Checkpoint::text() const {
  return body() + "\n" + std::string(kEmDash) + " " + origin + " " + base64(key_id + signature) +
         "\n";
}

bool Checkpoint::signed_by(const VerifierKey& key) const {
  return key.name == origin && key.id() == key_id &&
         ed25519_verify(key.public_key, body(), signature);
}

void sign_checkpoint(Checkpoint& checkpoint, const Ed25519Key& key) {
  checkpoint.key_id = VerifierKey{checkpoint.origin, key.public_key()}.id();
  checkpoint.signature = key.sign(checkpoint.body());
}

std::optional<Checkpoint> parse_checkpoint(std::string_view text) {
  const std::vector<std::string> lines = split(text, '\n');
  if (lines.size() != 8 || !lines[5].empty() || !lines[7].empty()) return std::nullopt;
  Checkpoint checkpoint;
  checkpoint.origin = lines[0];
  const auto size = parse_decimal(lines[1]);
  const auto root = parse_base64(lines[2], checkpoint.root.size());
  const auto number = after(lines[3], "number ");
  const auto time = after(lines[4], "time ");
  const auto signature = after(lines[6], std::string(kEmDash) + " " + checkpoint.origin + " ");
  if (!is_name(lines[0]) || !size || !root || !number || !time || !signature) return std::nullopt;
  const auto number_value = parse_decimal(*number);
  const auto time_value = parse_rfc3339(*time);
  const auto signature_bytes = parse_base64(*signature, kKeyIdSize + kSignatureSize);
  if (!number_value || !time_value || !signature_bytes) return std::nullopt;
  checkpoint.size = *size;
  std::copy(root->begin(), root->end(), checkpoint.root.begin());
  checkpoint.number = *number_value;
  checkpoint.time = *time_value;
  checkpoint.key_id = signature_bytes->substr(0, kKeyIdSize);
  checkpoint.signature = signature_bytes->substr(kKeyIdSize);
  if (checkpoint.text() != text) return std::nullopt;
  return checkpoint;
}

}  // namespace prodaccess
