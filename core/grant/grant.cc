#include "core/grant/grant.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"

namespace prodaccess {
namespace {

constexpr int kFormat = 1;

[[noreturn]] void fail(const std::string& file, const std::string& why) {
  throw Error(ErrorCode::System, file + " is no grant of prodaccess: " + why,
              {"move it away; the credential ends by itself"});
}

// Reads members by name and type, and counts them, so that what nobody asked for is noticed.
class MemberReader {
 public:
  MemberReader(const Json& object, const std::string& file) : object_(object), file_(file) {
    if (!object.is_object()) fail(file_, "not an object");
  }

  std::string string(const char* name) { return member(name, Json::value_t::string); }
  bool boolean(const char* name) { return member(name, Json::value_t::boolean); }

  // Small enough that sums of such numbers cannot overflow.
  std::uint32_t count(const char* name) {
    return static_cast<std::uint32_t>(number(name, UINT32_MAX));
  }
  std::int64_t milliseconds(const char* name) {
    return static_cast<std::int64_t>(number(name, 1ULL << 48));
  }

  WallTime time(const char* name) {
    const auto parsed = parse_rfc3339(string(name));
    if (!parsed) fail(file_, std::string("\"") + name + "\" is no time");
    return *parsed;
  }

  std::vector<std::string> strings(const char* name) {
    std::vector<std::string> values;
    for (const Json& value : member(name, Json::value_t::array)) {
      if (!value.is_string()) fail(file_, std::string("\"") + name + "\" holds no texts");
      values.push_back(value.get<std::string>());
    }
    return values;
  }

  void finish() const {
    if (taken_ != object_.size()) fail(file_, "it has unknown parts");
  }

 private:
  std::uint64_t number(const char* name, std::uint64_t most) {
    const std::uint64_t value = member(name, Json::value_t::number_unsigned);
    if (value > most) fail(file_, std::string("\"") + name + "\" is too large");
    return value;
  }

  const Json& member(const char* name, Json::value_t type) {
    const auto found = object_.find(name);
    if (found == object_.end()) fail(file_, std::string("\"") + name + "\" is missing");
    if (found->type() != type) fail(file_, std::string("\"") + name + "\" has a wrong type");
    ++taken_;
    return *found;
  }

  const Json& object_;
  const std::string& file_;
  std::size_t taken_ = 0;
};

Json parse_object(std::string_view text, const std::string& file) {
  try {
    return parse_json_strictly(text, file);
  } catch (const Error& error) {
    fail(file, error.what());
  }
}

void require_known_format(const Json& object, const std::string& file) {
  const auto format = object.is_object() ? object.find("format") : object.end();
  if (format == object.end() || !format->is_number_integer()) fail(file, "it names no format");
  if (format->get<std::int64_t>() > kFormat) {
    throw Error(ErrorCode::System,
                file + " was written by a newer prodaccess (format " + format->dump() +
                    ", this one knows " + std::to_string(kFormat) + ")",
                {"upgrade prodaccess"});
  }
}

}  // namespace

bool Grant::live(const Moment& now) const { return !revoked && span().at(now) == Validity::Live; }

Seconds Grant::left(const Moment& now) const {
  if (revoked) return Seconds{0};
  return std::chrono::floor<Seconds>(span().left(now));
}

std::string_view Grant::state_words(const Moment& now) const {
  return revoked ? "was revoked" : validity_words(span().at(now));
}

std::string serialise_grant(const Grant& grant) {
  Json object = {
      {"format", kFormat},
      {"id", grant.id},
      {"role", grant.role},
      {"provider", grant.provider},
      {"from", format_rfc3339(grant.from)},
      {"until", format_rfc3339(grant.until)},
      {"from_boot_ms", static_cast<std::uint64_t>(grant.from_boot.time_since_epoch().count())},
      {"boot_id", grant.boot_id},
      {"reason", grant.reason},
      {"ticket", grant.ticket},
      {"target", grant.description.target},
      {"identity", grant.description.identity},
      {"notes", grant.description.notes},
      {"request_key", grant.request_key},
      {"store", grant.store},
      {"handles", grant.handles},
      {"uid", grant.uid},
      {"revoked", grant.revoked},
  };
  if (grant.unfinished) object["unfinished"] = true;
  return object.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

Grant parse_grant(std::string_view text, const std::string& file) {
  const Json object = parse_object(text, file);
  require_known_format(object, file);
  MemberReader reader(object, file);
  reader.count("format");
  Grant grant;
  grant.id = reader.string("id");
  grant.role = reader.string("role");
  grant.provider = reader.string("provider");
  grant.from = reader.time("from");
  grant.until = reader.time("until");
  grant.from_boot = BootTime{Milliseconds{reader.milliseconds("from_boot_ms")}};
  grant.boot_id = reader.string("boot_id");
  grant.reason = reader.string("reason");
  grant.ticket = reader.string("ticket");
  grant.description.target = reader.string("target");
  grant.description.identity = reader.string("identity");
  grant.description.notes = reader.strings("notes");
  grant.request_key = reader.string("request_key");
  grant.store = reader.string("store");
  grant.handles = reader.strings("handles");
  grant.uid = reader.count("uid");
  grant.revoked = reader.boolean("revoked");
  if (object.contains("unfinished")) grant.unfinished = reader.boolean("unfinished");
  reader.finish();
  return grant;
}

}  // namespace prodaccess
