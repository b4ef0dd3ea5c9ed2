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

}  // namespace prodaccess::pack
