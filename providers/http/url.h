// Url: the parts of an absolute http(s) URL (RFC 3986), strictly; and percent-encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prodaccess {

struct Url {
  std::string scheme;  // "https", lower case
  std::string host;    // lower case, an IPv6 address without its brackets
  std::string port;    // "" for the scheme's own
  std::string path;    // as given, at least "/"
  std::string query;   // as given, without '?'

  std::string authority() const;  // host[:port], as the Host header has it
  std::string origin() const;     // scheme://authority
};

// Throws Error{Provider} for anything else than http(s)://HOST[:PORT][/PATH][?QUERY]: no user
// names, no blanks or control characters, no fragment.
Url parse_url(std::string_view text);

// Loopback addresses and names, and the link-local addresses of the metadata services.
bool is_local_host(std::string_view host);

// Everything but A-Z a-z 0-9 - _ . ~ becomes %XX.
std::string percent_encode(std::string_view text);
// The bytes that %XX stand for; anything else stays, a lone '%' too.
std::string percent_decode(std::string_view text);
// The same; absent where a '%' has no two digits after it.
std::optional<std::string> percent_decode_strictly(std::string_view text);

// name=value&... of an application/x-www-form-urlencoded body, a blank as '+': some servers check a
// signature over the form as they would write it.
std::string form_encode(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace prodaccess
