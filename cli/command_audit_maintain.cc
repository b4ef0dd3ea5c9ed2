// prodaccess audit repair and prune: what changes the ledger's files, by a human's word.
#include <nlohmann/json.hpp>

#include "cli/audit_options.h"
#include "cli/command_audit.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/ledger/audit_settings.h"
#include "core/ledger/maintenance.h"

namespace prodaccess {
namespace {

void refuse_agents(Context& context, const std::string& what) {
  if (context.actor().identity != IdentityClass::Agent) return;
  throw Error(ErrorCode::Denied, what + " is for a person, not for an agent",
              {"prodaccess audit verify"});
}

struct RepairOptions {
  std::string reason;
};

int repair(const RepairOptions& options, Context& context) {
  refuse_agents(context, "audit repair");
  const RepairResult result =
      repair_ledger(context.ledger_options(), context.clock(), options.reason);
  if (context.json()) {
    print_json({{"aside", result.aside.string()}, {"record", result.record}});
    return kDone;
  }
  print_line("the broken ledger lies whole in " + result.aside.string());
  print_line("a new one begins; record " + std::to_string(result.record) + " says why");
  print_line("keep the old one: it is evidence");
  return kDone;
}

struct PruneOptions {
  std::optional<Seconds> keep;
};

int prune(const PruneOptions& options, Context& context) {
  refuse_agents(context, "audit prune");
  const auto keep = options.keep ? options.keep : read_audit_settings(context.config().audit).keep;
  if (!keep) {
    throw Error(ErrorCode::Usage, "for how long are records kept? Nothing says so",
                {"prodaccess audit prune --keep 365d", "keep = \"365d\"   in [audit]"});
  }
  const PruneResult result =
      prune_ledger(context.paths().ledger(), context.ledger(), context.clock().wall_now() - *keep);
  if (context.json()) {
    print_json({{"first", result.first}, {"last", result.last}, {"segments", result.segments}});
  } else if (result.segments.empty()) {
    print_line("nothing to remove: no finished segment is older than that and under a checkpoint");
  } else {
    print_line("records " + std::to_string(result.first) + " to " + std::to_string(result.last) +
               " are now hashes only; proofs of the others still hold");
  }
  return kDone;
}

}  // namespace

void add_audit_repair(Command& audit) {
  auto options = std::make_shared<RepairOptions>();
  Command& command = audit.add("repair", "set a broken ledger aside, whole, and begin a new one");
  command.option("--reason", &options->reason, "TEXT", "what happened, for the record").required();
  command.example("prodaccess audit repair --reason \"disk failed, restored from backup\"");
  command.runs([options](Context& context) { return repair(*options, context); });
}

void add_audit_prune(Command& audit) {
  auto options = std::make_shared<PruneOptions>();
  Command& command = audit.add("prune", "remove old records, but keep what proves the others");
  command.option("--keep", &options->keep, "DURATION", "how long records stay; [audit] keep else");
  command.example("prodaccess audit prune --keep 365d");
  command.runs([options](Context& context) { return prune(*options, context); });
}

}  // namespace prodaccess
