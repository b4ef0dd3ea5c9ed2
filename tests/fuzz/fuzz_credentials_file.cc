// Taking keys out of a credentials file changes nothing where none are named, and leaves none of
// those that were named; what it leaves is never longer.
#include <cstdlib>

#include "core/base/error.h"
#include "providers/aws/credentials_file.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    std::set<std::string> profiles;
    for (const ProfileKeys& keys : read_profile_keys(text, "f")) profiles.insert(keys.profile);
    require(without_profile_keys(text, {}, "f").view() == text);
    const Secret without = without_profile_keys(text, profiles, "f");
    require(without.size() <= text.size());
    require(read_profile_keys(without.view(), "f").empty());
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Config);
  }
  return 0;
}
