#include "core/command/language/postgres_alter.h"

#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"
#include "core/command/language/postgres_query.h"

namespace prodaccess {
namespace {

using Index = ParseTree::Index;
constexpr Index kNone = ParseTree::kNone;

constexpr std::string_view kDestroys =
    "AT_DropColumn AT_DropColumnRecurse AT_DropConstraint AT_DropConstraintRecurse";
constexpr std::string_view kSwitchesOff =
    "AT_SetUnLogged AT_DisableTrig AT_DisableTrigAll AT_DisableTrigUser AT_DisableRule "
    "AT_EnableReplicaTrig AT_EnableReplicaRule AT_DetachPartition AT_DetachPartitionFinalize";
constexpr std::string_view kRights =
    "AT_ChangeOwner AT_EnableRowSecurity AT_DisableRowSecurity AT_ForceRowSecurity "
    "AT_NoForceRowSecurity";
constexpr std::string_view kChanges =
    "AT_AddColumn AT_AddColumnRecurse AT_AddColumnToView AT_ColumnDefault "
    "AT_CookedColumnDefault AT_DropNotNull AT_SetNotNull AT_DropExpression AT_CheckNotNull "
    "AT_SetStatistics AT_SetOptions AT_ResetOptions AT_SetStorage AT_SetCompression AT_AddIndex "
    "AT_AddConstraint AT_AddConstraintRecurse AT_AlterConstraint AT_ValidateConstraint "
    "AT_AddIndexConstraint AT_ClusterOn AT_DropCluster AT_SetLogged AT_SetAccessMethod "
    "AT_SetTableSpace AT_SetRelOptions AT_ReplaceRelOptions AT_ResetRelOptions AT_EnableTrig "
    "AT_EnableAlwaysTrig AT_EnableTrigAll AT_EnableTrigUser AT_EnableRule AT_EnableAlwaysRule "
    "AT_AddInherit AT_DropInherit AT_AddOf AT_DropOf AT_ReplicaIdentity AT_GenericOptions "
    "AT_AttachPartition AT_AddIdentity AT_SetIdentity AT_DropIdentity AT_DropOids "
    "AT_AlterColumnGenericOptions";

// Whether a column changed to this type can hold all that any narrower one held.
bool widens(const ParseTree& tree, Index command) {
  const Index definition = tree.unwrap(tree.member(command, "def"));
  if (definition == kNone || tree.member(definition, "raw_default") != kNone) return false;
  const Index type = tree.member(definition, "typeName");
  if (tree.member(type, "typmods") != kNone) return false;
  const Index names = tree.member(type, "names");
  std::string name;
  for (Index part = tree.first(names); part != kNone; part = tree.after(part, names))
    name = tree.text(tree.unwrap(part), "sval");
  return one_of(name, "text int8 bigint numeric varchar timestamptz float8 jsonb");
}

void judge_command(const ParseTree& tree, Index command, SqlFinding& finding) {
  const std::string type = tree.text(command, "subtype");
  if (one_of(type, kDestroys)) {
    raise(finding, Effect::Destructive, "ALTER drops a column or constraint");
    finding.reversible = false;
  } else if (type == "AT_AlterColumnType") {
    if (widens(tree, command)) {
      raise(finding, Effect::Write, "ALTER widens a column's type");
    } else {
      raise(finding, Effect::Destructive, "ALTER rewrites a column with another type");
      finding.reversible = false;
    }
  } else if (one_of(type, kSwitchesOff)) {
    raise(finding, Effect::Destructive, "ALTER switches a safeguard off or takes rows away");
  } else if (one_of(type, kRights)) {
    raise(finding, Effect::Privilege, "ALTER changes the owner or row-level security");
  } else if (one_of(type, kChanges)) {
    raise(finding, Effect::Write, "ALTER changes the definition");
  } else {
    raise_opaque(finding, OpaqueCause::Unknown, "an ALTER that is not known");
  }
}

}  // namespace

void judge_postgres_alter_table(const ParseTree& tree, ParseTree::Index statement,
                                SqlFinding& finding) {
  add_postgres_table(finding, tree, tree.member(statement, "relation"));
  const Index commands = tree.member(statement, "cmds");
  for (Index command = tree.first(commands); command != kNone;
       command = tree.after(command, commands))
    judge_command(tree, tree.unwrap(command), finding);
}

}  // namespace prodaccess
