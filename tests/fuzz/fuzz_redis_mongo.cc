// redis and mongosh: a comment or another case never makes a text milder, and a deletion appended
// to it is always seen. The first byte chooses.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base/text.h"
#include "core/command/language/classify.h"
#include "tests/fakes/scripted_inner.h"

using namespace prodaccess;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool seen(const SqlFinding& finding) {
  return finding.effect == Effect::Destructive || finding.opaque_cause != OpaqueCause::NotOpaque;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  ScriptedInner inner;
  const auto judge = [&](Language language, const std::string& code) {
    return classify(language, code, nullptr, inner);
  };
  if (data[0] % 2 == 0) {
    const Effect plain = judge(Language::Redis, text).effect;
    if (text.find('\\') == std::string::npos)
      require(judge(Language::Redis, to_lower(text)).effect >= plain);
    require(seen(judge(Language::Redis, text + "\nFLUSHALL")));
    return 0;
  }
  const Effect plain = judge(Language::Mongosh, text).effect;
  require(judge(Language::Mongosh, "/* x */ " + text).effect >= plain);
  require(seen(judge(Language::Mongosh, text + "\n;db.x.drop()")));
  return 0;
}
