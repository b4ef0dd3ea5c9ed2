#include "core/ledger/reconcile.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/query.h"

namespace prodaccess {
namespace {

constexpr auto kSlack = std::chrono::minutes{5};
constexpr std::size_t kShortestName = 6;
constexpr std::string_view kHashed = "hmac-sha256:";  // Vault, unless hmac_accessor = false

// The text at a path like "userIdentity.sessionContext.sourceIdentity"; "" where there is none.
std::string at(const Json& entry, const char* path) {
  const Json* here = &entry;
  for (const std::string& step : split(path, '.')) {
    if (!here->is_object()) return "";
    const auto found = here->find(step);
    if (found == here->end()) return "";
    here = &*found;
  }
  return here->is_string() ? here->get<std::string>() : "";
}

ProviderEvent event_of(const Json& entry, const std::string& source, const std::string& time,
                       const std::string& action, std::initializer_list<const char*> identities) {
  ProviderEvent event;
  event.source = source;
  event.time = parse_rfc3339(time).value_or(WallTime{});
  event.action = action;
  for (const char* path : identities) {
    std::string name = at(entry, path);
    if (name.empty()) continue;
    if (event.identity.empty()) event.identity = name;
    event.identifiers.push_back(std::move(name));
  }
  return event;
}

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_';
}

// Whether `name` stands in `identifier` as a whole: "ana-1" not in ".../ana-12".
bool holds_whole(const std::string& identifier, const std::string& name) {
  for (std::size_t at = identifier.find(name); at != std::string::npos;
       at = identifier.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || !is_word_character(identifier[at - 1]);
    const bool ends = end == identifier.size() || !is_word_character(identifier[end]);
    if (begins && ends) return true;
  }
  return false;
}

// What a provider's log may call what was issued: a handle is words, some of them "kind:name"; its
// times are no names.
std::vector<std::string> names_in(const std::string& handle) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
  std::vector<std::string> names;
  for (std::string word : split(handle, ' ')) {
    const std::size_t colon = word.find(':');
    if (colon != std::string::npos && word.find_first_not_of(kLetters) == colon) {
      word = word.substr(colon + 1);
    }
    if (word.size() < kShortestName || parse_rfc3339(word)) continue;
    names.push_back(std::move(word));
  }
  return names;
}

void add_metadata(const Json& entry, ProviderEvent& event) {
  const auto auth = entry.find("auth");
  if (auth == entry.end() || !auth->is_object()) return;
  const auto metadata = auth->find("metadata");
  if (metadata == auth->end() || !metadata->is_object()) return;
  for (const Json& value : *metadata) {
    if (value.is_string()) event.identifiers.push_back(value.get<std::string>());
  }
}

}  // namespace

std::optional<ProviderEvent> read_provider_event(const Json& entry) {
  if (!entry.is_object()) return std::nullopt;
  if (entry.contains("eventName") && entry.contains("eventTime")) {
    return event_of(entry, "cloudtrail", at(entry, "eventTime"),
                    at(entry, "eventSource") + " " + at(entry, "eventName"),
                    {"userIdentity.arn", "userIdentity.accessKeyId", "userIdentity.principalId",
                     "userIdentity.sessionContext.sourceIdentity", "userIdentity.userName"});
  }
  if (entry.contains("request") && entry.contains("time") && entry.contains("type")) {
    if (at(entry, "type") == "response") return std::nullopt;  // its request stands there too
    ProviderEvent event =
        event_of(entry, "vault", at(entry, "time"),
                 at(entry, "request.operation") + " " + at(entry, "request.path"),
                 {"auth.display_name", "auth.accessor", "auth.entity_id",
                  "request.client_token_accessor", "request.data.lease_id", "request.id"});
    add_metadata(entry, event);
    return event;
  }
  if (entry.contains("protoPayload")) {
    return event_of(
        entry, "gcp", at(entry, "timestamp"),
        at(entry, "protoPayload.serviceName") + " " + at(entry, "protoPayload.methodName"),
        {"protoPayload.authenticationInfo.principalEmail",
         "protoPayload.authenticationInfo.principalSubject",
         "protoPayload.authenticationInfo.serviceAccountKeyName"});
  }
  return std::nullopt;
}

Reconciliation::Reconciliation(const std::vector<std::filesystem::path>& ledgers) {
  for (const std::filesystem::path& folder : ledgers) {
    std::map<std::string, std::int64_t> longest;  // seconds, by session
    for_each_record(folder, {}, [&](const RecordEntry& entry) {
      if (entry.kind == RecordKind::Intent) {
        longest[entry.session] = entry.number("ttl_seconds").value_or(12 * 3600);
      }
      if (entry.kind != RecordKind::Issued) return true;
      const std::string handle = entry.text("handle");
      const auto ttl = longest.find(entry.session);
      const Seconds length{ttl == longest.end() ? 12 * 3600L : ttl->second};
      const Span span{entry.time - kSlack, entry.time + length + kSlack, entry.grant};
      for (const std::string& name : names_in(handle)) spans_.emplace(name, span);
      return true;
    });
  }
}

std::string Reconciliation::grant_for(const ProviderEvent& event) const {
  for (const auto& [name, span] : spans_) {
    if (event.time < span.from || event.time > span.until) continue;
    for (const std::string& identifier : event.identifiers) {
      // A grant's id is made of 64 random bits: wherever it stands, it is meant.
      const bool grant = !span.grant.empty() && identifier.find(span.grant) != std::string::npos;
      if (grant || holds_whole(identifier, name)) return span.grant.empty() ? name : span.grant;
    }
  }
  return "";
}

void Reconciliation::take(const Json& entry, WallTime from, WallTime until, Result& result) const {
  const auto event = read_provider_event(entry);
  if (!event) return;
  if (event->time < from || event->time >= until) return;
  ++result.events;
  if (!grant_for(*event).empty()) {
    ++result.accounted;
  } else {
    const auto hashed = [](const std::string& text) { return text.starts_with(kHashed); };
    const auto& identifiers = event->identifiers;
    if (std::any_of(identifiers.begin(), identifiers.end(), hashed)) ++result.hashed;
    result.without_us.push_back(*event);
  }
}

void Reconciliation::compare(std::string_view text, WallTime from, WallTime until,
                             Result& result) const {
  const Json whole = Json::parse(text, nullptr, false);
  if (whole.is_object() && whole.contains("Records") && whole["Records"].is_array()) {
    for (const Json& entry : whole["Records"]) take(entry, from, until, result);
    return;
  }
  if (whole.is_array()) {
    for (const Json& entry : whole) take(entry, from, until, result);
    return;
  }
  if (!whole.is_discarded()) return take(whole, from, until, result);
  bool any = false;
  for (const std::string& line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    const Json entry = Json::parse(line, nullptr, false);
    if (entry.is_discarded()) {
      ++result.unreadable;
      continue;
    }
    any = true;
    take(entry, from, until, result);
  }
  if (!any) throw Error(ErrorCode::Usage, "that is no log of a known form");
}

}  // namespace prodaccess
