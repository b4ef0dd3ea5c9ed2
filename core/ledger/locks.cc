#include "core/ledger/locks.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

constexpr std::string_view kTitle = "prodaccess-locks";
constexpr std::string_view kEmDash = "\xE2\x80\x94";
constexpr std::size_t kKeyIdSize = 4;
constexpr std::size_t kSignatureSize = 64;

std::string lock_line(const Lock& lock) {
  return "lock " + canonical_json({{"kind", lock.kind},
                                   {"name", lock.name},
                                   {"reason", lock.reason},
                                   {"until", lock.until ? format_rfc3339(*lock.until) : ""}});
}

std::optional<Lock> parse_lock(std::string_view json) try {
  const Json value = parse_json_strictly(json, "a lock");
  Lock lock;
  lock.kind = value.at("kind").get<std::string>();
  lock.name = value.at("name").get<std::string>();
  lock.reason = value.at("reason").get<std::string>();
  const std::string until = value.at("until").get<std::string>();
  if (!until.empty()) lock.until = parse_rfc3339(until);
  const bool known =
      lock.kind == "person" || lock.kind == "role" || lock.kind == "host" || lock.kind == "all";
  if (!known || lock.name.empty() != (lock.kind == "all") || (!until.empty() && !lock.until)) {
    return std::nullopt;
  }
  return lock;
} catch (const std::exception&) {
  return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool begins(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool parse_signature(LockList& list, std::string_view line) {
  const std::string prefix = std::string(kEmDash) + " ";
  if (!begins(line, prefix)) return false;
  line.remove_prefix(prefix.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return false;
  list.signer = std::string(line.substr(0, blank));
  const auto bytes = unbase64(line.substr(blank + 1));
  if (!bytes || bytes->size() != kKeyIdSize + kSignatureSize) return false;
  list.key_id = bytes->substr(0, kKeyIdSize);
  list.signature = bytes->substr(kKeyIdSize);
  return true;
}

bool applies(const Lock& lock, const LockSubject& subject) {
  if (lock.kind == "all") return true;
  if (lock.kind == "person") return lock.name == subject.person;
  if (lock.kind == "role") return lock.name == subject.role;
  return lock.name == subject.host;
}

}  // namespace

std::string LockList::body() const {
  std::string text(kTitle);
  text += "\nnumber " + std::to_string(number) + "\ntime " + format_rfc3339(time) + "\n";
  for (const Lock& lock : locks) text += lock_line(lock) + "\n";
  return text;
}

std::string LockList::text() const {
  return body() + "\n" + std::string(kEmDash) + " " + signer + " " + base64(key_id + signature) +
         "\n";
}

bool LockList::signed_by(const VerifierKey& key) const {
  return key.name == signer && key.id() == key_id &&
         ed25519_verify(key.public_key, body(), signature);
}

std::optional<Lock> LockList::stopping(const LockSubject& subject, WallTime now) const {
  for (const Lock& lock : locks) {
    if (applies(lock, subject) && (!lock.until || now < *lock.until)) return lock;
  }
  return std::nullopt;
}

void sign_lock_list(LockList& list, const Ed25519Key& key, const std::string& signer) {
  list.signer = signer;
  list.key_id = VerifierKey{signer, key.public_key()}.id();
  list.signature = key.sign(list.body());
}

std::optional<LockList> parse_lock_list(std::string_view text) {
  const std::vector<std::string> lines = split(text, '\n');
  if (lines.size() < 6 || lines[0] != kTitle || !begins(lines[1], "number ") ||
      !begins(lines[2], "time ")) {
    return std::nullopt;
  }
  LockList list;
  const auto number = parse_number(std::string_view(lines[1]).substr(7));
  const auto time = parse_rfc3339(std::string_view(lines[2]).substr(5));
  if (!number || !time) return std::nullopt;
  list.number = *number;
  list.time = *time;
  std::size_t at = 3;
  for (; at < lines.size() && begins(lines[at], "lock "); ++at) {
    const auto lock = parse_lock(std::string_view(lines[at]).substr(5));
    if (!lock) return std::nullopt;
    list.locks.push_back(*lock);
  }
  if (at + 1 >= lines.size() || !parse_signature(list, lines[at + 1])) return std::nullopt;
  // Only what would be printed so is a list: no second reading of signed bytes.
  if (list.text() != text) return std::nullopt;
  return list;
}

LockSettings read_lock_settings(ConfigTable table) {
  LockSettings settings;
  settings.file = table.take_string("file").value_or("");
  const SourcePosition position = table.position("signers");
  for (const std::string& text : table.take_strings("signers")) {
    const auto key = parse_vkey(text);
    if (!key) {
      throw Error(ErrorCode::Config, position.text() + ": signers: no public key: " + text,
                  {"prodaccess lock --show-key"});
    }
    settings.signers.push_back(*key);
  }
  settings.stale_after = table.take_duration("stale_after");
  settings.strict =
      table.take_choice("mode", {"strict", "best_effort"}).value_or("best_effort") == "strict";
  settings.url = table.take_string("url").value_or("");
  table.finish();
  return settings;
}

LockGuard::LockGuard(Files& files, LockSettings settings, std::filesystem::path state)
    : files_(files), settings_(std::move(settings)), state_(std::move(state)) {}

std::filesystem::path LockGuard::file() const {
  return settings_.file.empty() ? state_ / "locks" : settings_.file;
}

std::vector<VerifierKey> LockGuard::signers() {
  if (!settings_.signers.empty()) return settings_.signers;
  const auto own = files_.read(state_ / "locks.key", Owner::Me);
  const auto key = own ? parse_vkey(trim(*own)) : std::nullopt;
  return key ? std::vector<VerifierKey>{*key} : std::vector<VerifierKey>{};
}

void LockGuard::trust_own(const VerifierKey& key) {
  files_.write(state_ / "locks.key", key.text() + "\n");
}

LockGuard::Seen LockGuard::seen() {
  const auto text = files_.read(state_ / "locks.seen", Owner::Me);
  const std::vector<std::string> words = split(trim(text.value_or("")), ' ');
  return {parse_number(words[0]).value_or(0), words.size() > 1 ? words[1] : ""};
}

void LockGuard::remember(const Seen& seen) {
  files_.make_folder(state_);
  files_.write(state_ / "locks.seen", std::to_string(seen.number) + " " + seen.digest + "\n");
}

// A signature takes milliseconds, most of it to open the library: each list is held against it
// once, under the keys that are trusted at that time.
LockList LockGuard::believe(std::string_view text) {
  const auto list = parse_lock_list(text);
  if (!list) {
    throw Error(ErrorCode::Locked, "the list of locks " + file().string() + " cannot be read",
                {"prodaccess locks"});
  }
  const Seen before = seen();
  if (list->number < before.number) {
    throw Error(ErrorCode::Locked,
                "the list of locks went back from " + std::to_string(before.number) + " to " +
                    std::to_string(list->number),
                {"prodaccess locks sync"});
  }
  const std::vector<VerifierKey> keys = signers();
  std::string checked;
  for (const VerifierKey& key : keys) checked += key.text() + "\n";
  const Seen now{list->number, sha256_hex(checked.append(text))};
  if (now.number == before.number && now.digest == before.digest) return *list;
  if (std::none_of(keys.begin(), keys.end(),
                   [&](const VerifierKey& key) { return list->signed_by(key); })) {
    throw Error(ErrorCode::Locked,
                "the list of locks " + file().string() + " is not signed by a key that is trusted",
                {"prodaccess locks"});
  }
  remember(now);
  return *list;
}

std::optional<LockList> LockGuard::load() {
  const auto text = files_.read(file(), Owner::RootOrMe);
  if (!text) return std::nullopt;
  return believe(*text);
}

std::string LockGuard::check(const LockSubject& subject, WallTime now) {
  const auto list = load();
  std::string trouble;
  if (!list && (!settings_.signers.empty() || seen().number > 0)) {
    trouble = "the list of locks " + file().string() + " is missing";
  } else if (list && settings_.stale_after && now - list->time > *settings_.stale_after) {
    trouble = "the list of locks is older than " + format_duration(*settings_.stale_after);
  }
  if (!trouble.empty() && settings_.strict) {
    throw Error(ErrorCode::Locked, trouble, {"prodaccess locks sync"});
  }
  const auto lock = list ? list->stopping(subject, now) : std::nullopt;
  if (lock) {
    throw Error(ErrorCode::Locked,
                (lock->kind == "all" ? "all access" : lock->kind + " " + lock->name) +
                    " is locked" + (lock->reason.empty() ? "" : ": " + lock->reason),
                {"prodaccess locks"});
  }
  return trouble;
}

std::uint64_t LockGuard::replace(std::string_view text) {
  const LockList list = believe(text);
  files_.write(file(), text);
  return list.number;
}

}  // namespace prodaccess
