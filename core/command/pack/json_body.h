// json_values: what stands at a place inside a JSON body given on a command line, or inside the AWS
// CLI's shorthand (Key=Value,Key={...},Key=[...]).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess::pack {

// `path`: keys parted by dots, compared without case; `*` is any key or index, `**` any depth.
// Scalars come as text, objects and lists as "{...}" and "[...]", "{}" and "[]" where
// they are empty. Absent: the body cannot be read.
std::optional<std::vector<std::string>> json_values(std::string_view body, std::string_view path);

// A member of an object, at any depth, by the names on the way to it (those of lists left out).
struct JsonMember {
  std::string path;  // "ScalingConfig.desiredSize" as "scaling-config.desired-size"
  std::string text;
};

// All members, each with `prefix` and a dot before its path; an object of a key and a value
// ({"Key": "a", "Value": "b"}) counts as a member of that name, too. Absent: `body` is neither JSON
// nor shorthand.
std::optional<std::vector<JsonMember>> json_members(std::string_view body, std::string_view prefix);

}  // namespace prodaccess::pack
