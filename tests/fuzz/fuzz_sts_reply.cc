// Whatever STS answers, a session is given with fields that fit a header and a variable, or an
// error says why in one line that a terminal can show.
#include <algorithm>
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/aws/sts_client.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/scripted_http.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_printable(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

template <typename Call>
void expect_error_or(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Provider);
    require(escape_for_terminal(error.what()) == error.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(bytes), size);
  const AwsCredential key{"AKIDEXAMPLEEXAMPLE00", Secret("s"), Secret(), std::nullopt, ""};
  // 500 and the like are tried again with a pause between.
  for (const int status : {200, 403}) {
    ManualClock clock;
    ScriptedHttp http;
    int calls = 0;
    http.answer = [&](const auto&) {
      return ScriptedHttp::reply(++calls == 1 ? status : 404, body);
    };
    StsClient sts(http, clock, aws_endpoint("sts", "eu-west-1"));
    if (body.find("hrottl") != std::string::npos || body.find("Limit") != std::string::npos ||
        body.find("Internal") != std::string::npos || body.find("Unavail") != std::string::npos ||
        body.find("Timeout") != std::string::npos || body.find("IDPC") != std::string::npos ||
        body.find("TooMany") != std::string::npos) {
      continue;
    }
    expect_error_or([&] {
      AssumeRoleRequest request;
      request.session = {"arn:aws:iam::123456789012:role/ops", "ana", Seconds{900}, "", {}};
      const AssumedRole role = sts.assume_role(key, request);
      require(is_printable(role.credential.access_key_id) && is_printable(role.arn));
      require(is_printable(role.credential.secret_access_key.view()));
      require(is_printable(role.credential.session_token.view()));
      require(role.credential.expires_at > clock.wall_now());
    });
    calls = 0;
    expect_error_or([&] {
      const CallerIdentity caller = sts.get_caller_identity(key);
      require(caller.account.size() == 12 && is_printable(caller.arn));
    });
  }
  return 0;
}
