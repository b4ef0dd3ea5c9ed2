// MySQL, SQLite, BigQuery and the general lexer: a comment in front never makes a text milder, and
// a DROP appended to it is always seen. The first byte chooses the dialect.
#include <array>
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::array kDialects{Language::Mysql, Language::Sqlite, Language::BigQuery,
                                 Language::GenericSql};
  const Language dialect = kDialects.at(data[0] % kDialects.size());
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  ScriptedInner inner;
  const auto judge = [&](const std::string& sql) { return classify(dialect, sql, nullptr, inner); };
  const SqlFinding plain = judge(text);
  require(judge("/* x */ " + text).effect >= plain.effect);
  require(judge("-- x\n" + text).effect >= plain.effect);
  // Under another delimiter a semicolon ends nothing.
  const std::string lower = to_lower(text);
  if (lower.find("delimiter") != std::string::npos || lower.find("\\d") != std::string::npos)
    return 0;
  const SqlFinding dropped = judge(text + "\n; DROP TABLE x");
  require(dropped.effect == Effect::Destructive || dropped.opaque_cause != OpaqueCause::NotOpaque);
  return 0;
}
