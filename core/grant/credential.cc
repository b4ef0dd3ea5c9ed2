#include "core/grant/credential.h"

#include <algorithm>
#include <charconv>

#include "core/base/error.h"
#include "core/base/netstring.h"

namespace prodaccess {
namespace {

constexpr std::string_view kFormat = "prodaccess-credential 1";
constexpr std::string_view kAnyFormat = "prodaccess-credential ";
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

// Takes names and values in their order.
class PartReader {
 public:
  explicit PartReader(std::vector<std::string_view> parts) : parts_(std::move(parts)) {}
  bool at_end() const { return next_ == parts_.size(); }

  std::string_view string() {
    if (at_end()) fail("it is cut off");
    return parts_[next_++];
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
  std::vector<std::string_view> parts_;
  std::size_t next_ = 0;
};

Tier parse_tier(std::string_view name) {
  for (const Tier tier : {Tier::Read, Tier::Wide}) {
    if (tier_name(tier) == name) return tier;
  }
  fail("an unknown tier");
}

}  // namespace

std::string_view tier_name(Tier tier) { return tier == Tier::Read ? "read" : "wide"; }

std::string_view Credential::field(std::string_view name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string_view() : found->second.view();
}

bool Credential::usable(const Moment& now) const {
  const Milliseconds margin = std::min(kLongestMargin, (expires_at - issued_at) / 10);
  return Span{issued_at, expires_at - margin, issued_boot, boot_id}.at(now) == Validity::Live;
}

Secret Credential::serialise() const {
  const auto known = public_parts(*this);
  std::vector<std::string> names;
  for (const auto& [name, value] : fields) names.push_back(std::string(kFieldPrefix) + name);
  std::vector<std::string_view> parts{kFormat};
  for (const auto& [name, value] : known) parts.insert(parts.end(), {name, value});
  auto name = names.begin();
  for (const auto& [ignored, value] : fields) parts.insert(parts.end(), {*name++, value.view()});
  return encode_netstrings(parts);
}

Credential Credential::parse(std::string_view bytes) {
  auto parts = decode_netstrings(bytes);
  if (!parts || parts->empty() || !parts->front().starts_with(kAnyFormat)) {
    fail("it is not in their form");
  }
  PartReader reader(std::move(*parts));
  if (reader.string() != kFormat) {
    throw Error(ErrorCode::Keyring,
                "the keyring holds a credential written by another version of prodaccess",
                {"upgrade prodaccess, or end it: prodaccess revoke --all"});
  }
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
