// An answer of Google's services is read or refused with Error{Provider}; what is read is a token
// of visible ASCII with an end that is believable.
#include <cstdlib>

#include "core/base/error.h"
#include "providers/gcp/google_reply.h"
#include "providers/gcp/subject_token.h"

using namespace prodaccess;

namespace {

const WallTime kNow = *parse_rfc3339("2026-01-02T00:00:00Z");

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const GoogleToken& token) {
  require(!token.token.empty() && token.token.size() <= 16U << 10);
  for (const char c : token.token.view()) require(c > ' ' && c < 0x7f);
  require(token.expires_at > kNow && token.expires_at <= kNow + kLongestLife + Seconds{120});
}

template <typename Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Provider);
    for (const char* c = error.what(); *c != '\0'; ++c) require(*c >= ' ');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  attempt([&] { check(read_oauth_token(text, kNow)); });
  attempt([&] { check(read_generated_token(text, kNow, Seconds{3600})); });
  attempt([&] { check(read_id_token(text, "token", "a", kNow)); });
  attempt([&] { check(read_gcloud_reply(text, kNow).token); });
  attempt([&] { read_token_info(text); });
  attempt([&] { read_permissions(text); });
  attempt([&] {
    const Secret subject =
        read_executable_answer(text, "urn:ietf:params:oauth:token-type:jwt", kNow);
    require(!subject.empty());
  });
  attempt([&] { require(!subject_in(text, {"value"}, "the answer").empty()); });
  return 0;
}
