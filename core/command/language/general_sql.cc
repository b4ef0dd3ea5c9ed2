#include "core/base/text.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/sql_dialects.h"
#include "core/command/language/sql_functions.h"
#include "core/command/language/sql_statement.h"

namespace prodaccess {
namespace {

// Both readings of a comment or quote that servers disagree on cannot be had at once; a text that
// has one where they differ is opaque (see `ambiguous`).
constexpr SqlDialect kLexical{.nested_comments = true,
                              .escape_strings = true,
                              .dollar_quotes = true,
                              .backquoted_names = true,
                              .bracketed_names = true};
constexpr SqlRules kRules{.lexical = kLexical, .system = "sql", .function = general_function};

// Where servers read the same bytes otherwise: a backslash before a quote, `#`, `--x`, `/*!`.
bool ambiguous(std::string_view text) {
  return text.find("\\'") != std::string_view::npos || text.find("/*!") != std::string_view::npos ||
         text.find("/*M!") != std::string_view::npos || text.find("\\\"") != std::string_view::npos;
}

// SQL Server needs no semicolons: a statement may begin anywhere.
void judge_words(SqlSpan statement, JudgedStatement& judged) {
  for (std::size_t i = 1; i < statement.size(); ++i) {
    if (statement[i].kind != SqlToken::Kind::Word || statement[i - 1].symbol('.')) continue;
    const std::string word = lower_at(statement, i);
    const bool after_on = statement[i - 1].is("ON") || statement[i - 1].is("FOR");
    if (one_of(word, "drop truncate delete shutdown xp_cmdshell kill") && !after_on)
      raise(judged.other, Effect::Destructive, "a second statement deletes or stops something");
    else if (one_of(word, "exec execute sp_executesql sp_oacreate openrowset bulk"))
      raise_opaque(judged.other, OpaqueCause::Program, "a second statement runs other code");
    else if (one_of(word, "grant revoke deny sp_addrolemember sp_addsrvrolemember"))
      raise(judged.other, Effect::Privilege, "a second statement changes who may do what");
    else if (one_of(word, "update insert merge") && !after_on)
      raise(judged.other, Effect::Write, "a second statement changes rows");
  }
}

// Snowflake: COPY INTO @stage or a URL unloads, COPY INTO table loads.
void judge_copy(SqlSpan statement, JudgedStatement& judged) {
  const bool into = word_at(statement, 1, "INTO") && statement.size() > 2;
  const bool out =
      into && (statement[2].symbol('@') || statement[2].kind == SqlToken::Kind::String);
  const bool to = find_word(statement, "TO") < statement.size();
  raise(judged.other, out || to ? Effect::Exfil : Effect::Write, "COPY moves data");
  if (contains_word(statement, "PROGRAM"))
    raise_opaque(judged.other, OpaqueCause::Program, "COPY PROGRAM runs a command on the server");
}

JudgedStatement judge(SqlSpan statement) {
  const std::string verb = lower_at(statement, 0);
  JudgedStatement judged;
  if (one_of(verb, "declare exec execute call do run print go")) {
    if (verb != "go" && verb != "print")
      raise_opaque(judged.other, OpaqueCause::Program, verb + " runs other code");
  } else if (verb == "copy") {
    judge_copy(statement, judged);
  } else if (one_of(verb, "dbcc restore system detach exchange optimize")) {
    const bool quiet = verb == "system" || verb == "optimize";
    raise(judged.other, quiet ? Effect::Write : Effect::Destructive,
          verb + " works on the server itself");
    if (verb == "system") raise_opaque(judged.other, OpaqueCause::Unknown, "a SYSTEM command");
  } else {
    judged = judge_sql_statement(statement, kRules);
  }
  if (verb != "create") judge_words(statement, judged);
  return judged;
}

}  // namespace

SqlFinding classify_general_sql(std::string_view text, Inner&) {
  const SqlTokens tokens = lex_sql(text, kLexical);
  std::vector<JudgedStatement> statements;
  for (const SqlSpan statement : split_statements(tokens)) statements.push_back(judge(statement));
  SqlFinding finding = join_statements(std::move(statements));
  if (ends_broken(tokens)) raise_broken(finding);
  if (ambiguous(text))
    raise_opaque(finding, OpaqueCause::Hidden, "servers read these quotes or comments differently");
  return finding;
}

}  // namespace prodaccess
