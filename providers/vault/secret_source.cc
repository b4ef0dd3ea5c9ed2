#include "providers/vault/secret_source.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/os/helper_program.h"
#include "core/os/program.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongest = 64U << 10;

// "file:/x" is {"file", "/x"}.
std::pair<std::string, std::string> parts_of(const std::string& source) {
  const std::size_t colon = source.find(':');
  if (colon == std::string::npos) return {source, ""};
  return {source.substr(0, colon), source.substr(colon + 1)};
}

[[noreturn]] void missing(const std::string& what, const std::string& where,
                          const std::string& hint) {
  throw Error(ErrorCode::Provider, what + " is missing: " + where, {hint});
}

Secret from_command(const SecretSources& sources, const std::string& line,
                    const std::string& what) {
  HelperRun run;
  for (const std::string& word : split(line, ' ')) {
    if (!word.empty()) run.argv.push_back(word);
  }
  const auto program = find_program(run.argv.front(), "");
  if (!program) missing(what, "there is no " + run.argv.front(), "mend the role's login table");
  run.program = program->path;
  for (const char* name : {"HOME", "LANG"}) {
    const std::string value = sources.variable(name);
    if (!value.empty()) run.environment.emplace_back(name, Secret(value));
  }
  run.environment.emplace_back("PATH", Secret("/usr/bin:/bin"));
  run.output_limit = kLongest;
  HelperResult result = run_helper(run);
  if (!result.good()) {
    throw Error(ErrorCode::Provider, what + ": " + result.description(run));
  }
  return std::move(result.output);
}

Secret from_file(const SecretSources& sources, const std::string& path, const std::string& what) {
  // Kubernetes and CI systems mount tokens through links of root's, which they swap.
  if (path.starts_with("/var/run/secrets/") || path.starts_with("/run/secrets/")) {
    if (auto text = sources.files.read_untrusted(path, kLongest)) return seal(std::move(*text));
  } else if (auto secret = sources.files.read_secret(sources.files.follow_links(path), kLongest)) {
    return std::move(*secret);
  }
  missing(what, "there is no file " + path, "write it there, with mode 0600");
}

// https://docs.github.com/actions/security-for-github-actions: the runner hands each job with
// `id-token: write` an address and a bearer token for it.
Secret from_github(const SecretSources& sources, const std::string& audience,
                   const std::string& what) {
  const std::string address = sources.variable("ACTIONS_ID_TOKEN_REQUEST_URL");
  const std::string bearer = sources.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  if (address.empty() || bearer.empty()) {
    missing(what, "this is no GitHub job that may ask for one", "permissions: id-token: write");
  }
  HttpRequest request;
  request.url = address + (address.find('?') == std::string::npos ? "?" : "&") +
                "audience=" + percent_encode(audience);
  request.headers = {{"Authorization", "Bearer " + bearer}, {"Accept", "application/json"}};
  request.allow_plain_http = true;  // loopback only: a runner's local proxy
  const HttpResponse response =
      send_with_retries(sources.http, request, [](const HttpResponse* got) {
        return got == nullptr || got->status == 429 || got->status >= 500;
      });
  if (response.status == 200) {
    const Json body = parse_json_strictly(response.body.view(), "the runner's reply");
    if (body.is_object() && body.contains("value") && body.at("value").is_string()) {
      return seal(body.at("value").get<std::string>());
    }
  }
  throw Error(ErrorCode::Provider,
              what + ": the runner answered with status " + std::to_string(response.status));
}

}  // namespace

// "UNTIL WHO SECRET"; "-" for what is not known.
Secret KeptSecret::text() const {
  std::string line = until ? format_rfc3339(std::chrono::floor<std::chrono::seconds>(*until)) : "-";
  line += " " + (who.empty() ? "-" : percent_encode(who)) + " ";
  line.reserve(line.size() + secret.size());
  line += secret.view();
  return seal(std::move(line));
}

KeptSecret KeptSecret::parse(std::string_view text) {
  const std::size_t first = text.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  const std::string_view until = text.substr(0, first);
  KeptSecret kept;
  if (until != "-") kept.until = parse_rfc3339(until);
  if (second == std::string_view::npos || second + 1 == text.size() ||
      (until != "-" && !kept.until)) {
    throw Error(ErrorCode::Keyring, "what was kept of a login cannot be read",
                {"prodaccess login --list   names the login to repeat"});
  }
  const std::string_view who = text.substr(first + 1, second - first - 1);
  if (who != "-") kept.who = who;
  kept.secret = Secret(text.substr(second + 1));
  return kept;
}

std::optional<std::string> secret_source_problem(const std::string& source) {
  const auto [kind, rest] = parts_of(source);
  if (source == "stored" || source == "prompt") return std::nullopt;
  if (kind == "file" && rest.starts_with('/')) return std::nullopt;
  if (kind == "command" && rest.starts_with('/')) return std::nullopt;
  if (kind == "env" && !rest.empty() && rest.find_first_of("= ") == std::string::npos) {
    return std::nullopt;
  }
  if (kind == "github-actions" && !rest.empty()) return std::nullopt;
  return "must be env:NAME, file:/PATH, command:/PROGRAM ARGUMENTS, stored, prompt or "
         "github-actions:AUDIENCE";
}

Secret SecretSources::take(const std::string& source, const std::string& what,
                           const std::string& key, const std::string& login) const {
  const auto [kind, rest] = parts_of(source);
  Secret found;
  if (kind == "env") {
    found = seal(variable(rest.c_str()));
    if (found.empty()) missing(what, "the variable " + rest + " is not set", "export " + rest);
  } else if (kind == "file") {
    found = from_file(*this, rest, what);
  } else if (kind == "command") {
    found = from_command(*this, rest, what);
  } else if (kind == "github-actions") {
    found = from_github(*this, rest, what);
  } else if (kind == "prompt") {
    found = prompt().ask_secret(what);
  } else {
    auto kept = store().get(key);
    if (!kept) missing(what, "nothing is stored", "prodaccess login " + login);
    found = std::move(KeptSecret::parse(kept->view()).secret);
  }
  const std::string_view line = trim(found.view());
  const bool plain = std::all_of(line.begin(), line.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
  if (line.empty() || line.size() > kLongest || !plain) {
    throw Error(ErrorCode::Provider, what + " is empty, or more than one line");
  }
  return Secret(line);
}

}  // namespace prodaccess
