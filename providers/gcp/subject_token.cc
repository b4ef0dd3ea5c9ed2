#include "providers/gcp/subject_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargestToken = 64U << 10;
constexpr const char* kSaml = "urn:ietf:params:oauth:token-type:saml2";

[[noreturn]] void fail(const std::string& what, std::vector<std::string> hints = {}) {
  throw Error(ErrorCode::Provider, what, std::move(hints));
}

// A form field may be any text, but a token with control characters is none.
Secret checked(std::string_view text, const std::string& where) {
  const std::string_view token = trim(text);
  const bool plain = std::all_of(token.begin(), token.end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != 0x7f;
  });
  if (token.empty()) fail("there is no token in " + where);
  if (token.size() > kLargestToken || !plain) fail("what " + where + " holds is no token");
  return Secret(token);
}

Secret from_file(const GcpHost& host, const FileSource& source) {
  if (!source.path.starts_with('/')) {
    fail("the token's file " + escape_for_terminal(source.path) + " must be an absolute path");
  }
  // CI systems and kubelets write it, as whoever they are; Google checks what it says.
  auto text = host.files.read_untrusted(source.path, kLargestToken);
  if (!text) fail("there is no file " + source.path);
  const Secret kept = seal(std::move(*text));
  return subject_in(kept.view(), source.format, source.path);
}

Secret from_url(GoogleApi& api, const UrlSource& source) {
  HttpRequest request;
  request.url = source.url;
  request.headers = source.headers;
  const HttpResponse response = api.send(std::move(request));
  if (response.status != 200) {
    fail("GET " + source.url + ": status " + std::to_string(response.status));
  }
  return subject_in(response.body.view(), source.format, "the answer of " + source.url);
}

Secret from_executable(const GcpHost& host, const ExternalAccountFile& file,
                       const ExecutableSource& source) {
  HelperRun run;
  run.program = host.find_program(source.argv.front());
  run.argv = source.argv;
  run.environment = helper_variables(host);
  const auto tell = [&](const char* name, const std::string& value) {
    if (!value.empty()) {
      run.environment.emplace_back(std::string("GOOGLE_EXTERNAL_ACCOUNT_") + name, Secret(value));
    }
  };
  tell("AUDIENCE", file.audience);
  tell("TOKEN_TYPE", file.subject_token_type);
  tell("IMPERSONATED_EMAIL", file.service_account);
  tell("INTERACTIVE", "0");
  run.deadline = source.timeout;
  const HelperResult result = host.run(run);
  const std::string program = escape_for_terminal(source.argv.front());
  if (!result.good()) {
    fail(program + " " + result.description(run), result.hints());
  }
  try {
    return read_executable_answer(result.output.view(), file.subject_token_type,
                                  host.clock.wall_now());
  } catch (const Error& error) {
    fail(program + ": " + error.what());
  }
}

}  // namespace

Secret subject_in(std::string_view text, const SubjectFormat& format, const std::string& where) {
  if (format.member.empty()) return checked(text, where);
  const Json object = parse_json_strictly(text, where);
  const auto found = object.is_object() ? object.find(format.member) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) {
    fail(where + " has no \"" + format.member + "\"");
  }
  const Secret value = seal(found->get<std::string>());
  return checked(value.view(), where);
}

Secret read_executable_answer(std::string_view text, const std::string& wanted_type, WallTime now) {
  const Json answer = parse_json_strictly(text, "its answer");
  if (!answer.is_object() || answer.value("version", Json()) != 1) {
    fail("its answer is not of version 1");
  }
  const auto word = [&](std::string_view member) { return text_member(answer, member); };
  if (answer.value("success", Json()) != true) {
    fail("it has no token: " +
         escape_for_terminal(word("code") + " " + word("message")).substr(0, 300));
  }
  const std::string type = word("token_type");
  if (type != wanted_type) fail("its token is of another type than the file says");
  const auto end = answer.find("expiration_time");
  if (end != answer.end()) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    if (!end->is_number_integer() || end->get<std::int64_t>() <= seconds) {
      fail("its token has expired");
    }
  }
  const Secret token = seal(word(type == kSaml ? "saml_response" : "id_token"));
  return checked(token.view(), "its answer");
}

Secret fetch_subject_token(const GcpHost& host, GoogleApi& api, const ExternalAccountFile& file) {
  if (const auto* source = std::get_if<FileSource>(&file.source)) return from_file(host, *source);
  if (const auto* source = std::get_if<UrlSource>(&file.source)) return from_url(api, *source);
  if (const auto* source = std::get_if<AwsSource>(&file.source)) {
    return fetch_aws_subject(host, api, file, *source);
  }
  return from_executable(host, file, std::get<ExecutableSource>(file.source));
}

}  // namespace prodaccess
