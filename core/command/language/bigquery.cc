#include "core/base/text.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/sql_dialects.h"
#include "core/command/language/sql_evidence.h"
#include "core/command/language/sql_functions.h"
#include "core/command/language/sql_statement.h"

namespace prodaccess {
namespace {

constexpr SqlDialect kLexical{.hash_comments = true,
                              .backslash_escapes = true,
                              .backquoted_names = true,
                              .double_quoted_strings = true,
                              .triple_quotes = true};
constexpr SqlRules kRules{kLexical, "bigquery", bigquery_function};

// Options that make data vanish by itself.
bool expires(SqlSpan statement) {
  for (const std::string_view option :
       {"expiration_timestamp", "partition_expiration_days", "default_table_expiration_days",
        "default_partition_expiration_days", "max_time_travel_hours"}) {
    if (contains_word(statement, option)) return true;
  }
  return false;
}

void judge_alter(SqlSpan statement, JudgedStatement& judged) {
  if (expires(statement)) raise(judged.other, Effect::Destructive, "data will expire by itself");
  if (contains_word(statement, "REVOKE") || contains_word(statement, "GRANTS"))
    raise(judged.other, Effect::Privilege, "changes who may do what");
}

void judge_create(SqlSpan statement, JudgedStatement& judged) {
  if (contains_word(statement, "POLICY"))
    raise(judged.other, Effect::Privilege, "changes who may see which rows");
}

// Statements of a script inside IF, LOOP, WHILE, FOR, CASE: judged where they begin.
SqlSpan without_control_words(SqlSpan statement) {
  std::size_t i = 0;
  while (i < statement.size() &&
         one_of(lower_at(statement, i), "begin else then loop do repeat exception")) {
    const bool transaction =
        one_of(lower_at(statement, i + 1), "transaction") || statement.size() == 1;
    if (word_at(statement, i, "BEGIN") && transaction) break;
    ++i;
  }
  if (one_of(lower_at(statement, i), "if elseif while for when case")) {
    for (const std::string_view opens : {"THEN", "DO"}) {
      const std::size_t body = find_word(statement, opens, i);
      if (body < statement.size()) return without_control_words(statement.subspan(body + 1));
    }
  }
  return statement.subspan(i);
}

JudgedStatement judge(SqlSpan statement) {
  JudgedStatement judged;
  statement = without_control_words(statement);
  const std::string verb = lower_at(statement, 0);
  if (one_of(verb, "declare end leave break continue iterate return raise assert")) {
    judge_sql_functions(statement, kRules, judged.other);
  } else if (verb == "export") {
    raise(judged.other, Effect::Exfil, "EXPORT DATA moves data out");
  } else if (verb == "load") {
    const bool overwrites = contains_word(statement, "OVERWRITE");
    raise(judged.other, overwrites ? Effect::Destructive : Effect::Write,
          overwrites ? "LOAD DATA OVERWRITE replaces what was there" : "LOAD DATA adds rows");
    add_named_target(judged.other, kRules, statement, 3, "table");
  } else if (verb == "execute" || verb == "call") {
    raise_opaque(judged.other, OpaqueCause::Program, "runs a procedure or a text made at run time");
    for (const SqlToken& token : statement) {
      if (token.kind == SqlToken::Kind::String)
        raise(judged.other, sql_evidence(token.text), "the text of EXECUTE IMMEDIATE");
    }
  } else {
    judged = judge_sql_statement(statement, kRules);
    if (verb == "alter") judge_alter(statement, judged);
    if (verb == "create") judge_create(statement, judged);
    if (verb == "create" && expires(statement) && !contains_word(statement, "REPLACE"))
      raise(judged.other, Effect::Write, "the new table expires by itself");
  }
  return judged;
}

}  // namespace

SqlFinding classify_bigquery(std::string_view text, Inner&) {
  const SqlTokens tokens = lex_sql(text, kLexical);
  std::vector<JudgedStatement> statements;
  for (const SqlSpan statement : split_statements(tokens)) statements.push_back(judge(statement));
  SqlFinding finding = join_statements(std::move(statements));
  if (ends_broken(tokens)) raise_broken(finding);
  return finding;
}

}  // namespace prodaccess
