#include "core/base/secret_spans.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace prodaccess {
namespace {

using std::string_view;

using Span = SecretSpan;
using Spans = std::vector<SecretSpan>;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_token(char c) {
  return is_letter(c) || is_digit(c) || string_view("-._~+/=").find(c) != string_view::npos;
}
bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }

std::size_t run_of(string_view text, std::size_t at, bool (*accepts)(char)) {
  while (at < text.size() && accepts(text[at])) ++at;
  return at;
}

bool starts_at(string_view text, std::size_t at, string_view word) {
  return text.size() - at >= word.size() && text.substr(at, word.size()) == word;
}

// scheme://user:password@host and scheme://token@host
void find_user_info(string_view text, Spans& spans) {
  for (std::size_t at = text.find("://"); at != string_view::npos; at = text.find("://", at + 3)) {
    const std::size_t begin = at + 3;
    const std::size_t end = std::min(text.find_first_of("/?# \t\n\"'", begin), text.size());
    const std::size_t sign = text.substr(begin, end - begin).rfind('@');
    if (sign == string_view::npos) continue;
    const std::size_t colon = text.substr(begin, sign).find(':');
    if (colon != string_view::npos && colon + 1 < sign) {
      spans.push_back({begin + colon + 1, begin + sign});
    } else if (sign >= 20) {
      spans.push_back({begin, begin + sign});  // too long for a name: a token
    }
  }
}

// NAME=value, NAME: value, "NAME": "value", also in query strings.
void find_assignments(string_view text, Spans& spans) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '=' && text[at] != ':') continue;
    std::size_t name_end = at;
    if (name_end > 0 && (text[name_end - 1] == '"' || text[name_end - 1] == '\'')) --name_end;
    std::size_t name = name_end;
    while (name > 0 && is_name(text[name - 1])) --name;
    if (name == name_end || !names_a_secret(text.substr(name, name_end - name))) continue;
    std::size_t begin = at + 1;
    while (begin < text.size() && (text[begin] == ' ' || text[begin] == '\t')) ++begin;
    const char quote = begin < text.size() ? text[begin] : '\0';
    std::size_t end = 0;
    if (quote == '"' || quote == '\'') {
      end = std::min(text.find(quote, ++begin), text.size());
    } else if (text[at] == ':') {
      end = std::min(text.find_first_of("\r\n,}", begin), text.size());  // a header: all of it
    } else {
      end = std::min(text.find_first_of("& \t\r\n;,\"'}", begin), text.size());
    }
    if (begin < end) spans.push_back({begin, end});
    at = std::max(at, end == 0 ? at : end - 1);
  }
}

// "Bearer TOKEN" and the like, wherever it stands.
void find_schemes(string_view text, Spans& spans) {
  const std::string lower = to_lower(text);
  for (const string_view scheme : {"bearer ", "basic ", "token "}) {
    for (std::size_t at = lower.find(scheme); at != std::string::npos;
         at = lower.find(scheme, at + 1)) {
      if (at > 0 && is_name(lower[at - 1])) continue;
      const std::size_t begin = run_of(text, at + scheme.size(), is_blank);
      const std::size_t end = run_of(text, begin, is_token);
      if (end - begin >= 8) spans.push_back({begin, end});
    }
  }
}

void find_pem(string_view text, Spans& spans) {
  constexpr string_view kBegin = "-----BEGIN ";
  constexpr string_view kEnd = "-----END ";
  for (std::size_t at = text.find(kBegin); at != string_view::npos;
       at = text.find(kBegin, at + 1)) {
    const std::size_t title_end = text.find("-----", at + kBegin.size());
    if (title_end == string_view::npos) return;
    if (text.substr(at, title_end - at).find("PRIVATE KEY") == string_view::npos) continue;
    const std::size_t stop = text.find(kEnd, title_end);
    spans.push_back({title_end + 5, std::min(stop, text.size())});
    if (stop == string_view::npos) return;
    at = stop;
  }
}

// Whether a word of 40 base64 characters is as mixed as an AWS secret key and no hash in hex.
bool looks_random(string_view word) {
  bool lower = false;
  bool upper = false;
  bool digit = false;
  bool beyond_hex = false;
  for (const char c : word) {
    lower |= c >= 'a' && c <= 'z';
    upper |= c >= 'A' && c <= 'Z';
    digit |= is_digit(c);
    beyond_hex |= to_lower(string_view(&c, 1))[0] > 'f' || c == '/' || c == '+';
  }
  return lower && upper && digit && beyond_hex;
}

