#include "core/command/language/sql_statement.h"

#include "core/base/text.h"
#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

using Kind = SqlToken::Kind;

// Words before a parenthesis that are no function.
constexpr std::string_view kNotFunctions =
    "all alter and any array as asc between both by case check cluster cluster_by collate column "
    "columns compress conflict constraint create cross cube database default delete desc distinct "
    "do "
    "duplicate elseif else end engine escape except exists explain extract fields filter for "
    "foreign "
    "format from full global group grouping having if ilike in index inner insert intersect "
    "interval "
    "into is join key keys last lateral left like limit lines local match materialized "
    "minus national natural not nulls nullif of offset on only option options or order outer over "
    "overlaps overwrite partition partitions percent pivot precision primary qualify range "
    "recursive "
    "references regexp replace returning right rlike rollup row rows sample select set sets "
    "separator similar some struct table tables tablesample temp temporary then to top "
    "trailing truncate "
    "union unique unnest unpivot update use using value values view virtual when where window "
    "with within without work fulltext spatial stored generated always identity view schema "
    "varchar char character numeric decimal number int integer bigint smallint tinyint mediumint "
    "float double real date time timestamp datetime year bit bool boolean binary varbinary blob "
    "text tinytext mediumtext longtext enum json uuid nvarchar nchar varchar2 nvarchar2 raw "
    "string int64 float64 bytes bignumeric cast convert geometry settings primary";

bool follows_name(SqlSpan statement, std::size_t i) {
  return i > 0 && (statement[i - 1].symbol('.') ||
                   one_of(to_lower(statement[i - 1].text), "table into view index on references"));
}

void judge_select(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  const std::size_t into = find_word(statement, "INTO");
  if (word_at(statement, into + 1, "OUTFILE") || word_at(statement, into + 1, "DUMPFILE"))
    raise(judged.other, Effect::Exfil, "writes the result to a file of the server");
  else if (into < statement.size() && !statement.subspan(into + 1).empty() &&
           !statement[into + 1].symbol('@') && !statement[into + 1].symbol(':'))
    raise(judged.other, Effect::Write, "makes a table of its result");
  const std::size_t locks = find_word(statement, "FOR");
  if (word_at(statement, locks + 1, "UPDATE") || word_at(statement, locks + 1, "SHARE") ||
      contains_word(statement, "XLOCK") || contains_word(statement, "UPDLOCK"))
    raise(judged.rows, Effect::Write, "locks the rows it reads");
  judge_sql_functions(statement, rules, judged.other);
}

void judge_delete(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  raise(judged.rows, Effect::Destructive,
        narrows(statement) ? "DELETE removes rows" : "DELETE removes every row");
  judged.rows.reversible = false;
  const std::size_t from = find_word(statement, "FROM");
  add_named_target(judged.rows, rules, statement, from < statement.size() ? from + 1 : 1, "table");
  judge_sql_functions(statement, rules, judged.other);
}

void judge_update(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  if (narrows(statement)) {
    raise(judged.rows, Effect::Write, "UPDATE changes rows");
  } else {
    raise(judged.rows, Effect::Destructive, "UPDATE overwrites every row: no effective WHERE");
    judged.rows.reversible = false;
  }
  std::size_t name = 1;
  while (
      name < statement.size() &&
      one_of(lower_at(statement, name), "only low_priority ignore or rollback abort replace fail"))
    ++name;
  add_named_target(judged.rows, rules, statement, name, "table");
  judge_sql_functions(statement, rules, judged.other);
}

void judge_insert(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  if (contains_word(statement, "OVERWRITE")) {
    raise(judged.rows, Effect::Destructive, "INSERT OVERWRITE replaces what was there");
    judged.rows.reversible = false;
  }
  raise(judged.rows, Effect::Write, "adds or replaces rows");
  const std::size_t into = find_word(statement, "INTO");
  std::size_t name = into < statement.size() ? into + 1 : 1;
  if (word_at(statement, name, "TABLE")) ++name;
  add_named_target(judged.rows, rules, statement, name, "table");
  judge_sql_functions(statement, rules, judged.other);
}

