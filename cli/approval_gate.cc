#include "cli/approval_gate.h"

#include <nlohmann/json.hpp>
#include <thread>

#include "cli/context.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/grant/approval_store.h"
#include "core/os/files.h"
#include "core/os/folder_texts.h"
#include "core/os/helper_program.h"
#include "core/os/identity.h"
#include "core/os/program.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargest = 4U << 20;
constexpr std::size_t kMostFiles = 4096;
constexpr Milliseconds kPoll{2000};

// One question and all that is needed to judge its answers.
class Gate {
 public:
  Gate(Context& context, ApprovalStatement asked, const std::vector<ApprovalNeed>& needs,
       bool security_key)
      : context_(context),
        asked_(std::move(asked)),
        needs_(needs),
        security_key_(security_key),
        settings_(approval_settings(context)),
        store_(context.files(), context.paths().approvals()) {
    if (settings_.allowed_signers.empty()) {
      throw Error(ErrorCode::ApprovalRequired,
                  "this needs somebody's approval, and the configuration names nobody who can give "
                  "one",
                  {"[approvals] allowed_signers = \"/etc/prodaccess/allowed_signers\"   names them",
                   "prodaccess-policy(5), APPROVALS"});
    }
    signers_ = load_signers(context, settings_);
    asker_ = observe_asker(settings_);
    if (asker_.people.empty()) {
      throw Error(
          ErrorCode::Denied,
          "uid " + std::to_string(asker_.uid) +
              " is nobody in [approvals.people]: who asks must be known, or they could "
              "approve themselves",
          {"whoever keeps the configuration adds them there: prodaccess-policy(5), APPROVALS"});
    }
  }

  // The people of the first approval that holds; it is used up by this. Absent: none does.
  std::optional<std::vector<std::string>> try_files(const std::vector<ApprovalFile>& files,
                                                    std::vector<std::string>& problems) {
    for (const ApprovalFile& file : files) {
      std::vector<ApprovalFile> same;
      for (const ApprovalFile& other : files) {
        if (other.line == file.line) same.push_back(other);
      }
      if (auto people = try_statement(same, problems)) return people;
    }
    return std::nullopt;
  }

  // The request that waits for an answer; made where there is none.
  std::filesystem::path request() {
    const WallTime now = std::chrono::floor<Seconds>(context_.clock().wall_now());
    asked_.not_before = now;
    asked_.not_after = now + settings_.validity;
    asked_.nonce = hex(context_.random().bytes(16));
    const auto path = store_.write_request(asked_, now);
    const auto text = context_.files().read(path, Owner::Me, kLargest);
    if (text) nonce_ = parse_statement(*text).nonce;
    return path;
  }

  std::vector<ApprovalFile> places() {
    return nonce_.empty() ? std::vector<ApprovalFile>{}
                          : approvals_in_places(context_, settings_, nonce_);
  }

  // "2 of sre-leads, not ana".
  std::string who() const {
    return join(missing_people(needs_, {}, settings_), ", ") + ", not " +
           join({asker_.people.begin(), asker_.people.end()}, " or ");
  }

 private:
  std::optional<std::vector<std::string>> try_statement(const std::vector<ApprovalFile>& same,
                                                        std::vector<std::string>& problems) {
    const WallTime now = context_.clock().wall_now();
    const ApprovalStatement& approved = same.front().statement;
    std::vector<std::string> found = mismatches(approved, asked_, settings_, now);
    const ApprovalFindings findings =
        check_signatures(same, needs_, security_key_, settings_, signers_, asker_, now);
    found.insert(found.end(), findings.problems.begin(), findings.problems.end());
    if (found.empty()) {
      store_.use(approved);
      return std::vector<std::string>(findings.people.begin(), findings.people.end());
    }
    problems.insert(problems.end(), found.begin(), found.end());
    return std::nullopt;
  }

  Context& context_;
  ApprovalStatement asked_;
  const std::vector<ApprovalNeed>& needs_;
  bool security_key_;
  ApprovalSettings settings_;
  ApprovalStore store_;
  AllowedSigners signers_;
  Asker asker_;
  std::string nonce_;
};

std::vector<std::string> wait_for_approval(Context& context, Gate& gate, Seconds patience) {
  const BootTime end = context.clock().boot_now() + patience;
  std::vector<std::string> problems;
  while (true) {
    problems.clear();
    if (auto people = gate.try_files(gate.places(), problems)) return *people;
    if (context.clock().boot_now() >= end) break;
    std::this_thread::sleep_for(kPoll);
  }
  throw Error(ErrorCode::ApprovalRequired, "nobody approved within " + format_duration(patience),
              std::move(problems));
}

