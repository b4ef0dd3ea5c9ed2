#include "providers/gcp/library_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "core/base/text.h"
#include "providers/gcp/executable_source.h"
#include "providers/http/request_head.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr const char* kPath = "/v1/token";
constexpr const char* kPool = "//prodaccess/exec";
constexpr std::size_t kWordBytes = 32;
constexpr std::size_t kLongestWord = 256;
constexpr Milliseconds kPatience{10'000};
constexpr Seconds kAnswerLife{300};

// The value of a form's field; "" for none, or for two.
std::string form_field(std::string_view body, const std::string& name) {
  std::string value;
  for (const std::string& field : split(body, '&')) {
    if (!field.starts_with(name + "=")) continue;
    if (!value.empty()) return "";
    value = percent_decode(field.substr(name.size() + 1));
  }
  return value;
}

std::string command_of(const LibraryService::Place& place) {
  return place.program.string() + " gcp subject-token --socket " +
         (place.folder / "google.sock").string();
}

// In the form of RFC 6749, 5.2.
LoopbackReply refusal(int status, std::string_view error, std::string_view description) {
  SecretText body;
  body.add('{').add_json_member("error", error);
  body.add_json_member("error_description", description).add('}');
  return {LoopbackReply::State::Done, http_answer(status, body.take().view())};
}

}  // namespace

int judge_exchange(std::string_view received, const ExchangeGate& gate) {
  const auto parsed = request_to(gate.authority, received, RequestBody::Expected);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const RequestHead& head = std::get<RequestHead>(parsed);
  if (head.target != kPath) return 404;
  if (head.method != "POST") return 405;
  const auto body = request_body(head, received);
  if (!body) return 0;
  return equal_in_constant_time(form_field(*body, "subject_token"), gate.word) ? 200 : 401;
}

LibraryService::LibraryService(const Place& place, FreshCredential credential)
    : file_(place.folder / "google.json"),
      listener_(place.folder / "google.sock"),
      server_(place.clock, [this](std::string_view received) { return answer(received); }),
      gate_{server_.authority(), base64url(place.random.bytes(kWordBytes))},
      credential_(std::move(credential)) {
  const Json file = external_account_file({kPool, kJwtType, "", command_of(place)},
                                          "http://" + gate_.authority + kPath);
  place.files.write(file_, file.dump(2) + "\n");
}

std::vector<std::pair<std::string, Secret>> LibraryService::environment() const {
  std::vector<std::pair<std::string, Secret>> variables;
  variables.emplace_back("GOOGLE_APPLICATION_CREDENTIALS", Secret(file_.string()));
  variables.emplace_back("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES",
                         Secret(std::string_view("1")));
  return variables;
}

std::vector<pollfd> LibraryService::descriptors() const {
  std::vector<pollfd> wanted = server_.descriptors();
  if (accepting_) wanted.push_back({listener_.descriptor(), POLLIN, 0});
  if (const auto coming = credential_.descriptor()) wanted.push_back({*coming, POLLIN, 0});
  return wanted;
}

void LibraryService::serve(const pollfd& ready) {
  if (credential_.descriptor() == ready.fd) {
    if (credential_.receive()) server_.answer_waiting();
    return;
  }
  if (ready.fd != listener_.descriptor()) return server_.serve(ready);
  try {
    // A word fits into the empty buffer of a new socket: nobody has to be waited for.
    if (auto client = listener_.accept()) client->write_some(gate_.word);
  } catch (const Error&) {
    accepting_ = false;  // out of descriptors: else the poll would wake again and again
  }
}

LoopbackReply LibraryService::answer(std::string_view received) {
  const int status = judge_exchange(received, gate_);
  if (status == 0) return {};
  if (status != 200) {
    return refusal(status, "invalid_request", "prodaccess gives nothing for this request");
  }
  credential_.look_ahead();
  if (!credential_.worth_giving()) {
    if (credential_.awaited()) return {LoopbackReply::State::Wait, Secret()};
    const std::string& why = credential_.failure();
    return refusal(400, "invalid_grant", why.empty() ? "the token of this command has ended" : why);
  }
  const auto left = std::chrono::floor<std::chrono::seconds>(credential_.left());
  SecretText body;
  body.add('{').add_json_member("access_token", credential_.held().field("token"));
  body.add_json_member("issued_token_type", "urn:ietf:params:oauth:token-type:access_token");
  body.add_json_member("token_type", "Bearer");
  body.add(",\"expires_in\":" + std::to_string(left.count()) + "}");
  return {LoopbackReply::State::Done, http_answer(200, body.take().view())};
}

Secret fetch_library_answer(const std::filesystem::path& socket, WallTime now) {
  const Secret word = read_local_socket(socket, kLongestWord, kPatience);
  if (word.empty()) {
    throw Error(ErrorCode::NoGrant, "the run that this token belongs to has ended");
  }
  return executable_answer(word.view(), kJwtType, now + kAnswerLife);
}

}  // namespace prodaccess
