#include "core/command/language/postgres_count.h"

#include <optional>

#include "core/command/language/postgres_dialect.h"
#include "core/command/language/postgres_functions.h"

namespace prodaccess {
namespace {

using Index = ParseTree::Index;
constexpr Index kNone = ParseTree::kNone;

// The clauses of the statement as they stand in its text; "" where absent.
struct Clauses {
  std::string_view target;
  std::string_view others;  // DELETE's USING, UPDATE's FROM
  std::string_view where;
};

// Words at the outermost level only: sub-selects and calls are in parentheses.
class ClauseReader {
 public:
  ClauseReader(std::string_view text, const SqlTokens& tokens) : text_(text), tokens_(tokens) {}

  std::optional<Clauses> read() {
    if (tokens_.size() < 2) return std::nullopt;
    const bool removes = tokens_[0].is("DELETE");
    if (!removes && !tokens_[0].is("UPDATE")) return std::nullopt;
    const std::size_t target = removes ? 2 : 1;
    if (removes && !tokens_[1].is("FROM")) return std::nullopt;
    Clauses clauses;
    std::string_view* current = &clauses.target;
    std::size_t begin = target;
    int depth = 0;
    for (std::size_t i = target; i < tokens_.size(); ++i) {
      const SqlToken& token = tokens_[i];
      if (token.symbol('(') || token.symbol('[')) ++depth;
      if (token.symbol(')') || token.symbol(']')) --depth;
      if (depth != 0) continue;
      std::string_view* next = clause(token, i, removes, clauses);
      if (next == nullptr) continue;
      if (current != nullptr) *current = span(begin, i);
      current = next == &skipped_ ? nullptr : next;
      begin = i + 1;
    }
    if (current != nullptr) *current = span(begin, tokens_.size());
    return clauses;
  }

 private:
  // Where the text after this word belongs; null where the word opens no clause.
  std::string_view* clause(const SqlToken& token, std::size_t i, bool removes, Clauses& clauses) {
    if (token.is("WHERE")) return &clauses.where;
    if (token.is("RETURNING")) return &skipped_;
    if (!removes && token.is("SET")) return &skipped_;
    if (removes && token.is("USING")) return &clauses.others;
    const bool distinct = i > 0 && tokens_[i - 1].is("DISTINCT");
    if (!removes && token.is("FROM") && !distinct) return &clauses.others;
    return nullptr;
  }

  std::string_view span(std::size_t first, std::size_t last) const {
    if (first >= last) return {};
    return text_.substr(tokens_[first].begin, tokens_[last - 1].end - tokens_[first].begin);
  }

  std::string_view text_;
  const SqlTokens& tokens_;
  std::string_view skipped_;
};

// Whether all that the query calls gives the same answer each time and changes nothing.
bool repeatable(const ParseTree& tree) {
  for (Index i = 0; i < tree.size(); ++i) {
    if (tree[i].key == "CurrentOfExpr" || tree[i].key == "ParamRef") return false;
    if (tree[i].key != "FuncCall") continue;
    std::string schema;
    std::string name;
    const Index names = tree.member(i, "funcname");
    for (Index part = tree.first(names); part != kNone; part = tree.after(part, names)) {
      schema = name;
      name = tree.text(tree.unwrap(part), "sval");
    }
    if (!postgres_function(schema, name).repeatable) return false;
  }
  return true;
}

bool harmless(const std::string& query, PostgresContext& context) {
  const std::optional<std::string> json = context.parser->parse(query);
  if (!json) return false;
  const std::optional<ParseTree> tree = ParseTree::read(*json);
  if (!tree || !repeatable(*tree)) return false;
  const Index statements = tree->member(0, "stmts");
  const Index only = tree->first(statements);
  if (only == kNone || tree->after(only, statements) != kNone) return false;
  const JudgedStatement judged =
      judge_postgres_statement(*tree, tree->member(only, "stmt"), context);
  return judged.rows.effect == Effect::Read && judged.other.effect == Effect::Read;
}

}  // namespace

std::string postgres_count_query(std::string_view statement, PostgresContext& context) {
  if (context.parser == nullptr) return {};
  const SqlTokens tokens = lex_sql(statement, kPostgresDialect);
  const std::optional<Clauses> clauses = ClauseReader(statement, tokens).read();
  if (!clauses || clauses->target.empty()) return {};
  std::string query = "SELECT count(*) FROM " + std::string(clauses->target);
  if (!clauses->others.empty()) {
    // A row that matches many of the others is removed once: no plain join.
    query += " WHERE EXISTS (SELECT 1 FROM " + std::string(clauses->others);
    if (!clauses->where.empty()) query += " WHERE " + std::string(clauses->where);
    query += "\n)";
  } else if (!clauses->where.empty()) {
    query += " WHERE " + std::string(clauses->where);
  }
  return harmless(query, context) ? query : std::string();
}

}  // namespace prodaccess
