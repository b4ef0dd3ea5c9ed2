#include "core/command/language/postgres_statement.h"

#include <array>

#include "core/base/text.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/postgres_alter.h"
#include "core/command/language/postgres_query.h"
#include "core/command/language/postgres_settings.h"
#include "core/command/language/sql_evidence.h"

namespace prodaccess {
namespace {

using Index = ParseTree::Index;
constexpr Index kNone = ParseTree::kNone;

// Statements that do one thing whatever their arguments.
constexpr std::string_view kReads =
    "VariableShowStmt ListenStmt UnlistenStmt DiscardStmt DeallocateStmt FetchStmt ClosePortalStmt "
    "ConstraintsSetStmt";
constexpr std::string_view kWrites =
    "AlterCollationStmt AlterDatabaseRefreshCollStmt AlterEnumStmt AlterExtensionContentsStmt "
    "AlterExtensionStmt AlterFdwStmt AlterForeignServerStmt AlterObjectDependsStmt "
    "AlterObjectSchemaStmt AlterOpFamilyStmt AlterOperatorStmt AlterPublicationStmt AlterSeqStmt "
    "AlterStatsStmt AlterTSConfigurationStmt AlterTSDictionaryStmt AlterTableMoveAllStmt "
    "AlterTableSpaceOptionsStmt AlterTypeStmt CheckPointStmt ClusterStmt CommentStmt "
    "CompositeTypeStmt CreateAmStmt CreateCastStmt CreateConversionStmt CreateDomainStmt "
    "CreateEnumStmt CreateEventTrigStmt CreateFdwStmt CreateForeignServerStmt "
    "CreateForeignTableStmt CreateOpClassStmt CreateOpFamilyStmt CreatePublicationStmt "
    "CreateRangeStmt CreateSeqStmt CreateStatsStmt CreateStmt CreateSubscriptionStmt "
    "CreateTableSpaceStmt CreateTransformStmt CreateTrigStmt CreatedbStmt DefineStmt "
    "ImportForeignSchemaStmt IndexStmt LockStmt NotifyStmt ReindexStmt VacuumStmt ViewStmt";
constexpr std::string_view kRights =
    "AlterDefaultPrivilegesStmt AlterOwnerStmt AlterPolicyStmt AlterRoleSetStmt AlterRoleStmt "
    "AlterUserMappingStmt CreatePLangStmt CreatePolicyStmt CreateRoleStmt CreateUserMappingStmt "
    "GrantRoleStmt GrantStmt ReassignOwnedStmt SecLabelStmt";
constexpr std::string_view kDrops =
    "DropOwnedStmt DropRoleStmt DropStmt DropSubscriptionStmt DropTableSpaceStmt "
    "DropUserMappingStmt DropdbStmt TruncateStmt";

// "AlterTableStmt" as people know it: "ALTER TABLE".
std::string spoken(std::string_view kind) {
  std::string text;
  for (const char c : kind.substr(0, kind.size() - 4)) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital && !text.empty() && text.back() != ' ') text += ' ';
    text += capital ? c : static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

class Statement {
 public:
  Statement(const ParseTree& tree, Index node, PostgresContext& context)
      : tree_(tree), node_(node), kind_(tree[node].key), context_(context) {}

  JudgedStatement judge() {
    if (one_of(kind_, "SelectStmt InsertStmt UpdateStmt DeleteStmt MergeStmt")) {
      judge_postgres_query(tree_, node_, context_, result_);
      result_.counts_rows = kind_ == "DeleteStmt" || kind_ == "UpdateStmt";
    } else if (one_of(kind_, kReads)) {
      result_.plain = true;
    } else if (one_of(kind_, kWrites)) {
      write();
    } else if (one_of(kind_, kRights)) {
      raise(other(), Effect::Privilege, spoken(kind_) + " changes who may do what");
    } else if (one_of(kind_, kDrops)) {
      drop();
    } else if (!special() && !lasting()) {
      raise_opaque(other(), OpaqueCause::Unknown, "a kind of statement that is not known");
    }
    return std::move(result_);
  }

 private:
  SqlFinding& other() { return result_.other; }

  void query(std::string_view member) {
    judge_postgres_query(tree_, tree_.member(node_, member), context_, result_);
  }

