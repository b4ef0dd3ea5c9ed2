// prodaccess policy packs: the tools that are understood, their verbs, and where each came from.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/command/pack/pack_set.h"

namespace prodaccess {
namespace {

struct PacksOptions {
  std::string tool;
};

int list_packs(const PacksOptions& options, Context& context) {
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows{{"TOOL", "VERB", "EFFECT", "FROM"}};
  for (const PackSet::Listing& listing : context.packs().list()) {
    if (!options.tool.empty() && listing.tool != options.tool) continue;
    if (context.json()) {
      list.push_back({{"tool", listing.tool},
                      {"verb", listing.verb},
                      {"effect", listing.effect},
                      {"source", listing.source}});
    } else {
      rows.push_back({listing.tool, listing.verb, listing.effect, listing.source});
    }
  }
  if (list.empty() && rows.size() == 1) {
    throw Error(ErrorCode::NotFound, "no pack knows the tool " + options.tool,
                {"prodaccess policy packs"});
  }
  if (context.json()) {
    print_json({{"packs", std::move(list)}});
  } else {
    for (const std::string& row : format_table(rows)) print_line(row);
  }
  return kDone;
}

}  // namespace

void add_policy_packs(Command& policy) {
  auto options = std::make_shared<PacksOptions>();
  Command& command = policy.add("packs", "list the tools and verbs that are understood");
  command.option("--tool", &options->tool, "TOOL", "only this tool");
  command.example("prodaccess policy packs --tool kubectl");
  command.runs([options](Context& context) { return list_packs(*options, context); });
}

}  // namespace prodaccess
