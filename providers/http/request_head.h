// RequestHead: the head of an HTTP/1 request as a server of ours reads it (RFC 9112), strictly: no
// leniency that two readers could understand differently; a body only where it is expected.
//
// Errors: none; what is wrong with it is in the result. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace prodaccess {

struct RequestHead {
  std::string method;
  std::string target;                                        // as sent: "/path?query"
  std::string version;                                       // "HTTP/1.1" or "HTTP/1.0"
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, each once

  std::optional<std::string_view> header(std::string_view lower_name) const;
};

inline constexpr std::size_t kLongestRequestHead = 8U << 10;

enum class HeadFault {
  Incomplete,  // not all is there yet
  TooLong,     // more than kLongestRequestHead, or more than 64 headers
  Malformed,   // not of the form, or with a body that was not expected
};

// `body`: may there be one? Then it is what follows the head, Content-Length bytes of it.
enum class RequestBody { None, Expected };
std::variant<RequestHead, HeadFault> parse_request_head(std::string_view received,
                                                        RequestBody body = RequestBody::None);

// The head of a request to a server that calls itself `authority` (a page that a browser was led to
// by DNS names another), or the status to refuse it with; 0: not all is there yet.
std::variant<RequestHead, int> request_to(const std::string& authority, std::string_view received,
                                          RequestBody body = RequestBody::None);

// The body of a request whose head is good; absent: not all of it is there yet, or more than it.
std::optional<std::string_view> request_body(const RequestHead& head, std::string_view received);

}  // namespace prodaccess
