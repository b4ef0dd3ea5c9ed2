#include "core/command/pack/members.h"

#include "core/base/text.h"
#include "core/command/pack/json_body.h"

namespace prodaccess::pack {
namespace {

// Names and values that users make up.
bool is_tag(std::string_view option) {
  return option == "tags" || option.starts_with("tag-") || option.ends_with("-tags");
}

void add(Members& members, std::string path, std::string_view text, bool known) {
  Member member;
  const auto dot = path.rfind('.');
  member.name = dot == std::string::npos ? 0 : dot + 1;
  member.path = std::move(path);
  member.text = to_lower(text);
  member.known = known;
  members.all.push_back(std::move(member));
}

bool looks_structured(std::string_view text) {
  return text.find_first_of("{[=") != std::string_view::npos || text.starts_with("file://");
}

// The text of a structured value; absent: it is not on the line.
std::optional<std::string> body_of(const Value& value, Inner& inner) {
  if (!value.known) return std::nullopt;
  for (const std::string_view scheme : {"file://", "fileb://"}) {
    if (value.text.starts_with(scheme)) {
      return inner.file(Word{std::string(value.text.substr(scheme.size()))});
    }
  }
  return std::string(value.text);
}

void add_structured(Members& members, std::string_view option, const Value& value, Inner& inner) {
  const auto body = body_of(value, inner);
  const std::string_view prefix = option == "cli-input-json" ? "" : option;
  auto inside = body ? json_members(*body, prefix) : std::nullopt;
  if (!inside) {
    members.unread = true;
    return;
  }
  for (JsonMember& one : *inside) add(members, std::move(one.path), one.text, true);
}

}  // namespace

Members members_of(const Arguments& arguments, Inner& inner) {
  Members members;
  for (const OptionUse& use : arguments.options) {
    if (!use.option.starts_with("--")) continue;
    const std::string_view name = use.option.substr(2);
    if (is_tag(name)) continue;
    if (use.id == 0 && name.starts_with("no-") && !use.has_value) {
      add(members, std::string(name.substr(3)), "false", true);
    } else if (use.off || !use.has_value) {
      add(members, std::string(name), use.off ? "false" : "true", true);
    } else if (use.structured && (!use.value.known || looks_structured(use.value.text))) {
      add_structured(members, name, use.value, inner);
    } else {
      add(members, std::string(name), use.value.text, use.value.known);
    }
  }
  return members;
}

}  // namespace prodaccess::pack
