#include "core/command/language/classify.h"

#include "core/command/language/finding.h"
#include "core/command/language/inline_code.h"
#include "core/command/language/mongosh.h"
#include "core/command/language/postgres.h"
#include "core/command/language/redis.h"
#include "core/command/language/sql_dialects.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongest = std::size_t{4} << 20;

}  // namespace

SqlFinding classify(Language language, std::string_view text, PostgresParser* postgres,
                    Inner& inner) {
  if (text.size() > kLongest) {
    SqlFinding finding = harmless_finding();
    raise_opaque(finding, OpaqueCause::Limit, "longer than what is judged");
    return finding;
  }
  switch (language) {
    case Language::Postgres: return classify_postgres(text, postgres, inner);
    case Language::Mysql: return classify_mysql(text, inner);
    case Language::Sqlite: return classify_sqlite(text, inner);
    case Language::BigQuery: return classify_bigquery(text, inner);
    case Language::GenericSql: return classify_general_sql(text, inner);
    case Language::Mongosh: return classify_mongosh(text, inner);
    case Language::Redis: return classify_redis(text);
    default: return classify_inline_code(language, text, inner);
  }
}

}  // namespace prodaccess
