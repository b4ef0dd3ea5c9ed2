// A signers' file is read whole or is one Error with its line; every line that was read has a key
// that can be used, and patterns never name a principal that they negate.
#include <cstdlib>

#include "core/base/error.h"
#include "core/policy/allowed_signers.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    const AllowedSigners signers = AllowedSigners::parse(text, "signers");
    for (const AllowedSigner& signer : signers.lines()) {
      const auto key = SshPublicKey::parse(signer.key_blob);
      require(key && !key->certificate());
      for (const std::string& pattern : signer.principals) {
        const bool plain = pattern.find_first_of("*?\\!") == std::string::npos;
        AllowedSigner negated = signer;
        negated.principals.push_back("!" + pattern);
        if (plain) require(!negated.names(pattern));
      }
    }
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Config);
    require(std::string(error.what()).rfind("signers", 0) == 0);
  }
  return 0;
}
