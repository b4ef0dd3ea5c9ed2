#include "core/command/language/postgres.h"

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/command/language/judged_statement.h"
#include "core/command/language/postgres_count.h"
#include "core/command/language/postgres_statement.h"
#include "core/command/language/psql_command.h"
#include "core/command/language/sql_dialects.h"

namespace prodaccess {
namespace {

using Index = ParseTree::Index;
constexpr Index kNone = ParseTree::kNone;
constexpr std::size_t kLongest = std::size_t{1} << 20;
constexpr int kDeepest = 6;

// Statements and client commands in the order in which they run.
class Script {
 public:
  explicit Script(PostgresContext& context) : context_(context) {}

  void add(const PsqlPiece& piece) {
    if (piece.kind == PsqlPiece::Kind::Command) {
      PsqlCommandFinding command = judge_psql_command(piece, context_);
      JudgedStatement step;
      step.other = std::move(command.finding);
      step.plain = command.shows_only && step.other.effect == Effect::Read;
      // Anything else may end, redirect or repeat a transaction.
      if (!step.plain) step.step = TransactionStep::Commit;
      steps_.push_back(std::move(step));
      return;
    }
    add_sql(piece.text);
    if (piece.variables) countable_ = false;
    if (piece.raw_variables)
      raise_opaque(whole_, OpaqueCause::Hidden,
                   "a variable stands for an unknown piece of the text");
    if (piece.suspect_data)
      raise_opaque(whole_, OpaqueCause::Hidden, "the data of COPY holds commands");
  }

  SqlFinding finish() {
    const std::string count = count_query();
    join(whole_, join_statements(std::move(steps_)));
    whole_.count_query = count;
    return std::move(whole_);
  }

 private:
  void add_sql(const std::string& sql) {
    if (context_.parser == nullptr) {
      add_unparsed(sql);
      return;
    }
    const std::optional<std::string> json = context_.parser->parse(sql);
    const std::optional<ParseTree> tree = json ? ParseTree::read(*json) : std::nullopt;
    if (!tree) {
      add_unparsed(sql);
      raise_opaque(whole_, OpaqueCause::Unknown, "not in the grammar of PostgreSQL 15");
      return;
    }
    const Index statements = tree->member(0, "stmts");
    for (Index raw = tree->first(statements); raw != kNone; raw = tree->after(raw, statements)) {
      steps_.push_back(judge_postgres_statement(*tree, tree->member(raw, "stmt"), context_));
      if (steps_.back().counts_rows) counted_ = statement_text(*tree, raw, sql);
    }
  }

  void add_unparsed(const std::string& sql) {
    JudgedStatement step;
    step.other = classify_general_sql(sql, context_.inner);
    step.step = TransactionStep::Commit;
    steps_.push_back(std::move(step));
  }

  static std::string statement_text(const ParseTree& tree, Index raw, const std::string& sql) {
    const auto number = [&](std::string_view key) {
      const std::string text = tree.text(raw, key);
      return text.empty() ? std::size_t{0} : static_cast<std::size_t>(std::stoul(text));
    };
    const std::size_t begin = std::min(number("stmt_location"), sql.size());
    const std::size_t length = number("stmt_len");
    return sql.substr(begin, length == 0 ? std::string::npos : length);
  }

  std::string count_query() {
    const auto counted = std::count_if(steps_.begin(), steps_.end(),
                                       [](const JudgedStatement& s) { return s.counts_rows; });
    const bool alone = std::all_of(steps_.begin(), steps_.end(), [](const JudgedStatement& s) {
      return s.counts_rows || s.plain;
    });
    if (counted != 1 || !alone || !countable_) return {};
    return postgres_count_query(counted_, context_);
  }

  PostgresContext& context_;
  SqlFinding whole_ = harmless_finding();
  std::vector<JudgedStatement> steps_;
  std::string counted_;
  bool countable_ = true;
};

}  // namespace

SqlFinding classify_postgres(std::string_view text, PostgresParser* parser, Inner& inner,
                             int depth) {
  SqlFinding limited = harmless_finding();
  if (text.size() > kLongest || text.find('\0') != std::string_view::npos || depth > kDeepest) {
    raise_opaque(limited, OpaqueCause::Limit, "longer or deeper than what is judged");
    return limited;
  }
  if (parser != nullptr && !parser->available()) parser = nullptr;
  PostgresContext context{parser, inner, depth};
  Script script(context);
  if (needs_psql_script(text)) {
    for (const PsqlPiece& piece : split_psql_script(text)) script.add(piece);
  } else if (!trim(text).empty()) {
    script.add(PsqlPiece{PsqlPiece::Kind::Sql, std::string(text), {}});
  }
  return script.finish();
}

}  // namespace prodaccess
