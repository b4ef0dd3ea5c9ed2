// prodaccess approvals: what waits for an approval here, and what an approval is worth.
#include <nlohmann/json.hpp>

#include "cli/approval_gate.h"
#include "cli/approval_text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/request_approval.h"
#include "core/base/text.h"
#include "core/grant/approval_store.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

struct ApprovalsOptions {
  std::vector<std::string> files;
};

// What the configuration says of signatures; absent where it names no signers.
struct Judge {
  ApprovalSettings settings;
  AllowedSigners signers;
  Asker asker;
};

std::optional<Judge> find_judge(Context& context) {
  Judge judge;
  judge.settings = approval_settings(context);
  if (judge.settings.allowed_signers.empty()) return std::nullopt;
  judge.signers = load_signers(context, judge.settings);
  judge.asker = observe_asker(judge.settings);
  return judge;
}

Json explain(Context& context, const std::optional<Judge>& judge, ApprovalStore& store,
             const std::vector<ApprovalFile>& files, const ApprovalStatement& statement) {
  Json found{{"nonce", statement.nonce},
             {"what", request_phrase(statement)},
             {"requester", statement.requester},
             {"machine", statement.machine},
             {"ends", format_rfc3339(statement.not_after)},
             {"used", store.is_used(statement.nonce)},
             {"approved_by", Json::array()},
             {"problems", Json::array()}};
  if (!judge) {
    found["problems"].push_back("[approvals] names no allowed_signers: nobody can approve");
    return found;
  }
  const WallTime now = context.clock().wall_now();
  // One seat that nobody can fill makes every remark come out.
  const ApprovalFindings all = check_signatures(files, {{"", 16}}, false, judge->settings,
                                                judge->signers, judge->asker, now);
  found["approved_by"] = all.people;
  for (std::size_t i = 1; i < all.problems.size(); ++i) {
    found["problems"].push_back(all.problems[i]);
  }
  if (statement.not_after <= now) found["problems"].push_back("it has ended");
  if (found["used"].get<bool>()) found["problems"].push_back("it was used already");
  return found;
}

void print_found(const Json& found, const std::string& file) {
  print_line(found["nonce"].get<std::string>().substr(0, 8) + "  " +
             found["what"].get<std::string>());
  print_line("  asked by " + found["requester"].get<std::string>() + " on " +
             found["machine"].get<std::string>() + ", until " + found["ends"].get<std::string>());
  const auto people = found["approved_by"].get<std::vector<std::string>>();
  print_line("  approved by " + (people.empty() ? "nobody yet" : join(people, ", ")));
  for (const Json& problem : found["problems"]) print_line("  " + problem.get<std::string>());
  if (people.empty()) print_line("  prodaccess approve --file " + shell_quote(file));
}

int run(const ApprovalsOptions& options, Context& context) {
  const auto judge = find_judge(context);
  const std::vector<ApprovalFile> given = read_approval_files(context, options.files);
  if (judge) settle_reviews(context, given);
  ApprovalStore store(context.files(), context.paths().approvals());
  Json list = Json::array();
  const auto add = [&](const std::vector<ApprovalFile>& files, const ApprovalStatement& statement,
                       const std::string& file) {
    list.push_back(explain(context, judge, store, files, statement));
    list.back()["file"] = file;
    if (!context.json()) print_found(list.back(), file);
  };
  for (std::size_t i = 0; i < given.size(); ++i) {
    add({given[i]}, given[i].statement, options.files[i]);
  }
  if (options.files.empty()) {
    for (const ApprovalStatement& waiting : store.requests(context.clock().wall_now())) {
      const auto files = judge ? approvals_in_places(context, judge->settings, waiting.nonce)
                               : std::vector<ApprovalFile>{};
      add(files, waiting, store.request_path(waiting.nonce).string());
    }
  }
  if (context.json()) {
    print_json({{"approvals", std::move(list)}});
  } else if (list.empty()) {
    print_line("nothing waits for an approval here");
  }
  return kDone;
}

}  // namespace

void add_approvals(Command& root) {
  auto options = std::make_shared<ApprovalsOptions>();
  Command& command = root.add("approvals", "list what waits for an approval, and explain one");
  command
      .positional("FILE", &options->files,
                  "approvals to explain: who signed, and what it is "
                  "worth here")
      .completes("files");
  command.describe(
      "Lists the requests made here that wait for signatures, and the emergency accesses that wait "
      "for\ntheir review. A review that holds, found in the configured places or given as FILE, is "
      "recorded.");
  command.example("prodaccess approvals");
  command.example("prodaccess approvals req-91c2.approved");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