// MERGE ... WHEN MATCHED THEN DELETE.
void judge_merge(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  raise(judged.rows, Effect::Write, "MERGE changes rows");
  if (contains_word(statement, "DELETE")) {
    raise(judged.rows, Effect::Destructive, "MERGE deletes rows");
    judged.rows.reversible = false;
  }
  add_named_target(judged.rows, rules, statement, word_at(statement, 1, "INTO") ? 2 : 1, "table");
  judge_sql_functions(statement, rules, judged.other);
}

bool names_rights(SqlSpan statement, std::size_t i) {
  return one_of(lower_at(statement, i),
                "user role login policy credential masking network_policy security profile "
                "certificate symmetric asymmetric server_role application access password "
                "users roles authorization");
}

void judge_drop(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  const std::string verb(statement[0].text);
  raise(judged.other, Effect::Destructive, verb + " removes what it names");
  judged.other.reversible = false;
  std::size_t i = 1;
  std::string kind = "object";
  while (
      i < statement.size() && statement[i].kind == Kind::Word &&
      one_of(
          lower_at(statement, i),
          "table tables view database schema index materialized external temporary temp trigger "
          "function procedure user role event server tablespace sequence snapshot keyspace "
          "column dictionary warehouse stage task stream pipe row access policy if exists from")) {
    const std::string word = lower_at(statement, i);
    if (!one_of(word, "if exists temporary temp external materialized from")) kind = word;
    ++i;
  }
  while (i < statement.size()) {
    const std::size_t next = add_named_target(judged.other, rules, statement, i, kind);
    if (next >= statement.size() || next == i || !statement[next].symbol(',')) break;
    i = next + 1;
  }
}

void judge_alter(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  raise(judged.other, Effect::Write, "ALTER changes a definition");
  if (names_rights(statement, 1))
    raise(judged.other, Effect::Privilege, "ALTER changes who may do what");
  const std::string kind = lower_at(statement, 1);
  std::size_t name = 2;
  while (one_of(lower_at(statement, name), "if exists only online ignore")) ++name;
  if (kind == "table" || kind == "view" || kind == "database" || kind == "schema")
    add_named_target(judged.other, rules, statement, name, kind);
  for (std::size_t i = 2; i < statement.size(); ++i) {
    const std::string word = lower_at(statement, i);
    if (statement[i].kind != Kind::Word) continue;
    if (one_of(word, "drop truncate discard exchange purge delete remove detach") &&
        !follows_name(statement, i) && !one_of(lower_at(statement, i + 1), "default not"))
      raise(judged.other, Effect::Destructive, "ALTER drops something");
    if (one_of(word, "disable offline suspend abort") ||
        (one_of(word, "modify change type") && i > 2) || word == "expire")
      raise(judged.other, Effect::Destructive, "ALTER rewrites, stops or switches something off");
    if (one_of(word, "owner rls row_security security"))
      raise(judged.other, Effect::Privilege, "ALTER changes who may do what");
  }
}

void judge_create(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  raise(judged.other, Effect::Write, "CREATE makes something new");
  bool replaces = false;
  std::size_t i = 1;
  while (one_of(
      lower_at(statement, i),
      "or replace global local temporary temp transient external unique materialized definer "
      "algorithm secure recursive fulltext spatial virtual if not exists force")) {
    replaces = replaces || word_at(statement, i, "REPLACE");
    ++i;
  }
  const std::string kind = lower_at(statement, i);
  if (names_rights(statement, i))
    raise(judged.other, Effect::Privilege, "CREATE makes an account, a role or a policy");
  if (replaces && one_of(kind, "table database schema stage stream")) {
    raise(judged.other, Effect::Destructive, "CREATE OR REPLACE throws away what was there");
    judged.other.reversible = false;
  }
  std::size_t name = i + 1;
  while (one_of(lower_at(statement, name), "if not exists")) ++name;
  if (one_of(kind, "table view database schema index"))
    add_named_target(judged.other, rules, statement, name, kind);
  const bool code = one_of(kind, "function procedure trigger event assembly task");
  if (!code && find_word(statement, "SELECT", i) < statement.size())
    judge_sql_functions(
        statement.subspan(std::min(find_word(statement, "SELECT", i), statement.size())), rules,
        judged.other);
}

