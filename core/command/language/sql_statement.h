// One statement as a lexer sees it, and the judgement that the dialects share.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/command/language/judged_statement.h"
#include "core/command/language/sql_lexer.h"

namespace prodaccess {

using SqlSpan = std::span<const SqlToken>;

// What a dialect's functions do: Read where harmless. Names come in lower case; `argument` is the
// first argument where it is a plain string.
using SqlFunctionEffect = Effect (*)(std::string_view name);

struct SqlRules {
  const SqlDialect& lexical;
  std::string_view system;  // of the targets: "mysql"
  SqlFunctionEffect function;
  bool session_set_reads = true;  // SET changes the session alone
};

// Whether token `i` is the word `keyword`; false past the end.
bool word_at(SqlSpan statement, std::size_t i, std::string_view keyword);
// The place of the first `keyword` outside parentheses, from `from` on; the size where absent.
std::size_t find_word(SqlSpan statement, std::string_view keyword, std::size_t from = 0);
bool contains_word(SqlSpan statement, std::string_view keyword);  // in parentheses, too
// The token in lower case, without quotes; "" past the end.
std::string lower_at(SqlSpan statement, std::size_t i);

// The statements between semicolons outside parentheses.
std::vector<SqlSpan> split_statements(const SqlTokens& tokens);

// Adds the (schema-qualified) name that begins at token `i`; returns the place after it.
std::size_t add_named_target(SqlFinding& finding, const SqlRules& rules, SqlSpan statement,
                             std::size_t i, std::string_view kind);

// Whether the WHERE of an UPDATE or DELETE narrows the rows (`1=1`, `true`, `x=x` do not).
bool narrows(SqlSpan statement);

// The judgement by leading word that nearly all dialects agree on.
JudgedStatement judge_sql_statement(SqlSpan statement, const SqlRules& rules);

// Whether a quote or comment does not close: only the last token can be such a one.
inline bool ends_broken(const SqlTokens& tokens) {
  return !tokens.empty() && tokens.back().kind == SqlToken::Kind::Broken;
}
// What that makes of the whole text: what stands behind the quote is hidden.
inline void raise_broken(SqlFinding& finding) {
  raise_opaque(finding, OpaqueCause::Limit, "a quote or comment that does not close");
}

// Every function that is called.
void judge_sql_functions(SqlSpan statement, const SqlRules& rules, SqlFinding& finding);

}  // namespace prodaccess
