#include "providers/postgres/postgres_address.h"

#include <algorithm>
#include <charconv>

#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestName = 63;  // NAMEDATALEN - 1
constexpr std::size_t kLongestHost = 255;

bool is_printable(std::string_view text) {
  return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
         });
}

bool is_name(const std::optional<std::string>& text) {
  return text && !text->empty() && text->size() <= kLongestName && is_printable(*text);
}

bool is_host(const std::optional<std::string>& text) {
  if (!text || text->empty() || text->size() > kLongestHost || !is_printable(*text)) return false;
  if (text->starts_with('/')) return text->find(',') == std::string::npos;
  return std::all_of(text->begin(), text->end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:%").find(c) != std::string_view::npos;
  });
}

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 && number < 65536;
}

// Takes HOST[:PORT] apart; a name with a colon in it stands in brackets.
bool split_host(std::string_view text, std::string_view& host, std::string_view& port) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (text.empty()) return true;
    if (text[0] != ':') return false;
    port = text.substr(1);
    return true;
  }
  const std::size_t colon = text.find(':');
  host = text.substr(0, colon);
  if (colon != std::string_view::npos) port = text.substr(colon + 1);
  return true;
}

}  // namespace

bool PostgresAddress::is_loopback() const {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string PostgresAddress::server() const {
  const bool colons = host.find(':') != std::string::npos;
  return (colons ? "[" + host + "]" : host) + ":" + port;
}

std::optional<PostgresAddress> parse_postgres_address(std::string_view text, std::string& problem) {
  problem = "it must be of the form postgresql://USER@HOST:PORT/DATABASE";
  for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    const std::size_t at = text.find('@');
    const std::size_t slash = text.find('/', at == std::string_view::npos ? 0 : at);
    if (at == std::string_view::npos || slash == std::string_view::npos) return std::nullopt;
    const std::string_view user = text.substr(0, at);
    if (user.find(':') != std::string_view::npos) {
      problem = "it must hold no password: say where that comes from with password_from";
      return std::nullopt;
    }
    if (text.find_first_of("?#") != std::string_view::npos) {
      problem = "it takes no parameters after the database: they have keys of their own";
      return std::nullopt;
    }
    std::string_view host;
    std::string_view port = "5432";
    if (!split_host(text.substr(at + 1, slash - at - 1), host, port)) return std::nullopt;
    const auto name = percent_decode_strictly(user);
    const auto where = percent_decode_strictly(host);
    const auto database = percent_decode_strictly(text.substr(slash + 1));
    if (!is_name(name) || !is_host(where) || !is_name(database) || !is_port(port)) {
      return std::nullopt;
    }
    return PostgresAddress{*name, *where, std::string(port), *database};
  }
  return std::nullopt;
}

}  // namespace prodaccess