// What the configured command prints: a fetch that leaves files in a place prints nothing.
std::string fetched(Context& context, const std::vector<std::string>& command) {
  if (command.empty()) return {};
  const auto program = find_program(command.front(), context.search_path());
  if (!program) throw Error(ErrorCode::NotFound, "there is no command " + command.front());
  HelperRun run;
  run.program = program->path;
  run.argv = command;
  run.output_limit = kLargest;
  const HelperResult result = run_helper(run);
  if (!result.good()) warn(command.front() + " " + result.description(run));
  return std::string(result.output.view());
}

}  // namespace

ApprovalSettings approval_settings(Context& context) {
  ApprovalSettings settings = read_approval_settings(context.config().approvals);
  std::set<std::string> names;
  for (const auto& [name, needs] : settings.roles) names.insert(name);
  if (settings.break_glass) names.merge(std::set<std::string>(settings.break_glass->roles));
  for (const std::string& name : names) {
    if (context.config().roles.contains(name)) continue;
    throw Error(ErrorCode::Config,
                context.config().approvals.position().text() + ": [approvals] speaks of a role '" +
                    escape_for_terminal(name) + "', which there is not",
                {"prodaccess roles   lists those that there are"});
  }
  return settings;
}

std::vector<ApprovalFile> read_approval_files(Context& context,
                                              const std::vector<std::string>& names) {
  std::vector<ApprovalFile> files;
  for (const std::string& name : names) {
    const auto text = context.files().read_untrusted(name, kLargest);
    if (!text)
      throw Error(ErrorCode::NotFound, "there is no file " + escape_for_terminal(name),
                  {"prodaccess approvals   lists those that there are"});
    files.push_back(parse_approval_file(*text));
  }
  return files;
}

AllowedSigners load_signers(Context& context, const ApprovalSettings& settings) {
  const Owner owner = context.config().self_governed ? Owner::RootOrMe : Owner::Root;
  const auto text = context.files().read(settings.allowed_signers, owner);
  if (!text) {
    throw Error(ErrorCode::Config, settings.allowed_signers + " is not there: nobody can approve",
                {"a line for each key, as of allowed_signers in ssh-keygen(1): "
                 "prodaccess-policy(5), APPROVALS"});
  }
  return AllowedSigners::parse(*text, settings.allowed_signers);
}

Asker observe_asker(const ApprovalSettings& settings) {
  const Requester requester = observe_requester();
  Asker asker;
  asker.uid = requester.uid;
  if (auto person = settings.person_of(requester.uid)) asker.people.insert(*person);
  if (requester.login_uid) {
    if (auto person = settings.person_of(*requester.login_uid)) asker.people.insert(*person);
  }
  return asker;
}

void fill_in_asker(ApprovalStatement& asked) {
  const Requester requester = observe_requester();
  asked.machine = requester.host;
  asked.uid = requester.uid;
  asked.requester = requester.account;
}

std::vector<ApprovalFile> approvals_in_places(Context& context, const ApprovalSettings& settings,
                                              const std::string& nonce) {
  std::vector<std::string> texts{fetched(context, settings.command)};
  for (const std::string& place : settings.places) {
    for (std::string& text : read_folder_texts(place, ".approved", kLargest, kMostFiles)) {
      texts.push_back(std::move(text));
    }
  }
  return approvals_of(texts, nonce);
}

std::vector<std::string> require_approval(Context& context, ApprovalStatement asked,
                                          const std::vector<ApprovalNeed>& needs, bool security_key,
                                          const ApprovalAnswers& answers) {
  std::vector<ApprovalFile> given = read_approval_files(context, answers.files);
  // One command line may need a role's approval and a command's.
  std::erase_if(given, [kind = asked.kind, only = given.size() == 1](const ApprovalFile& file) {
    return !only && file.statement.kind != kind;
  });
  Gate gate(context, std::move(asked), needs, security_key);
  std::vector<std::string> problems;
  if (!given.empty()) {
    if (auto people = gate.try_files(given, problems)) return *people;
    throw Error(ErrorCode::Denied, "the approval does not hold: " + join(problems, "; "),
                {"run the command again without --approval: it makes a new request to sign"});
  }
  const std::filesystem::path request = gate.request();
  if (auto people = gate.try_files(gate.places(), problems)) return *people;
  const std::string approve =
      "prodaccess approve --file " + shell_quote(request.string()) + "   (" + gate.who() + ")";
  if (answers.wait) {
    warn("waiting for an approval: " + approve);
    return wait_for_approval(context, gate, *answers.wait);
  }
  std::vector<std::string> hints{approve};
  std::filesystem::path approved = request;
  approved.replace_extension(".approved");
  if (!answers.retry_line.empty()) {
    hints.push_back(answers.retry_line + " --approval " + shell_quote(approved.string()) + " ...");
  }
  hints.insert(hints.end(), problems.begin(), problems.end());
  throw DetailedError(Error(ErrorCode::ApprovalRequired, "this needs an approval"),
                      std::move(hints),
                      {{"request", request.string()}, {"approval", approved.string()}});
}

}  // namespace prodaccess
