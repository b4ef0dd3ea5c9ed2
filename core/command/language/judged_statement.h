// JudgedStatement: one statement of SQL, its changes of rows kept apart from the rest, so that a
// ROLLBACK after it can take them back.
#pragma once

#include <vector>

#include "core/command/language/finding.h"

namespace prodaccess {

enum class TransactionStep { None, Begin, Commit, Rollback };

struct JudgedStatement {
  SqlFinding rows = harmless_finding();   // what a ROLLBACK takes back
  SqlFinding other = harmless_finding();  // everything else
  TransactionStep step = TransactionStep::None;
  bool counts_rows = false;  // one DELETE or UPDATE, and nothing beside it
  bool plain = false;        // COMMIT and the like: beside a DELETE it does not matter
};

// All of them as one finding. What stands between BEGIN and ROLLBACK changes no rows in the end: it
// is a write, for its locks and triggers.
SqlFinding join_statements(std::vector<JudgedStatement> statements);

}  // namespace prodaccess