  // The value of an option (DefElem); a flag without one is "true". The last one counts.
  std::optional<std::string> option(std::string_view list, std::string_view name) const {
    std::optional<std::string> value;
    const Index options = tree_.member(node_, list);
    for (Index item = tree_.first(options); item != kNone; item = tree_.after(item, options)) {
      const Index element = tree_.unwrap(item);
      if (element == kNone || to_lower(tree_.text(element, "defname")) != name) continue;
      value = scalar(tree_.member(element, "arg"));
    }
    return value;
  }

  std::string scalar(Index wrapped) const {
    const Index node = wrapped == kNone ? kNone : tree_.unwrap(wrapped);
    if (node == kNone) return "true";
    if (tree_[node].key == "Boolean") return tree_.flag(node, "boolval") ? "true" : "false";
    for (const std::string_view field : {"sval", "ival", "fval"}) {
      const Index value = tree_.member(node, field);
      if (value != kNone)
        return tree_[value].container ? tree_.text(value, field) : tree_.text(value);
    }
    return tree_[node].key == "Integer" ? "0" : "true";
  }

  static bool off(const std::optional<std::string>& value) {
    return value && one_of(to_lower(*value), "false off no 0");
  }

  void write() {
    raise(other(), Effect::Write, spoken(kind_) + " changes state");
    add_postgres_table(other(), tree_, tree_.member(node_, "relation"));
    if (kind_ == "CreateForeignServerStmt" || kind_ == "CreateSubscriptionStmt")
      raise(other(), Effect::Write, "connects the server to another one");
  }

  void drop() {
    raise(other(), Effect::Destructive, spoken(kind_) + " removes what it names");
    other().reversible = false;
    const std::string type = tree_.text(node_, "removeType");
    const std::string kind =
        type.starts_with("OBJECT_") ? to_lower(std::string_view(type).substr(7)) : "object";
    names_of(tree_.member(node_, "objects"), kind);
    names_of(tree_.member(node_, "roles"), "role");
    const Index relations = tree_.member(node_, "relations");
    for (Index item = tree_.first(relations); item != kNone; item = tree_.after(item, relations))
      add_postgres_table(other(), tree_, tree_.unwrap(item));
    for (const std::string_view field : {"dbname", "subname", "tablespacename", "servername"}) {
      const std::string name = tree_.text(node_, field);
      if (!name.empty())
        add_target(other(), "postgres", "", field == "dbname" ? "database" : "object", name);
    }
  }

  // Objects are lists of name parts, single names, or names with arguments.
  void names_of(Index list, std::string_view kind) {
    for (Index item = tree_.first(list); item != kNone; item = tree_.after(item, list)) {
      const Index object = tree_.unwrap(item);
      if (object == kNone) continue;
      Index parts = tree_.member(object, "items");
      if (parts == kNone) parts = tree_.member(object, "objname");
      if (parts == kNone) parts = tree_.member(object, "names");
      std::string schema;
      std::string name = tree_.text(object, "rolename");
      if (name.empty()) name = tree_.text(object, "sval");
      for (Index part = tree_.first(parts); part != kNone; part = tree_.after(part, parts)) {
        schema = name;
        name = tree_.text(tree_.unwrap(part), "sval");
      }
      add_target(other(), "postgres", schema, kind, name);
    }
  }

  // Statements whose arguments or bodies decide; false where `kind_` is none of them.
  bool special() {
    if (kind_ == "TransactionStmt") {
      transaction();
    } else if (kind_ == "VariableSetStmt") {
      set(node_, SettingReach::Session);
    } else if (kind_ == "ExplainStmt") {
      explain();
    } else if (kind_ == "PrepareStmt" || kind_ == "DeclareCursorStmt") {
      query("query");
    } else if (kind_ == "ExecuteStmt") {
      raise_opaque(other(), OpaqueCause::Program, "EXECUTE runs a statement prepared elsewhere");
    } else if (kind_ == "CopyStmt") {
      copy();
    } else if (kind_ == "CreateTableAsStmt") {
      query("query");
      raise(other(), Effect::Write, "makes a table of a query's result");
      add_postgres_table(other(), tree_, tree_.member(tree_.member(node_, "into"), "rel"));
    } else if (kind_ == "CallStmt") {
      raise_opaque(other(), OpaqueCause::Program,
                   "CALL runs a procedure whose code is not on the line");
    } else if (kind_ == "DoStmt") {
      raise_opaque(other(), OpaqueCause::Program, "DO runs a block of code");
      raise(other(), sql_evidence(body("args")), "the block of code names something worse");
    } else if (kind_ == "LoadStmt") {
      raise(other(), Effect::Privilege, "LOAD brings native code into the server");
    } else if (kind_ == "RuleStmt") {
      query("actions");
      raise(other(), Effect::Write, "makes a rule");
    } else {
      return false;
    }
    return true;
  }

