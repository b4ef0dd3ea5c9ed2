// Text: small pure helpers on strings that more than one room needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);  // ASCII only

// `*` any run of bytes, `?` one byte, `\x` the byte x; the whole text must match. Linear stack and
// at worst |pattern| * |text| steps.
bool glob_match(std::string_view pattern, std::string_view text);

// The candidate nearest to `word`, if it is near enough to be a slip of the fingers.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

std::string hex(std::string_view bytes);  // lower case
std::optional<std::string> unhex(std::string_view text);
std::string base64(std::string_view bytes);                  // RFC 4648 section 4, padded
std::string base64url(std::string_view bytes);               // section 5, no padding
std::optional<std::string> unbase64(std::string_view text);  // either alphabet, strict bits

// Whether `bytes` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view bytes);

// Makes text from outside safe for a terminal: control characters, escapes, bidirectional and
// zero-width characters, characters that look like others and bytes that are not UTF-8 come out as
// visible `\x1b` or `\u{202e}` forms. Newlines too: the result is one line.
std::string escape_for_terminal(std::string_view text);

// A word as POSIX shell would need it: bare where that is safe, else in single quotes.
std::string shell_quote(std::string_view word);

}  // namespace prodaccess
