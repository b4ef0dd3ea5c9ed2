// security_key: `confirm_with = "security-key"`: a touch, where a typed answer is not enough. A
// program that drives a terminal can read a challenge; it cannot touch a key.
#pragma once

#include <string>

namespace prodaccess {

class Context;

// Has a security key in the ssh-agent sign `text`, and checks that it was touched and that it is
// the asker's own, by [approvals]. Throws Error{Denied} or Error{Keyring}.
void confirm_by_touch(Context& context, const std::string& text);

}  // namespace prodaccess
