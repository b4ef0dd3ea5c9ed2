#include "core/grant/credential.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/base/error.h"

namespace prodaccess {
namespace {

constexpr std::string_view kVersionLine = "prodaccess-credential 1\n";
constexpr std::string_view kAnyVersion = "prodaccess-credential ";
constexpr std::string_view kFieldPrefix = "field.";
constexpr Milliseconds kLongestMargin = Seconds{5};

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorCode::Keyring, "the keyring holds something that is no credential: " + why,
              {"prodaccess revoke --all"});
}

std::string number(std::int64_t value) { return std::to_string(value); }

// What stands before the fields, in order.
std::vector<std::pair<std::string_view, std::string>> public_parts(const Credential& credential) {
  return {{"tier", std::string(tier_name(credential.tier))},
          {"issued_at", number(credential.issued_at.time_since_epoch().count())},
          {"expires_at", number(credential.expires_at.time_since_epoch().count())},
          {"issued_boot", number(credential.issued_boot.time_since_epoch().count())},
          {"boot_id", credential.boot_id},
          {"handle", credential.handle}};
}

std::size_t netstring_size(std::size_t size) {
  return number(std::int64_t(size)).size() + size + 2;
}

// Fills a buffer of the right size from the front.
class NetstringWriter {
 public:
  explicit NetstringWriter(char* at) : at_(at) {}
  void raw(std::string_view bytes) { at_ = std::copy(bytes.begin(), bytes.end(), at_); }
  void string(std::string_view bytes) {
    raw(number(std::int64_t(bytes.size())) + ":");
    raw(bytes);
    raw(",");
  }

 private:
  char* at_;
};

class NetstringReader {
 public:
  explicit NetstringReader(std::string_view rest) : rest_(rest) {}
  bool at_end() const { return rest_.empty(); }

  std::string_view string() {
    std::size_t size = 0;
    const char* const end = rest_.data() + rest_.size();
    const auto [colon, problem] = std::from_chars(rest_.data(), end, size);
    const auto digits = static_cast<std::size_t>(colon - rest_.data());
    const bool padded = digits > 1 && rest_.front() == '0';
    if (problem != std::errc() || padded || colon == end || *colon != ':') fail("a wrong length");
    rest_.remove_prefix(digits + 1);
    if (rest_.size() <= size || rest_[size] != ',') fail("it is cut off");
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return value;
  }

  std::string_view named(std::string_view name) {
    if (string() != name) fail("the part " + std::string(name) + " is missing");
    return string();
  }

  std::int64_t integer(std::string_view name) {
    const std::string_view text = named(name);
    std::int64_t value = 0;
    const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || stop != text.data() + text.size() || number(value) != text) {
      fail("the part " + std::string(name) + " is no number");
    }
    return value;
  }

  // Within what dates can be; spans of such numbers cannot overflow.
  Milliseconds milliseconds(std::string_view name) {
    constexpr std::int64_t kYear9999 = 253'402'300'800'000;
    const std::int64_t value = integer(name);
    if (value < 0 || value > kYear9999) fail("the part " + std::string(name) + " is no date");
    return Milliseconds{value};
  }

 private:
  std::string_view rest_;
};

Tier parse_tier(std::string_view name) {
  for (const Tier tier : {Tier::Read, Tier::Wide}) {
    if (tier_name(tier) == name) return tier;
  }
  fail("an unknown tier");
}

}  // namespace

std::string_view tier_name(Tier tier) { return tier == Tier::Read ? "read" : "wide"; }

bool Credential::usable(const Moment& now) const {
  const Milliseconds margin = std::min(kLongestMargin, (expires_at - issued_at) / 10);
  return Span{issued_at, expires_at - margin, issued_boot, boot_id}.at(now) == Validity::Live;
}

Secret Credential::serialise() const {
  const auto parts = public_parts(*this);
  std::size_t size = kVersionLine.size();
  for (const auto& [name, value] : parts) {
    size += netstring_size(name.size()) + netstring_size(value.size());
  }
  for (const auto& [name, value] : fields) {
    size += netstring_size(kFieldPrefix.size() + name.size()) + netstring_size(value.size());
  }
  Secret bytes(size);
  NetstringWriter writer(bytes.data());
  writer.raw(kVersionLine);
  for (const auto& [name, value] : parts) {
    writer.string(name);
    writer.string(value);
  }
  for (const auto& [name, value] : fields) {
    writer.string(std::string(kFieldPrefix) + name);
    writer.string(value.view());
  }
  return bytes;
}

Credential Credential::parse(std::string_view bytes) {
  if (!bytes.starts_with(kVersionLine)) {
    if (!bytes.starts_with(kAnyVersion)) fail("it does not begin like one");
    throw Error(ErrorCode::Keyring,
                "the keyring holds a credential written by another version of prodaccess",
                {"upgrade prodaccess, or end it: prodaccess revoke --all"});
  }
  NetstringReader reader(bytes.substr(kVersionLine.size()));
  Credential credential;
  credential.tier = parse_tier(reader.named("tier"));
  credential.issued_at = WallTime{reader.milliseconds("issued_at")};
  credential.expires_at = WallTime{reader.milliseconds("expires_at")};
  credential.issued_boot = BootTime{reader.milliseconds("issued_boot")};
  credential.boot_id = reader.named("boot_id");
  credential.handle = reader.named("handle");
  while (!reader.at_end()) {
    const std::string_view name = reader.string();
    if (!name.starts_with(kFieldPrefix)) fail("an unknown part");
    const auto [place, is_new] =
        credential.fields.emplace(name.substr(kFieldPrefix.size()), Secret(reader.string()));
    if (!is_new) fail("the same field twice");
  }
  return credential;
}

}  // namespace prodaccess
