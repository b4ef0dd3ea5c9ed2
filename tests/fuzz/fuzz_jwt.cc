// A token whose claims are read is three parts of strict base64url around one strict object; its
// claims, put together again, are read as the same; and a part more or less is no token.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/base/jwt.h"
#include "core/base/text.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  // As it stands, and as the claims of a token whose form is right.
  for (const std::string& token : {text, "h." + base64url(text) + ".s"}) {
    const auto claims = unverified_claims(token);
    if (!claims) continue;
    require(claims->is_object());
    require(split(token, '.').size() == 3);
    const Secret again = compact_jwt({{"alg", "none"}}, *claims, [](auto) { return "signature"; });
    const auto read = unverified_claims(again.view());
    require(read && *read == *claims);
    require(!unverified_claims(token + ".more"));
    require(!unverified_claims(token.substr(0, token.rfind('.'))));
  }
  return 0;
}