  bool lasting() {
    if (kind_ == "AlterTableStmt") {
      judge_postgres_alter_table(tree_, node_, other());
    } else if (kind_ == "AlterSystemStmt") {
      set(tree_.member(node_, "setstmt"), SettingReach::Lasting);
    } else if (kind_ == "AlterDatabaseSetStmt") {
      set(tree_.member(node_, "setstmt"), SettingReach::Lasting);
    } else if (kind_ == "AlterDatabaseStmt") {
      alter_database();
    } else if (kind_ == "RenameStmt") {
      const bool role = tree_.text(node_, "renameType") == "OBJECT_ROLE";
      raise(other(), role ? Effect::Privilege : Effect::Write, "gives another name");
      add_postgres_table(other(), tree_, tree_.member(node_, "relation"));
    } else if (kind_ == "CreateFunctionStmt" || kind_ == "AlterFunctionStmt") {
      function();
    } else if (kind_ == "CreateExtensionStmt") {
      extension();
    } else if (kind_ == "CreateSchemaStmt") {
      raise(other(), Effect::Write, "makes a schema");
      if (tree_.member(node_, "schemaElts") != kNone) elements();
    } else if (kind_ == "RefreshMatViewStmt") {
      raise(other(), tree_.flag(node_, "skipData") ? Effect::Destructive : Effect::Write,
            "fills or empties a materialized view");
      add_postgres_table(other(), tree_, tree_.member(node_, "relation"));
    } else if (kind_ == "AlterEventTrigStmt" || kind_ == "AlterDomainStmt" ||
               kind_ == "AlterSubscriptionStmt") {
      switches();
    } else {
      return false;
    }
    return true;
  }

  void transaction() {
    const std::string kind = tree_.text(node_, "kind");
    result_.plain = true;
    if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") {
      result_.step = TransactionStep::Begin;
    } else if (kind == "TRANS_STMT_ROLLBACK") {
      result_.step = TransactionStep::Rollback;
    } else if (kind == "TRANS_STMT_COMMIT") {
      result_.step = TransactionStep::Commit;
    } else if (kind == "TRANS_STMT_PREPARE" || kind == "TRANS_STMT_COMMIT_PREPARED") {
      result_.step = TransactionStep::Commit;
      result_.plain = false;
      raise(other(), Effect::Write, "a prepared transaction");
    } else if (kind == "TRANS_STMT_ROLLBACK_PREPARED") {
      result_.plain = false;
      raise(other(), Effect::Destructive, "throws a prepared transaction's work away");
    }
  }

  void set(Index statement, SettingReach reach) {
    const std::string kind = tree_.text(statement, "kind");
    if (kind == "VAR_RESET_ALL") {
      if (reach == SettingReach::Lasting)
        raise(other(), Effect::Destructive, "throws every lasting setting away");
      return;
    }
    const Index args = tree_.member(statement, "args");
    const Index first = tree_.first(args);
    const std::string name = to_lower(tree_.text(statement, "name"));
    const std::string value =
        kind == "VAR_SET_VALUE" && first != kNone ? to_lower(scalar(first)) : std::string();
    if (name == "search_path") {
      search_path(args);
    } else if (kind == "VAR_SET_VALUE" || reach == SettingReach::Lasting) {
      judge_postgres_setting(other(), name, value, reach);
    }
    if (reach == SettingReach::Lasting) raise(other(), Effect::Write, "changes a lasting setting");
  }

  // Only a path that puts another schema before pg_catalog can give its names another meaning.
  void search_path(Index args) {
    bool first = true;
    for (Index arg = tree_.first(args); arg != kNone; arg = tree_.after(arg, args)) {
      const std::string value = scalar(arg);
      if (!first && value == "pg_catalog")
        raise_opaque(other(), OpaqueCause::Hidden, "search_path hides the server's own functions");
      first = false;
    }
  }