// EXPLAIN shows a plan; EXPLAIN ANALYZE runs the statement.
void judge_explain(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  std::size_t i = 1;
  bool runs = false;
  while (i < statement.size() &&
         !one_of(lower_at(statement, i),
                 "select insert update delete replace merge with create drop "
                 "alter truncate call execute")) {
    runs = runs || word_at(statement, i, "ANALYZE") || word_at(statement, i, "ANALYSE");
    ++i;
  }
  if (runs && i < statement.size()) judged = judge_sql_statement(statement.subspan(i), rules);
}

void judge_with(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  std::size_t main = statement.size();
  for (const std::string_view verb :
       {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "VALUES"})
    main = std::min(main, find_word(statement, verb, 1));
  if (main >= statement.size()) {
    raise_opaque(judged.other, OpaqueCause::Unknown, "WITH without a statement");
    return;
  }
  judged = judge_sql_statement(statement.subspan(main), rules);
  judge_sql_functions(statement.first(main), rules, judged.other);
  for (std::size_t i = 1; i < main; ++i) {
    if (statement[i].symbol('(') && i + 1 < main &&
        one_of(lower_at(statement, i + 1), "delete update insert merge"))
      raise(judged.rows, Effect::Destructive, "a WITH clause that changes rows");
  }
}

void judge_set(SqlSpan statement, const SqlRules& rules, JudgedStatement& judged) {
  if (one_of(lower_at(statement, 1), "password role default session_authorization") &&
      !word_at(statement, 2, "NONE"))
    raise(judged.other, Effect::Privilege, "SET changes who may do what");
  bool lasting = !rules.session_set_reads;
  for (std::size_t i = 1; i < statement.size(); ++i) {
    const std::string word = lower_at(statement, i);
    if (one_of(word, "global persist persist_only system")) lasting = true;
  }
  if (lasting) raise(judged.other, Effect::Write, "SET changes a lasting setting");
  judge_sql_functions(statement, rules, judged.other);
}

bool judge_transaction(std::string_view verb, SqlSpan statement, const SqlRules& rules,
                       JudgedStatement& judged) {
  if (verb == "begin" || (verb == "start" && word_at(statement, 1, "TRANSACTION"))) {
    judged.step = TransactionStep::Begin;
  } else if (verb == "commit" || verb == "end") {
    judged.step = TransactionStep::Commit;
  } else if (verb == "rollback") {
    const bool to_savepoint = contains_word(statement, "TO");
    judged.step = to_savepoint ? TransactionStep::None : TransactionStep::Rollback;
  } else if (verb != "savepoint" && verb != "release") {
    return false;
  }
  // `BEGIN DELETE ...`: a block of code, not a transaction.
  std::size_t body = 0;
  while (word_at(statement, body, "BEGIN")) ++body;
  if (body > 0 && body < statement.size() &&
      !one_of(
          lower_at(statement, body),
          "transaction tran work deferred immediate exclusive isolation read not concurrent end "
          "try catch atomic")) {
    judged = judge_sql_statement(statement.subspan(body), rules);
    return true;
  }
  judged.plain = true;
  return true;
}

