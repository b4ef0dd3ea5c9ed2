#include "core/command/language/postgres_query.h"

#include "core/base/text.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/postgres.h"
#include "core/command/language/postgres_filter.h"
#include "core/command/language/postgres_functions.h"
#include "core/command/language/postgres_settings.h"

namespace prodaccess {
namespace {

using Index = ParseTree::Index;
constexpr Index kNone = ParseTree::kNone;

class Query {
 public:
  Query(const ParseTree& tree, PostgresContext& context, JudgedStatement& into)
      : tree_(tree), context_(context), into_(into) {}

  void walk(Index top) {
    for (Index i = top; i < tree_[top].end; ++i) {
      const std::string_view key = tree_[i].key;
      if (key.empty()) continue;
      if (tree_[i].container) container(i, key);
    }
    if (secret_table_ && secret_column_)
      raise(into_.other, Effect::Exfil, "reads stored passwords from the catalog");
  }

 private:
  void container(Index node, std::string_view key) {
    if (key == "FuncCall") {
      function(node);
    } else if (key == "RangeVar") {
      if (one_of(tree_.text(node, "relname"),
                 "pg_shadow pg_authid pg_user_mapping pg_user_mappings pg_subscription "
                 "pg_foreign_server pg_largeobject"))
        secret_table_ = true;
    } else if (key == "A_Star") {
      secret_column_ = true;
    } else if (key == "ColumnRef") {
      column(node);
    } else if (key == "A_Expr") {
      operator_name(node);
    } else if (key == "lockingClause") {
      raise(into_.rows, Effect::Write, "locks the rows it reads");
    } else if (key == "intoClause") {
      raise(into_.other, Effect::Write, "makes a table of its result");
      add_postgres_table(into_.other, tree_, tree_.member(node, "rel"));
    } else if (key.ends_with("Stmt")) {
      row_change(node, key);
    }
  }

  void row_change(Index node, std::string_view key) {
    if (key == "DeleteStmt") {
      raise(into_.rows, Effect::Destructive,
            narrows(tree_, tree_.member(node, "whereClause")) ? "DELETE removes rows"
                                                              : "DELETE removes every row");
      into_.rows.reversible = false;
      changed_table(node);
    } else if (key == "UpdateStmt") {
      if (narrows(tree_, tree_.member(node, "whereClause"))) {
        raise(into_.rows, Effect::Write, "UPDATE changes rows");
      } else {
        raise(into_.rows, Effect::Destructive, "UPDATE overwrites every row: no effective WHERE");
        into_.rows.reversible = false;
      }
      changed_table(node);
    } else if (key == "InsertStmt") {
      raise(into_.rows, Effect::Write, "INSERT adds rows");
      changed_table(node);
    } else if (key == "MergeStmt") {
      merge(node);
    }
  }

  void merge(Index node) {
    raise(into_.rows, Effect::Write, "MERGE changes rows");
    const Index clauses = tree_.member(node, "mergeWhenClauses");
    for (Index clause = tree_.first(clauses); clause != kNone;
         clause = tree_.after(clause, clauses)) {
      if (tree_.text(tree_.unwrap(clause), "commandType") != "CMD_DELETE") continue;
      raise(into_.rows, Effect::Destructive, "MERGE deletes rows");
      into_.rows.reversible = false;
    }
    if (!narrows(tree_, tree_.member(node, "joinCondition"))) {
      raise(into_.rows, Effect::Destructive, "MERGE matches every row");
      into_.rows.reversible = false;
    }
    changed_table(node);
  }

  void changed_table(Index node) {
    const Index relation = tree_.member(node, "relation");
    add_postgres_table(into_.rows, tree_, relation);
    const std::string name = tree_.text(relation, "relname");
    const std::string schema = tree_.text(relation, "schemaname");
    if (schema == "pg_catalog" || (schema.empty() && name.starts_with("pg_")))
      raise(into_.rows, Effect::Destructive, "changes a system catalog by hand");
  }

