// members_of: what the options of a command say, one entry a value, with the members of structured
// values (JSON, the AWS CLI's shorthand, files of them) one by one and by name.
//
// Threads: pure but for `inner`. Cost: linear in the values' length times their depth.
#pragma once

#include <string>
#include <vector>

#include "core/command/inner.h"
#include "core/command/pack/arguments.h"

namespace prodaccess::pack {

struct Member {
  std::string path;      // "scaling-config.desired-size", lower case; "deletion-protection"
  std::size_t name = 0;  // where the last segment of `path` begins
  std::string text;      // lower case; "true" and "false" for flags, "{}" and "[]" where empty
  bool known = true;
};

struct Members {
  std::vector<Member> all;
  bool unread = false;  // a structured value is not on the line or cannot be read
};

Members members_of(const Arguments& arguments, Inner& inner);

}  // namespace prodaccess::pack