bool judge_simple(std::string_view verb, JudgedStatement& judged) {
  if (one_of(verb, "show describe desc use values help list ls")) return true;
  if (one_of(verb, "truncate purge reset kill shutdown undeploy uninstall")) {
    raise(judged.other, Effect::Destructive, std::string(verb) + " removes or stops something");
    judged.other.reversible = false;
  } else if (one_of(verb, "grant revoke deny reassign")) {
    raise(judged.other, Effect::Privilege, "changes who may do what");
  } else if (one_of(verb,
                    "comment analyze optimize repair vacuum reindex lock unlock checkpoint refresh "
                    "rename undrop check import put cluster notify install load attach export_to "
                    "cache uncache msck")) {
    raise(judged.other, Effect::Write, std::string(verb) + " changes state");
  } else if (one_of(verb, "unload export backup get dump")) {
    raise(judged.other, Effect::Exfil, "moves data out");
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool word_at(SqlSpan statement, std::size_t i, std::string_view keyword) {
  return i < statement.size() && statement[i].is(keyword);
}

std::size_t find_word(SqlSpan statement, std::string_view keyword, std::size_t from) {
  int depth = 0;
  for (std::size_t i = from; i < statement.size(); ++i) {
    if (statement[i].symbol('(')) ++depth;
    if (statement[i].symbol(')')) --depth;
    if (depth <= 0 && statement[i].is(keyword)) return i;
  }
  return statement.size();
}

bool contains_word(SqlSpan statement, std::string_view keyword) {
  for (const SqlToken& token : statement) {
    if (token.is(keyword)) return true;
  }
  return false;
}

std::string lower_at(SqlSpan statement, std::size_t i) {
  return i < statement.size() ? to_lower(statement[i].value()) : std::string();
}

std::vector<SqlSpan> split_statements(const SqlTokens& tokens) {
  std::vector<SqlSpan> statements;
  const SqlSpan all(tokens);
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= all.size(); ++i) {
    if (i < all.size() && !all[i].symbol(';')) continue;
    if (i > begin) statements.push_back(all.subspan(begin, i - begin));
    begin = i + 1;
  }
  return statements;
}

std::size_t add_named_target(SqlFinding& finding, const SqlRules& rules, SqlSpan statement,
                             std::size_t i, std::string_view kind) {
  std::string schema;
  std::string name;
  while (i < statement.size() && statement[i].kind != Kind::Symbol &&
         statement[i].kind != Kind::Broken) {
    schema = name.empty() ? schema : (schema.empty() ? name : schema + "." + name);
    name = statement[i].value();
    ++i;
    if (i >= statement.size() || !statement[i].symbol('.')) break;
    ++i;
  }
  if (!name.empty()) add_target(finding, rules.system, schema, kind, name);
  return i;
}

void judge_sql_functions(SqlSpan statement, const SqlRules& rules, SqlFinding& finding) {
  for (std::size_t i = 0; i < statement.size(); ++i) {
    const bool call = i + 1 < statement.size() && statement[i + 1].symbol('(') &&
                      (statement[i].kind == Kind::Word || statement[i].kind == Kind::Name);
    if (!call) continue;
    const std::string name = lower_at(statement, i);
    const bool keyword = statement[i].kind == Kind::Word && one_of(name, kNotFunctions);
    const bool qualified = i > 0 && statement[i - 1].symbol('.');
    const bool listed =
        i > 0 && !qualified &&
        (follows_name(statement, i) || (statement[i - 1].is("AS")) || statement[i - 1].is("WITH") ||
         (statement[i - 1].symbol(',') && word_at(statement, 0, "WITH")));
    if ((keyword && !qualified) || listed || rules.function == nullptr) continue;
    const Effect effect = rules.function(name);
    if (effect == Effect::Read) continue;
    if (effect == Effect::Opaque) {
      raise_opaque(finding, OpaqueCause::Program, name + "() is not one of the server's functions");
    } else {
      raise(finding, effect, name + "() has an effect of its own");
    }
  }
}

JudgedStatement judge_sql_statement(SqlSpan statement, const SqlRules& rules) {
  JudgedStatement judged;
  while (!statement.empty() && statement.front().symbol('(')) statement = statement.subspan(1);
  if (statement.empty()) return judged;
  const std::string verb = statement[0].kind == Kind::Word ? lower_at(statement, 0) : std::string();
  if (verb == "select" || verb == "table") {
    judge_select(statement, rules, judged);
  } else if (verb == "delete") {
    judge_delete(statement, rules, judged);
  } else if (verb == "update") {
    judge_update(statement, rules, judged);
  } else if (verb == "insert" || verb == "replace" || verb == "upsert") {
    judge_insert(statement, rules, judged);
  } else if (verb == "merge") {
    judge_merge(statement, rules, judged);
  } else if (verb == "drop") {
    judge_drop(statement, rules, judged);
  } else if (verb == "alter") {
    judge_alter(statement, rules, judged);
  } else if (verb == "create") {
    judge_create(statement, rules, judged);
  } else if (verb == "explain") {
    judge_explain(statement, rules, judged);
  } else if (verb == "with") {
    judge_with(statement, rules, judged);
  } else if (verb == "set") {
    judge_set(statement, rules, judged);
  } else if (!judge_transaction(verb, statement, rules, judged) && !judge_simple(verb, judged)) {
    raise_opaque(judged.other, OpaqueCause::Unknown, "a statement that is not known");
  } else if (one_of(verb, "truncate")) {
    add_named_target(judged.other, rules, statement, word_at(statement, 1, "TABLE") ? 2 : 1,
                     "table");
  }
  return judged;
}

}  // namespace prodaccess
