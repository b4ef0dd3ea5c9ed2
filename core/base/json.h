// Strict JSON for text from outside, and the canonical form that is hashed and signed.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace prodaccess {

using Json = nlohmann::json;

// RFC 8259 with limits: no duplicate keys, nesting at most 32, valid UTF-8, nothing after the
// value. `what` names the text in the message ("reply of https://..."). Throws Error{code}:
// Provider by default, since most such text is a server's.
Json parse_json_strictly(std::string_view text, const std::string& what);

// The string that an object's member is; "" where it is absent or anything else.
std::string text_member(const Json& object, std::string_view name);

// Sorted keys, no blanks, ASCII only (\uXXXX): equal values give equal bytes.
std::string canonical_json(const Json& value);

}  // namespace prodaccess
