#include "providers/local/revocations.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr int kVersion = 1;
constexpr std::chrono::hours kKeptAfterEnd{24};
constexpr Milliseconds kPatience{10'000};
constexpr std::size_t kLongestId = 64;

std::int64_t epoch_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A serial is never 0: sshd takes that for "none".
bool is_serial(std::string_view text) { return parse_number<std::uint64_t>(text).value_or(0) != 0; }

bool is_token_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Error unreadable(const std::filesystem::path& file) {
  return {ErrorCode::System,
          file.string() + " is not a list of revocations that this version understands",
          {"restore it from a copy; without it revoked certificates would be accepted again"}};
}

RevocationList parse_list(const std::string& text, const std::filesystem::path& file) {
  try {
    const Json json = parse_json_strictly(text, file.string());
    if (json.at("version").is_number_unsigned() && json.at("version") > kVersion) {
      throw Error(ErrorCode::System, file.string() + " was written by a newer prodaccess",
                  {"upgrade prodaccess"});
    }
    if (json.at("version") != kVersion || !json.at("number").is_number_unsigned()) {
      throw unreadable(file);
    }
    RevocationList list;
    list.number = json.at("number").get<std::uint64_t>();
    for (const Json& entry : json.at("revoked")) {
      const auto what = LocalHandle::parse(entry.at("handle").get<std::string>());
      const auto at = parse_rfc3339(entry.at("at").get<std::string>());
      if (!what || !at) throw unreadable(file);
      list.entries.push_back({*what, *at});
    }
    return list;
  } catch (const Json::exception&) {
    throw unreadable(file);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::Provider) throw unreadable(file);
    throw;
  }
}

std::string format_list(const RevocationList& list) {
  Json revoked = Json::array();
  for (const RevokedHandle& entry : list.entries) {
    revoked.push_back({{"handle", entry.what.text()}, {"at", format_rfc3339(entry.at)}});
  }
  return canonical_json(
             {{"version", kVersion}, {"number", list.number}, {"revoked", std::move(revoked)}}) +
         "\n";
}

}  // namespace

std::string LocalHandle::text() const {
  return std::string(ssh ? "ssh" : "token") + ":" + id + ":" + std::to_string(epoch_seconds(until));
}

std::optional<LocalHandle> LocalHandle::parse(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() != 3 || (parts[0] != "ssh" && parts[0] != "token")) return std::nullopt;
  LocalHandle handle;
  handle.ssh = parts[0] == "ssh";
  handle.id = parts[1];
  const auto until = parse_number<std::int64_t>(parts[2]);
  if (!until || *until < 0 || *until > 253'402'300'799) return std::nullopt;
  if (!(handle.ssh ? is_serial(handle.id) : is_token_id(handle.id))) return std::nullopt;
  handle.until = WallTime{std::chrono::seconds{*until}};
  return handle;
}

Revocations::Revocations(Files& files, const Clock& clock, std::filesystem::path folder)
    : files_(files), clock_(clock), folder_(std::move(folder)) {}

RevocationList Revocations::list() const {
  RevocationList list = read();
  drop_old(list);
  return list;
}

RevocationList Revocations::add(const LocalHandle& what) {
  files_.make_folder(folder_);
  const auto lock = files_.lock(folder_ / "revoked.lock", kPatience);
  RevocationList list = read();
  const bool known =
      std::any_of(list.entries.begin(), list.entries.end(),
                  [&](const RevokedHandle& entry) { return entry.what.text() == what.text(); });
  drop_old(list);
  if (known) return list;
  ++list.number;
  list.entries.push_back({what, clock_.wall_now()});
  files_.write(file(), format_list(list));
  return list;
}

RevocationList Revocations::read() const {
  const auto text = files_.read(file(), Owner::Me);
  return text ? parse_list(*text, file()) : RevocationList{};
}

void Revocations::drop_old(RevocationList& list) const {
  const WallTime now = clock_.wall_now();
  std::erase_if(list.entries,
                [&](const RevokedHandle& entry) { return entry.what.until + kKeptAfterEnd < now; });
}

std::string ssh_revocation_list(const RevocationList& list, std::string_view authority_key_blob,
                                WallTime made_at) {
  constexpr std::uint64_t kMagic = 0x5353484b524c0a00U;  // "SSHKRL\n\0"
  constexpr std::uint32_t kFormat = 1;
  constexpr std::uint8_t kCertificates = 1;
  constexpr std::uint8_t kSerialList = 0x20;
  std::vector<std::uint64_t> serials;
  for (const RevokedHandle& entry : list.entries) {
    if (entry.what.ssh) serials.push_back(parse_number<std::uint64_t>(entry.what.id).value());
  }
  std::sort(serials.begin(), serials.end());
  SshWriter writer;
  writer.u64(kMagic).u32(kFormat).u64(list.number);
  writer.u64(static_cast<std::uint64_t>(epoch_seconds(made_at)));
  writer.u64(0).string("").string("prodaccess local authority");  // flags, reserved, comment
  if (serials.empty()) return writer.take();
  SshWriter numbers;
  for (const std::uint64_t serial : serials) numbers.u64(serial);
  SshWriter section;
  section.string(authority_key_blob).string("").u8(kSerialList).string(numbers.bytes());
  writer.u8(kCertificates).string(section.bytes());
  return writer.take();
}

Json denied_tokens(const RevocationList& list, const std::string& issuer, WallTime made_at) {
  Json denied = Json::array();
  for (const RevokedHandle& entry : list.entries) {
    if (!entry.what.ssh) {
      denied.push_back({{"jti", entry.what.id}, {"exp", epoch_seconds(entry.what.until)}});
    }
  }
  return {{"iss", issuer},
          {"iat", epoch_seconds(made_at)},
          {"number", list.number},
          {"denied", std::move(denied)}};
}

}  // namespace prodaccess
