#include "providers/vault/read_check.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <regex>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestStatement = 2000;

// The policy "default" of Vault and OpenBao: a token's own affairs.
bool concerns_itself(const std::string& path) {
  static constexpr std::array<std::string_view, 12> kOwn{"auth/token/lookup-self",
                                                         "auth/token/renew-self",
                                                         "auth/token/revoke-self",
                                                         "sys/capabilities-self",
                                                         "sys/renew",
                                                         "sys/leases/renew",
                                                         "sys/leases/lookup",
                                                         "sys/wrapping/lookup",
                                                         "sys/wrapping/unwrap",
                                                         "sys/wrapping/wrap",
                                                         "sys/control-group/request",
                                                         "sys/internal/ui/resultant-acl"};
  return std::find(kOwn.begin(), kOwn.end(), path) != kOwn.end() ||
         path.starts_with("cubbyhole/") || path.starts_with("sys/tools/hash") ||
         path.starts_with("identity/oidc/provider/");
}

bool only_reads(const Json& rule) {
  const Json capabilities = rule.value("capabilities", Json());
  return capabilities.is_array() && !capabilities.empty() &&
         std::all_of(capabilities.begin(), capabilities.end(), [](const Json& capability) {
           return capability == "read" || capability == "list" || capability == "scan" ||
                  capability == "deny";
         });
}

// Asking for a credential is reading too, for the server: a GET that makes a database user.
bool makes_credentials(const std::string& path) {
  for (const std::string_view part : {"creds/", "sts/", "roleset/", "static-account/",
                                      "impersonated-account/", "static-creds/"}) {
    if (path.find(part) != std::string::npos) return true;
  }
  return false;
}

std::string capabilities_of(const Json& rule) {
  const Json capabilities = rule.value("capabilities", Json());
  std::vector<std::string> words;
  if (!capabilities.is_array()) return {};
  for (const Json& word : capabilities) {
    if (word.is_string()) words.push_back(word.get<std::string>());
  }
  return join(words, ",");
}

// `text` with blanks made one, and the engine's own placeholders made plain words.
std::string normal_sql(std::string_view text) {
  static const std::regex kPlaceholder(R"(\{\{(name|username|password|expiration)\}\})");
  static const std::regex kBlanks(R"(\s+)");
  std::string plain = std::regex_replace(std::string(text), kPlaceholder, "x$1");
  plain = std::regex_replace(plain, kBlanks, " ");
  return std::string(trim(plain));
}

bool reads_only(const std::string& statement) {
  constexpr auto kFlags = std::regex::ECMAScript | std::regex::icase | std::regex::optimize;
  static const std::string kName = R"re((?:"[\w .$-]+"|[\w$]+)(?:\.(?:"[\w .$-]+"|[\w$]+))?)re";
  static const std::string kNames = kName + "(?: ?, ?" + kName + ")*";
  static const std::regex kCreate(
      "create (?:role|user) " + kName +
          "(?: with)?(?: (?:login|nosuperuser|nocreatedb|nocreaterole|noinherit|inherit|"
          "noreplication|nobypassrls|encrypted|connection limit \\d+|"
          "password 'xpassword'|valid until 'xexpiration'))+",
      kFlags);
  static const std::regex kGrant(
      "grant (?:select|usage|connect)(?: on (?:table |schema |database |sequence |"
      "all (?:tables|sequences) in schema )?" +
          kNames + ") to " + kName,
      kFlags);
  static const std::regex kMember(
      "grant \"?pg_(?:read_all_data|monitor|read_all_stats)\"? to " + kName, kFlags);
  static const std::regex kSetting(
      "alter (?:role|user) " + kName +
          " set (?:default_transaction_read_only ?(?:=|to) ?'?(?:on|true)'?|"
          "(?:statement_timeout|lock_timeout|idle_in_transaction_session_timeout|search_path) "
          "?(?:=|to) ?['\\w, \"$]+)",
      kFlags);
  return std::regex_match(statement, kCreate) || std::regex_match(statement, kGrant) ||
         std::regex_match(statement, kMember) || std::regex_match(statement, kSetting);
}

}  // namespace

std::string acl_beyond_reading(std::string_view body) {
  try {
    const Json reply = parse_json_strictly(body, "the list of what the token may do");
    const Json& rules = reply.at("data");
    if (rules.value("root", true)) return "everything: it is a root token";
    for (const char* kind : {"exact_paths", "glob_paths"}) {
      for (const auto& [path, rule] : rules.at(kind).items()) {
        if (concerns_itself(path)) continue;
        if (only_reads(rule) && !makes_credentials(path)) continue;
        return escape_for_terminal((capabilities_of(rule) + " on " + path).substr(0, 200));
      }
    }
    return "";
  } catch (const Error&) {
    return "what cannot be read";
  } catch (const Json::exception&) {
    return "what cannot be read";
  }
}

std::string sql_beyond_reading(std::string_view body) {
  bool any = false;
  try {
    const Json reply = parse_json_strictly(body, "the database role");
    for (const Json& item : reply.at("data").at("creation_statements")) {
      for (const std::string& part : split(item.get_ref<const std::string&>(), ';')) {
        const std::string statement = normal_sql(part);
        if (statement.empty()) continue;
        any = true;
        if (statement.size() <= kLongestStatement && reads_only(statement)) continue;
        return "the statement \"" + escape_for_terminal(statement.substr(0, 120)) + "\"";
      }
    }
  } catch (const Error&) {
    return "what cannot be read";
  } catch (const Json::exception&) {
    return "what cannot be read";
  }
  return any ? "" : "no statements at all";
}

}  // namespace prodaccess