  void explain() {
    const std::optional<std::string> analyze = option("options", "analyze");
    if (!analyze || off(analyze)) return;
    raise(other(), Effect::Read, "EXPLAIN ANALYZE runs the statement");
    const Index inner = tree_.unwrap(tree_.member(node_, "query"));
    if (inner == kNone) return;
    JudgedStatement executed =
        judge_postgres_statement(tree_, tree_.member(node_, "query"), context_);
    join(result_.rows, executed.rows);
    join(result_.other, executed.other);
  }

  void copy() {
    const Index relation = tree_.member(node_, "relation");
    add_postgres_table(other(), tree_, relation);
    query("query");
    const bool program = tree_.flag(node_, "is_program");
    const std::string file = tree_.text(node_, "filename");
    if (tree_.flag(node_, "is_from")) {
      raise(other(), Effect::Write, "COPY FROM adds rows");
      if (tree_.text(relation, "relname").starts_with("pg_"))
        raise(other(), Effect::Destructive, "changes a system catalog by hand");
    } else {
      raise(other(), Effect::Exfil, "COPY TO moves data out");
    }
    if (!program) return;
    raise_opaque(other(), OpaqueCause::Program, "COPY PROGRAM runs a command on the server");
    join_shell(other(), context_.inner, file, "COPY ... PROGRAM");
  }

  std::string body(std::string_view list) const {
    const Index options = tree_.member(node_, list);
    for (Index item = tree_.first(options); item != kNone; item = tree_.after(item, options)) {
      const Index element = tree_.unwrap(item);
      if (tree_.text(element, "defname") == "as") return scalar(tree_.member(element, "arg"));
    }
    return {};
  }

  void alter_database() {
    raise(other(), Effect::Write, "changes a database");
    add_target(other(), "postgres", "", "database", tree_.text(node_, "dbname"));
    const std::optional<std::string> limit = option("options", "connection_limit");
    if (off(option("options", "allow_connections")) || (limit && *limit == "0"))
      raise(other(), Effect::Destructive, "shuts everybody out of a database");
  }

  void function() {
    raise(other(), Effect::Write, "defines a function");
    const std::string_view list = kind_ == "CreateFunctionStmt" ? "options" : "actions";
    const std::string language = to_lower(option(list, "language").value_or("sql"));
    if (option(list, "security").value_or("false") == "true")
      raise(other(), Effect::Privilege, "a function that runs with its owner's rights");
    if (!one_of(language, "sql plpgsql pltcl plperl plv8 plrust plpgsql"))
      raise(other(), Effect::Privilege, "a function in a language without a fence");
  }

  void extension() {
    const std::string name = to_lower(tree_.text(node_, "extname"));
    const bool powerful =
        (name.starts_with("pl") && name.ends_with("u")) || name.ends_with("_fdw") ||
        one_of(name,
               "dblink adminpack pg_cron http aws_s3 aws_lambda pageinspect pg_surgery "
               "lo_manage orafce plproxy pg_net plsh");
    raise(other(), powerful ? Effect::Privilege : Effect::Write,
          powerful ? "an extension that reaches beyond the database" : "adds an extension");
  }

  void elements() {
    const Index list = tree_.member(node_, "schemaElts");
    for (Index item = tree_.first(list); item != kNone; item = tree_.after(item, list)) {
      JudgedStatement element = judge_postgres_statement(tree_, item, context_);
      join(result_.rows, element.rows);
      join(result_.other, element.other);
    }
  }

  void switches() {
    const bool stops =
        (kind_ == "AlterEventTrigStmt" && one_of(tree_.text(node_, "tgenabled"), "D R")) ||
        (kind_ == "AlterDomainStmt" && tree_.text(node_, "subtype") == "X") ||
        (kind_ == "AlterSubscriptionStmt" && off(option("options", "enabled")));
    raise(other(), stops ? Effect::Destructive : Effect::Write,
          stops ? "switches a safeguard or a copy of the data off" : "changes a definition");
  }

  const ParseTree& tree_;
  Index node_;
  std::string_view kind_;
  PostgresContext& context_;
  JudgedStatement result_;
};

}  // namespace

JudgedStatement judge_postgres_statement(const ParseTree& tree, ParseTree::Index statement,
                                         PostgresContext& context) {
  const Index node = statement == kNone ? kNone : tree.unwrap(statement);
  if (node != kNone && context.depth < 8) return Statement(tree, node, context).judge();
  JudgedStatement unknown;
  raise_opaque(unknown.other, OpaqueCause::Limit, "queries nested too deep");
  return unknown;
}

}  // namespace prodaccess
