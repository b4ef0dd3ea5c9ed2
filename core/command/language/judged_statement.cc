#include "core/command/language/judged_statement.h"

#include <optional>

namespace prodaccess {
namespace {

void undo(JudgedStatement& statement) {
  if (statement.rows.effect <= Effect::Write) return;
  statement.rows.effect = Effect::Write;
  statement.rows.reversible = true;
  statement.rows.reasons = {"its changes of rows are rolled back; locks and triggers are not"};
}

void undo_rolled_back(std::vector<JudgedStatement>& statements) {
  std::optional<std::size_t> begin;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const TransactionStep step = statements[i].step;
    if (step == TransactionStep::Begin && !begin) begin = i;
    if (step == TransactionStep::Rollback && begin) {
      for (std::size_t j = *begin; j < i; ++j) undo(statements[j]);
    }
    if (step == TransactionStep::Rollback || step == TransactionStep::Commit) begin.reset();
  }
}

}  // namespace

SqlFinding join_statements(std::vector<JudgedStatement> statements) {
  undo_rolled_back(statements);
  SqlFinding whole = harmless_finding();
  for (const JudgedStatement& statement : statements) {
    join(whole, statement.rows);
    join(whole, statement.other);
  }
  return whole;
}

}  // namespace prodaccess