  void column(Index node) {
    const Index fields = tree_.member(node, "fields");
    for (Index field = tree_.first(fields); field != kNone; field = tree_.after(field, fields)) {
      if (one_of(tree_.text(tree_.unwrap(field), "sval"),
                 "rolpassword passwd umoptions subconninfo srvoptions pg_shadow pg_authid data"))
        secret_column_ = true;
    }
  }

  void operator_name(Index node) {
    const Index names = tree_.member(node, "name");
    const Index first = tree_.first(names);
    if (first == kNone || tree_.after(first, names) == kNone) return;
    if (tree_.text(tree_.unwrap(first), "sval") != "pg_catalog")
      raise_opaque(into_.other, OpaqueCause::Program, "calls an operator of another schema");
  }

  void function(Index node) {
    std::string schema;
    std::string name;
    const Index names = tree_.member(node, "funcname");
    for (Index part = tree_.first(names); part != kNone; part = tree_.after(part, names)) {
      schema = name;
      name = tree_.text(tree_.unwrap(part), "sval");
    }
    if (name == "set_config" && (schema.empty() || schema == "pg_catalog")) {
      set_config(node);
      return;
    }
    const FunctionRule rule = postgres_function(schema, name);
    if (rule.effect == Effect::Read && rule.known) return;
    const std::string call = name + "()";
    if (!rule.known) {
      raise_opaque(into_.other, OpaqueCause::Program,
                   call + " is not one of the server's functions");
      raise(into_.other, rule.effect, {});
      return;
    }
    if (rule.runs_query) {
      run_query(node, name, call);
      return;
    }
    raise(into_.other, rule.effect, call + " " + std::string(rule.reason));
  }

  // The text constants among a call's arguments; `all` is false where another kind is among them.
  std::vector<std::string> text_arguments(Index node, bool& all) const {
    std::vector<std::string> texts;
    const Index args = tree_.member(node, "args");
    for (Index arg = tree_.first(args); arg != kNone; arg = tree_.after(arg, args)) {
      const Index inner = tree_.unwrap(arg);
      const Index value =
          inner == kNone || tree_[inner].key != "A_Const" ? kNone : tree_.member(inner, "sval");
      if (value == kNone) {
        all = false;
      } else {
        texts.push_back(tree_.text(value, "sval"));
      }
    }
    return texts;
  }

  void set_config(Index node) {
    bool all = true;
    const std::vector<std::string> texts = text_arguments(node, all);
    if (texts.empty()) {
      raise(into_.other, Effect::Write, "set_config() of a setting that is not on the line");
      return;
    }
    judge_postgres_setting(into_.other, to_lower(texts[0]),
                           texts.size() > 1 ? to_lower(texts[1]) : std::string(),
                           SettingReach::Session);
  }

  void run_query(Index node, const std::string& name, const std::string& call) {
    bool all = true;
    const std::vector<std::string> texts = text_arguments(node, all);
    const bool elsewhere = name.starts_with("dblink") || name.starts_with("run_command");
    if (texts.empty() || elsewhere)
      raise_opaque(into_.other, OpaqueCause::Program,
                   call + " runs a query elsewhere or not on the line");
    const bool scheduled = name.starts_with("cron");
    if (scheduled) raise(into_.other, Effect::Write, call + " schedules a query");
    for (std::size_t i = scheduled && !texts.empty() ? texts.size() - 1 : 0; i < texts.size(); ++i)
      join(into_.other,
           classify_postgres(texts[i], context_.parser, context_.inner, context_.depth + 1));
  }

  const ParseTree& tree_;
  PostgresContext& context_;
  JudgedStatement& into_;
  bool secret_table_ = false;
  bool secret_column_ = false;
};

}  // namespace

void add_postgres_table(SqlFinding& finding, const ParseTree& tree, ParseTree::Index range_var) {
  if (range_var == kNone) return;
  add_target(finding, "postgres", tree.text(range_var, "schemaname"), "table",
             tree.text(range_var, "relname"));
}

void judge_postgres_query(const ParseTree& tree, ParseTree::Index node, PostgresContext& context,
                          JudgedStatement& into) {
  if (node != kNone) Query(tree, context, into).walk(node);
}

}  // namespace prodaccess
