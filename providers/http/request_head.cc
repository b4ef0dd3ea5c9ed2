#include "providers/http/request_head.h"

#include <algorithm>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kMostHeaders = 64;

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

bool is_length(std::string_view text) {
  return !text.empty() && text.size() <= 6 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool take_request_line(RequestHead& head, std::string_view line) {
  const auto words = split(line, ' ');
  if (words.size() != 3 || !is_token(words[0])) return false;
  const std::string& target = words[1];
  if (target.empty() || target.front() != '/' ||
      !std::all_of(target.begin(), target.end(), is_visible)) {
    return false;
  }
  if (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0") return false;
  head.method = words[0];
  head.target = target;
  head.version = words[2];
  return true;
}

bool take_header_line(RequestHead& head, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
  std::string_view value = line.substr(colon + 1);
  const bool plain = std::all_of(value.begin(), value.end(),
                                 [](char c) { return c == '\t' || c == ' ' || is_visible(c); });
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  std::string name = to_lower(line.substr(0, colon));
  if (!plain || head.header(name)) return false;
  head.headers.emplace_back(std::move(name), std::string(value));
  return true;
}

}  // namespace

std::optional<std::string_view> RequestHead::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_name) return value;
  }
  return std::nullopt;
}

std::variant<RequestHead, HeadFault> parse_request_head(std::string_view received,
                                                        RequestBody body) {
  const std::size_t end = received.find(kHeadEnd);
  if (end == std::string_view::npos) {
    return received.size() >= kLongestRequestHead ? HeadFault::TooLong : HeadFault::Incomplete;
  }
  if (end + 4 > kLongestRequestHead) return HeadFault::TooLong;
  const bool expected = body == RequestBody::Expected;
  if (received.size() != end + 4 && !expected) return HeadFault::Malformed;  // or the next request
  std::string_view rest = received.substr(0, end + 2);
  RequestHead head;
  for (bool first = true; !rest.empty(); first = false) {
    const std::string_view line = rest.substr(0, rest.find(kLineEnd));
    rest.remove_prefix(line.size() + 2);
    const bool good = first ? take_request_line(head, line) : take_header_line(head, line);
    if (!good) return HeadFault::Malformed;
    if (head.headers.size() > kMostHeaders) return HeadFault::TooLong;
  }
  if (head.header("transfer-encoding")) return HeadFault::Malformed;
  const auto length = head.header("content-length");
  if (length && (expected ? !is_length(*length) : *length != "0")) return HeadFault::Malformed;
  return head;
}

std::variant<RequestHead, int> request_to(const std::string& authority, std::string_view received,
                                          RequestBody body) {
  auto parsed = parse_request_head(received, body);
  if (const auto* fault = std::get_if<HeadFault>(&parsed)) {
    if (*fault == HeadFault::Incomplete) return 0;
    return *fault == HeadFault::TooLong ? 431 : 400;
  }
  RequestHead& head = std::get<RequestHead>(parsed);
  if (head.header("host") != std::optional<std::string_view>(authority)) return 421;
  return std::move(head);
}

std::optional<std::string_view> request_body(const RequestHead& head, std::string_view received) {
  const std::string_view length = head.header("content-length").value_or("0");
  const std::string_view body = received.substr(received.find(kHeadEnd) + kHeadEnd.size());
  if (!is_length(length) || body.size() != std::stoul(std::string(length))) return std::nullopt;
  return body;
}

}  // namespace prodaccess
