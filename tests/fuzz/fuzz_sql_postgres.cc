// PostgreSQL and psql: a comment in front or another case of the keywords never makes a text
// milder, and a DROP appended to it is always seen.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "cli/postgres_parser.h"
#include "core/base/text.h"
#include "core/command/language/classify.h"
#include "core/command/language/postgres_dialect.h"
#include "tests/fakes/scripted_inner.h"

using namespace prodaccess;

namespace {

// Every bare word in upper case; names and strings as they are.
std::string shouted(std::string_view text) {
  std::string result(text);
  for (const SqlToken& token : lex_sql(text, kPostgresDialect)) {
    if (token.kind != SqlToken::Kind::Word) continue;
    for (std::size_t i = token.begin; i < token.end; ++i) {
      if (result[i] >= 'a' && result[i] <= 'z') result[i] = static_cast<char>(result[i] - 32);
    }
  }
  return result;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static LoadedPostgresParser parser;
  const std::string text(reinterpret_cast<const char*>(data), size);
  ScriptedInner inner;
  const auto judge = [&](const std::string& sql) {
    return classify(Language::Postgres, sql, &parser, inner);
  };
  const SqlFinding plain = judge(text);
  require(judge("/* x */ " + text).effect >= plain.effect);
  const bool client = text.find_first_of("\\:") != std::string::npos;
  if (!client && is_utf8(text)) require(judge(shouted(text)).effect >= plain.effect);
  // Data of COPY runs to its end, whatever it says.
  if (to_lower(text).find("stdin") == std::string::npos) {
    const SqlFinding dropped = judge(text + "\n; DROP TABLE x");
    require(dropped.effect == Effect::Destructive ||
            dropped.opaque_cause != OpaqueCause::NotOpaque);
  }
  // A count query, where there is one, only reads.
  if (!plain.count_query.empty()) require(judge(plain.count_query).effect == Effect::Read);
  return 0;
}
