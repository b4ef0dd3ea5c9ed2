#include "providers/http/url.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

[[noreturn]] void bad_url(std::string_view text) {
  throw Error(ErrorCode::Provider,
              "\"" + escape_for_terminal(text.substr(0, 80)) + "\" is not an http(s) URL");
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

void split_authority(Url& url, std::string_view authority, std::string_view text) {
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) bad_url(text);
    url.host = to_lower(authority.substr(1, end - 1));
    port = authority.substr(end + 1);
  } else {
    const std::size_t colon = authority.find(':');
    url.host = to_lower(authority.substr(0, colon));
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  if (!port.empty()) {
    if (port.front() != ':' || !is_number(port.substr(1))) bad_url(text);
    url.port = port.substr(1);
  }
  const bool plain =
      url.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_:") == std::string::npos;
  if (url.host.empty() || !plain) bad_url(text);
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port.empty() ? name : name + ":" + port;
}

std::string Url::origin() const { return scheme + "://" + authority(); }

Url parse_url(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '#' || c == '\\') bad_url(text);
  }
  Url url;
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) bad_url(text);
  url.scheme = to_lower(text.substr(0, scheme_end));
  if (url.scheme != "https" && url.scheme != "http") bad_url(text);
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::size_t authority_end = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos) bad_url(text);
  split_authority(url, authority, text);
  const std::string_view tail =
      authority_end == std::string_view::npos ? std::string_view{} : rest.substr(authority_end);
  const std::size_t question = tail.find('?');
  url.path = tail.substr(0, question);
  if (url.path.empty()) url.path = "/";
  if (question != std::string_view::npos) url.query = tail.substr(question + 1);
  return url;
}

bool is_local_host(std::string_view host) {
  static constexpr std::array<std::string_view, 8> kHosts{
      "localhost",      "::1",           "169.254.169.254", "169.254.170.2",
      "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23",    "metadata.google.internal"};
  if (std::find(kHosts.begin(), kHosts.end(), host) != kHosts.end()) return true;
  // 127.0.0.0/8 in dotted form.
  const auto parts = split(host, '.');
  if (parts.size() != 4 || parts.front() != "127") return false;
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return is_number(part) && part.size() <= 3 && std::stoi(part) <= 255;
  });
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = text[at] == '%' ? unhex(text.substr(at + 1, 2)) : std::nullopt;
    const bool coded = byte && byte->size() == 1;
    decoded += coded ? byte->front() : text[at];
    if (coded) at += 2;
  }
  return decoded;
}

std::optional<std::string> percent_decode_strictly(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    const auto byte = unhex(text.substr(at + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    decoded += *byte;
    at += 2;
  }
  return decoded;
}

namespace {

std::string form_component(std::string_view text) {
  std::string encoded;
  for (const std::string& word : split(text, ' ')) encoded += "+" + percent_encode(word);
  return encoded.substr(1);
}

}  // namespace

std::string form_encode(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    if (!body.empty()) body += '&';
    body += form_component(name) + "=" + form_component(value);
  }
  return body;
}

}  // namespace prodaccess
