#include "providers/local/local_parameters.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestCommand = 4096;
constexpr std::size_t kMostEntries = 64;

bool printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// What sshd, its lists and patterns, and a shell's reader all take as one plain word.
bool is_plain_name(std::string_view text) {
  constexpr std::string_view kSpecial = ",\"'\\*?!#`$&|;<>(){}[]=";
  return !text.empty() && text.size() <= kLongestName && text.front() != '-' &&
         printable_ascii(text) && text.find_first_of(kSpecial) == std::string_view::npos;
}

std::string shown(const std::string& text) { return "\"" + escape_for_terminal(text) + "\""; }

std::vector<std::string> take_list(ConfigTable& table, const std::string& key) {
  std::vector<std::string> values = table.take_strings(key);
  if (values.size() > kMostEntries) {
    table.fail(key, "'" + key + "' has more than " + std::to_string(kMostEntries) + " entries");
  }
  const std::set<std::string> different(values.begin(), values.end());
  if (different.size() != values.size()) table.fail(key, "'" + key + "' names one entry twice");
  return values;
}

void read_principals(ConfigTable& table, LocalParameters& into) {
  into.principals = take_list(table, "principals");
  if (into.principals.empty()) {
    table.fail("principals",
               "'principals' is missing or empty: a certificate without them would "
               "be good for any account");
  }
  for (const std::string& principal : into.principals) {
    if (!is_plain_name(principal)) {
      table.fail("principals", "not a principal: " + shown(principal) +
                                   " (letters, digits and . _ - @ + : / only)");
    }
  }
}

// "permit-pty", or "name@domain" or "name@domain=value" for what other servers define.
void read_extension(const ConfigTable& table, const std::string& text, LocalParameters& into) {
  static const std::set<std::string, std::less<>> kKnown = {
      "permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding", "permit-pty",
      "permit-user-rc"};
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
  const bool foreign = name.find('@') != std::string::npos && is_plain_name(name);
  if (!kKnown.contains(name) && !foreign) {
    std::vector<std::string> hints;
    if (const auto guess = nearest(name, {kKnown.begin(), kKnown.end()})) {
      hints.push_back("did you mean '" + *guess + "'?");
    }
    table.fail("extensions", "unknown certificate extension " + shown(text), std::move(hints));
  }
  const bool good_value =
      equals == std::string::npos ||
      (foreign && !value.empty() && value.size() <= kLongestName && printable_ascii(value));
  if (!good_value) table.fail("extensions", "extension " + shown(name) + " takes no such value");
  if (!into.extensions.emplace(name, value).second) {
    table.fail("extensions", "extension " + shown(name) + " stands there twice");
  }
}

void read_source_address(ConfigTable& table, LocalParameters& into) {
  const bool given = table.has("source_address");
  const auto networks = take_list(table, "source_address");
  if (given && networks.empty()) {
    table.fail("source_address", "'source_address' is an empty list; leave it out for any address");
  }
  for (const std::string& network : networks) {
    if (!is_source_address(network)) {
      table.fail("source_address", "not an address or network: " + shown(network) +
                                       " (write 192.0.2.7 or 10.0.0.0/8; the bits after the "
                                       "prefix must be zero)");
    }
  }
  if (given) into.critical_options["source-address"] = join(networks, ",");
}

void read_force_command(ConfigTable& table, LocalParameters& into) {
  const auto command = table.take_string("force_command");
  if (!command) return;
  const bool control = std::any_of(command->begin(), command->end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (trim(*command).empty() || command->size() > kLongestCommand || control ||
      !is_utf8(*command)) {
    table.fail("force_command", "'force_command' must be one line of text");
  }
  into.critical_options["force-command"] = *command;
}

void read_ssh(ConfigTable& table, LocalParameters& into) {
  read_principals(table, into);
  const bool given = table.has("extensions");
  const auto extensions = take_list(table, "extensions");
  if (!given) into.extensions["permit-pty"] = "";
  for (const std::string& extension : extensions) read_extension(table, extension, into);
  read_source_address(table, into);
  read_force_command(table, into);
}

bool is_claim_text(const std::string& text) {
  return !text.empty() && text.size() <= kLongestCommand && is_utf8(text) &&
         text.find('\0') == std::string::npos;
}

void read_claims(ConfigTable& table, LocalParameters& into) {
  static const std::set<std::string, std::less<>> kOurs = {
      "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "role", "grant", "reason", "ticket", "tier"};
  auto claims = table.take_table("claims");
  if (!claims) return;
  for (const std::string& name : claims->keys()) {
    if (kOurs.contains(name)) {
      claims->fail(name, "the claim '" + name + "' is set by prodaccess itself");
    }
    if (!is_plain_name(name)) claims->fail(name, "not a claim's name: " + shown(name));
    const bool list = claims->is_array(name);
    auto values =
        list ? claims->take_strings(name) : std::vector<std::string>{claims->require_string(name)};
    if (!std::all_of(values.begin(), values.end(), is_claim_text)) {
      claims->fail(name, "the claim '" + name + "' has an empty value or one that is not text");
    }
    if (list) into.list_claims.push_back(name);
    into.claims.emplace(name, std::move(values));
  }
}

std::string take_text(ConfigTable& table, const std::string& key, const std::string& standard) {
  const auto text = table.take_string(key);
  if (text && !is_claim_text(*text)) table.fail(key, "'" + key + "' is empty or not text");
  return text.value_or(standard);
}

void read_token(ConfigTable& table, LocalParameters& into) {
  into.audience = table.has("audience") && !table.is_array("audience")
                      ? std::vector<std::string>{table.require_string("audience")}
                      : take_list(table, "audience");
  if (into.audience.empty() ||
      !std::all_of(into.audience.begin(), into.audience.end(), is_claim_text)) {
    table.fail("audience",
               "'audience' must name the services that may accept the token, as each of them "
               "checks it");
  }
  into.issuer = take_text(table, "issuer", "prodaccess-local");
  into.subject = take_text(table, "subject", "");
  read_claims(table, into);
}

}  // namespace

LocalParameters read_local_parameters(ConfigTable table) {
  LocalParameters parameters;
  const auto kind = table.take_choice("kind", {"ssh", "token"});
  if (!kind) {
    table.fail("kind", "'kind' is missing: what should the embedded authority issue?",
               {"local = { kind = \"ssh\", principals = [\"debug\"] }",
                "local = { kind = \"token\", audience = [\"https://service.internal\"] }"});
  }
  if (const auto backdate = table.take_duration("backdate")) {
    if (*backdate > Seconds{600}) table.fail("backdate", "'backdate' is at most 10m");
    parameters.backdate = *backdate;
  }
  if (*kind == "ssh") {
    read_ssh(table, parameters);
  } else {
    parameters.kind = LocalKind::Token;
    read_token(table, parameters);
  }
  table.finish();
  return parameters;
}

bool is_source_address(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  std::array<unsigned char, 16> bytes{};
  const bool v6 = address.find(':') != std::string::npos;
  if (inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1) return false;
  if (address.find('\0') != std::string::npos) return false;
  if (slash == std::string::npos) return true;
  const std::string digits = text.substr(slash + 1);
  const unsigned bits = v6 ? 128 : 32;
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0') ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  const auto prefix = static_cast<unsigned>(std::stoul(digits));
  if (prefix > bits) return false;
  for (unsigned bit = prefix; bit < bits; ++bit) {
    if ((bytes[bit / 8] & (0x80U >> (bit % 8))) != 0) return false;
  }
  return true;
}

}  // namespace prodaccess
