#include "core/os/secret_service.h"

#include <charconv>

#include "core/base/error.h"
#include "core/base/netstring.h"
#include "core/os/isolated_call.h"
#include "core/os/service_collection.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kPatience = Seconds{8};

// A value with its end in milliseconds of wall time, as ServiceEphemeralStore keeps it.
struct EndingValue {
  WallTime until{};
  std::string_view secret;

  static std::optional<EndingValue> parse(std::string_view bytes) {
    const auto parts = decode_netstrings(bytes);
    if (!parts || parts->size() != 2) return std::nullopt;
    const std::string_view text = parts->front();
    WallTime::rep count = 0;
    const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (problem != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return EndingValue{WallTime{Milliseconds{count}}, parts->back()};
  }
};

// Erases every ending value whose end is past, or that is none.
void sweep(ServiceCollection& collection, WallTime now) {
  for (const std::string& key : collection.keys()) {
    const std::optional<Secret> value = collection.get(key);
    if (!value) continue;
    const auto ending = EndingValue::parse(value->view());
    if (!ending || ending->until <= now) collection.erase(key);
  }
}

Secret list_of(const std::vector<std::string>& values) {
  return encode_netstrings(std::vector<std::string_view>(values.begin(), values.end()));
}

// In the child. The answer is a list of netstrings, empty where there is nothing to say.
Secret perform(ServiceUse use, std::string_view request) {
  const bool ephemeral = use == ServiceUse::Ephemeral;
  ServiceCollection collection(ephemeral ? "session" : "default",
                               ephemeral ? "ephemeral" : "durable");
  const auto parts = decode_netstrings(request).value();
  const std::string_view operation = parts.at(0);
  const std::string key(parts.at(1));
  if (operation == "keys") return list_of(collection.keys());
  if (operation == "get") {
    const std::optional<Secret> value = collection.get(key);
    return value ? encode_netstrings({value->view()}) : Secret();
  }
  if (operation == "put") {
    collection.put(key, parts.at(2));
    if (ephemeral) sweep(collection, SystemClock().wall_now());
  }
  if (operation == "erase") collection.erase(key);
  return {};
}

[[noreturn]] void fail_hanging() {
  throw Error(ErrorCode::Keyring, "the Secret Service does not answer",
              {"a window may be waiting for its password; else restart the service: "
               "systemctl --user restart gnome-keyring-daemon",
               "without it: [stores] ephemeral = \"kernel\", durable = \"file\""});
}

std::optional<Secret> only_part(const Secret& answer) {
  const auto parts = decode_netstrings(answer.view());
  if (!parts || parts->empty()) return std::nullopt;
  return Secret(parts->front());
}

}  // namespace

Secret SecretService::call(ServiceUse use, std::string_view operation, std::string_view key,
                           std::string_view secret) {
  if (hangs_) fail_hanging();
  absent_ = false;
  const Secret request = encode_netstrings({operation, key, secret});
  try {
    return run_isolated(request.view(), kPatience,
                        [use](std::string_view input) { return perform(use, input); });
  } catch (const Error& error) {
    hangs_ = error.code() == ErrorCode::Busy;
    if (hangs_) fail_hanging();
    absent_ = error.code() == ErrorCode::NotFound;
    throw Error(ErrorCode::Keyring, error.what(), error.hints());
  }
}

ServiceEphemeralStore::ServiceEphemeralStore(SecretService& service, const Clock& clock)
    : service_(service), clock_(clock) {}

void ServiceEphemeralStore::put(const std::string& key, std::string_view secret, WallTime until) {
  const std::string end = std::to_string(until.time_since_epoch().count());
  const Secret value = encode_netstrings({end, secret});
  service_.call(ServiceUse::Ephemeral, "put", key, value.view());
}

std::optional<Secret> ServiceEphemeralStore::get(const std::string& key) {
  const std::optional<Secret> value =
      only_part(service_.call(ServiceUse::Ephemeral, "get", key, ""));
  if (!value) return std::nullopt;
  const auto ending = EndingValue::parse(value->view());
  if (!ending || ending->until <= clock_.wall_now()) {
    erase(key);
    return std::nullopt;
  }
  return Secret(ending->secret);
}

void ServiceEphemeralStore::erase(const std::string& key) {
  service_.call(ServiceUse::Ephemeral, "erase", key, "");
}

void ServiceDurableStore::put(const std::string& key, std::string_view secret) {
  service_.call(ServiceUse::Durable, "put", key, secret);
}

std::optional<Secret> ServiceDurableStore::get(const std::string& key) {
  return only_part(service_.call(ServiceUse::Durable, "get", key, ""));
}

void ServiceDurableStore::erase(const std::string& key) {
  service_.call(ServiceUse::Durable, "erase", key, "");
}

std::vector<std::string> ServiceDurableStore::keys() {
  const Secret answer = service_.call(ServiceUse::Durable, "keys", "", "");
  const auto parts = decode_netstrings(answer.view());
  if (!parts) return {};
  return {parts->begin(), parts->end()};
}

}  // namespace prodaccess