bool is_base64(char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/'; }
bool is_base64url(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }

// The end of a JSON Web Token (or a signed object of the same form) at `at`; `at` where there is
// none.
std::size_t jwt_end(string_view text, std::size_t at) {
  if (!starts_at(text, at, "eyJ")) return at;
  const std::size_t header = run_of(text, at, is_base64url);
  if (header >= text.size() || text[header] != '.') return at;
  const std::size_t claims = run_of(text, header + 1, is_base64url);
  if (claims - header < 5 || claims >= text.size() || text[claims] != '.') return at;
  return run_of(text, claims + 1, is_base64url);
}

struct Prefix {
  string_view text;
  std::size_t least;  // characters that must follow
};
constexpr std::array<Prefix, 32> kPrefixes{{
    {"AKIA", 16},    {"ASIA", 16},        {"ghp_", 20},
    {"gho_", 20},    {"ghu_", 20},        {"ghs_", 20},
    {"ghr_", 20},    {"github_pat_", 20}, {"glpat-", 16},
    {"xoxb-", 10},   {"xoxp-", 10},       {"xoxa-", 10},
    {"xoxs-", 10},   {"hvs.", 16},        {"hvb.", 16},
    {"hvr.", 16},    {"sk_live_", 10},    {"rk_live_", 10},
    {"sk-", 20},     {"AIza", 30},        {"ya29.", 16},
    {"npm_", 20},    {"dckr_pat_", 16},   {"SG.", 20},
    {"shpat_", 16},  {"pypi-", 20},       {"AGE-SECRET-KEY-", 20},
    {"dop_v1_", 20}, {"lin_api_", 16},    {"glsa_", 20},
    {"dapi", 32},    {"EAAC", 40},
}};

std::size_t prefixed_end(string_view text, std::size_t at) {
  for (const Prefix& prefix : kPrefixes) {
    if (!starts_at(text, at, prefix.text)) continue;
    const std::size_t end =
        run_of(text, at + prefix.text.size(), [](char c) { return is_base64url(c) || c == '.'; });
    if (end - at - prefix.text.size() >= prefix.least) return end;
  }
  return at;
}

void find_tokens(string_view text, Spans& spans) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]))) continue;
    std::size_t end = std::max(jwt_end(text, at), prefixed_end(text, at));
    const std::size_t word = run_of(text, at, is_base64);
    if (word - at == 40 && looks_random(text.substr(at, 40))) end = std::max(end, word);
    if (end == at) continue;
    spans.push_back({at, end});
    at = end - 1;
  }
}

}  // namespace

bool names_a_secret(string_view name) {
  std::string flat;
  for (const char c : to_lower(name)) {
    if (is_letter(c) || is_digit(c)) flat += c;
  }
  constexpr std::array<string_view, 17> kEndings{
      "password",   "passwd",      "passphrase",    "pwd",       "secret",     "token",
      "apikey",     "authkey",     "accesskey",     "secretkey", "privatekey", "signature",
      "credential", "credentials", "authorization", "cookie",    "sessionkey"};
  constexpr std::array<string_view, 6> kWhole{"sig", "auth", "pass", "pgpass", "key", "jwt"};
  for (const string_view whole : kWhole) {
    if (flat == whole) return whole != "key";
  }
  for (const string_view ending : kEndings) {
    if (flat.size() >= ending.size() && flat.substr(flat.size() - ending.size()) == ending) {
      return true;
    }
  }
  return flat.find("clientsecret") != std::string::npos ||
         flat.find("password") != std::string::npos;
}

std::vector<SecretSpan> find_secrets(string_view text) {
  Spans spans;
  find_user_info(text, spans);
  find_assignments(text, spans);
  find_schemes(text, spans);
  find_pem(text, spans);
  find_tokens(text, spans);
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  Spans merged;
  for (const Span& span : spans) {
    if (!merged.empty() && span.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

std::string without_likely_secrets(std::string_view text) {
  std::string kept;
  std::size_t at = 0;
  for (const SecretSpan& span : find_secrets(text)) {
    kept.append(text.substr(at, span.begin - at)).append("[secret]");
    at = span.end;
  }
  return kept.append(text.substr(at));
}

}  // namespace prodaccess
