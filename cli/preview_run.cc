#include "cli/preview_run.h"

#include "cli/child_run.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/records.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"
#include "core/ledger/redact.h"
#include "core/os/child_service.h"
#include "core/os/files.h"
#include "core/os/helper_program.h"
#include "core/os/program.h"
#include "core/policy/pulumi_preview.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kDeadline{120'000};
constexpr Milliseconds kPlanDeadline{15 * 60'000};
constexpr std::size_t kMostOutput = 1U << 20;
constexpr std::size_t kMostPlanOutput = 64U << 20;  // the JSON of thousands of resources
constexpr std::size_t kLargestPlan = 256U << 20;
constexpr std::size_t kLinesShown = 20;
constexpr std::size_t kReasonShown = 300;  // bytes of a line that may be a whole document

struct Ran {
  std::string output;
  std::string errors;
  bool good = false;
  std::string description;
};

std::vector<std::string> with_plan(std::vector<std::string> argv, const std::string& plan) {
  for (std::string& word : argv) {
    const std::size_t at = word.find("{plan}");
    if (at != std::string::npos) word.replace(at, 6, plan);
  }
  return argv;
}

void record_preview(Context& context, const CredentialSource& source, const std::string& session,
                    const std::vector<std::string>& argv) {
  LedgerRecord record = grant_record(RecordKind::Intent, source.grant(), session);
  record.text["action"] = "preview";
  record.text["command"] =
      CommandLine{context.redactor().words(argv, {}, source.role().record)}.quoted();
  context.ledger().append(record, Durability::Durable);
}

// Code of the project gets no more than the narrowest credential before a person has agreed: where
// nobody can be asked, that is the read tier's, also for a preview that would like the real one.
Tier preview_tier(Context& context, const CredentialSource& source, const Invocation& part) {
  if (!part.preview.wide_tier) return Tier::Read;
  const bool asks_a_person = context.actor().identity == IdentityClass::Human;
  const bool narrow = part.runs_project_code && !asks_a_person &&
                      context.provider(source.role()).has_tiers(source.role());
  return narrow ? Tier::Read : Tier::Wide;
}

// A preview that runs code of the project is a command like any other for whoever cannot be asked:
// the rules must let it pass.
void check_preview_allowed(Context& context, const CredentialSource& source,
                           const Invocation& part) {
  if (!part.runs_project_code || context.actor().identity == IdentityClass::Human) return;
  const CommandLine command{part.preview.argv};
  Judgement preview = understand_command(context, command);
  decide_command(context, preview, &source.role(), &source.grant());
  if (preview.decision.verdict == Verdict::Allow) return;
  throw Error(ErrorCode::Denied,
              "rule " + preview.decision.rule.id + " does not let the preview run unasked: " +
                  command.quoted() + "; nothing was run",
              {"have a person run the command in a terminal, or make its plan and hand it over"});
}

// What a preview may take, and what it gets.
struct Bounds {
  Milliseconds deadline = kDeadline;
  std::size_t output = kMostOutput;
  std::vector<std::string> folded;
};

HelperResult run_with_credential(Context& context, CredentialSource& source, Tier tier,
                                 const std::string& session, HelperRun& run, const Bounds& bounds) {
  const Role& role = source.role();
  const ServedRun served = served_run(context, source, tier, session);
  const auto service = context.provider(role).serve(served);
  if (service) run.services.push_back(service.get());
  run.environment = helper_environment(context, source, tier, service.get(), bounds.folded);
  const CredentialFiles files(role, served.credential);
  run.given = files.descriptors();
  for (auto& variable : files.variables(3)) run.environment.push_back(std::move(variable));
  run.folder = std::filesystem::current_path();
  run.deadline = bounds.deadline;
  run.output_limit = bounds.output;
  return run_helper(run);
}

// One helper command, with the credential of the tier.
Ran run_one(Context& context, CredentialSource& source, Tier tier,
            const std::vector<std::string>& argv, const Bounds& bounds = {}) {
  const auto program = find_program(argv.front(), context.search_path());
  if (!program) {
    throw Error(ErrorCode::Denied, "the preview needs " + argv.front() + ", which is not there",
                {"install it, or have somebody approve the command: prodaccess approve --help"});
  }
  const std::string session = new_session_id(context);
  record_preview(context, source, session, argv);
  HelperRun run;
  run.program = program->path;
  run.argv = argv;
  const HelperResult result = run_with_credential(context, source, tier, session, run, bounds);
  LedgerRecord record = grant_record(RecordKind::Ended, source.grant(), session);
  record.text["ended_by"] = result.description(run);
  record.numbers["status"] = result.status;
  context.ledger().append(record, Durability::Written);
  return {std::string(result.output.view()), result.errors, result.good(), result.description(run)};
}

// The last thing a tool said on its way out, for the message of a refusal.
std::string last_line(const std::string& text) {
  std::string last;
  for (const std::string& line : split(text, '\n')) {
    if (!trim(line).empty()) last = trim(line);
  }
  return last;
}

// The line that says why: psql's last one is a caret under the place, others end with advice.
std::string reason_line(const std::string& text) {
  for (const std::string& line : split(text, '\n')) {
    if (to_lower(line).find("error") != std::string::npos) return std::string(trim(line));
  }
  return last_line(text);
}

[[noreturn]] void stop(const std::string& why, const Ran& ran) {
  const std::string said =
      reason_line(ran.errors.empty() ? ran.output : ran.errors).substr(0, kReasonShown);
  throw Error(ErrorCode::Denied,
              "the preview " + why + "; nothing was run" +
                  (said.empty() ? "" : ": " + escape_for_terminal(said)),
              {"mend what the preview says, then run it again"});
}

bool contains(const Ran& ran, const std::string& text) {
  return !text.empty() &&
         (ran.output.find(text) != std::string::npos || ran.errors.find(text) != std::string::npos);
}

// "would succeed (DryRunOperation)", or a stop.
std::string judge_ending(const Preview& preview, const Ran& ran) {
  if (contains(ran, preview.denied_text)) stop("was denied", ran);
  if (!preview.success_text.empty()) {
    if (!contains(ran, preview.success_text)) stop("did not succeed", ran);
    return "would succeed (" + preview.success_text + ")";
  }
  if (!ran.good) stop(ran.description, ran);
  return preview.kind == PreviewKind::Native ? "would succeed" : "the targets were read";
}

std::optional<PreviewSummary> digest_of(const Preview& preview, const Ran& ran) {
  if (!preview.output_is_digest) return std::nullopt;
  return summarize_pulumi_digest(ran.output);
}

std::optional<std::int64_t> counted_in(const std::string& output) {
  std::optional<std::int64_t> count;
  for (const std::string& line : split(output, '\n')) {
    const std::string_view text = trim(line);
    if (text.empty() || text.size() > 18 ||
        text.find_first_not_of("0123456789") != std::string_view::npos) {
      continue;
    }
    if (count) return std::nullopt;  // two numbers: neither is the count
    count = std::stoll(std::string(text));
  }
  return count;
}

void add_lines(PreviewOutcome& outcome, const std::string& text) {
  for (const std::string& line : split(text, '\n')) {
    if (!trim(line).empty() && outcome.output.size() < kLinesShown) outcome.output.push_back(line);
  }
}

void collect_destructive(const Invocation& invocation, std::vector<const Invocation*>& found) {
  if (invocation.parts.empty() && invocation.effect == Effect::Destructive) {
    found.push_back(&invocation);
  } else if (invocation.effect == Effect::Destructive &&
             invocation.preview.kind != PreviewKind::None) {
    found.push_back(&invocation);
    return;
  }
  for (const Invocation& part : invocation.parts) collect_destructive(part, found);
}

// What is applied must be all that the command does: a whole that only carries its part's preview
// is not it.
const Invocation* planned_part(const Invocation& invocation) {
  for (const Invocation& part : invocation.parts) {
    if (const Invocation* found = planned_part(part)) return found;
  }
  return invocation.preview.kind == PreviewKind::Plan ? &invocation : nullptr;
}

// Makes the plan of `part` at `plan`.
void make_plan(Context& context, CredentialSource& source, const Invocation& part,
               const std::string& plan, const Bounds& bounds) {
  check_preview_allowed(context, source, part);
  const std::vector<std::string> argv = with_plan(part.preview.argv, plan);
  warn("planning: " + CommandLine{part.preview.argv}.quoted());
  const Tier tier = preview_tier(context, source, part);
  const Ran made = run_one(context, source, tier, argv, bounds);
  if (!made.good) stop(made.description, made);
}

// Copies the plan that the line names to `plan`, and returns its SHA-256.
std::string copy_plan(Context& context, const std::string& saved, const std::string& plan) {
  const auto content =
      context.files().read_untrusted(std::filesystem::absolute(saved), kLargestPlan);
  if (!content) {
    throw Error(ErrorCode::Denied,
                "there is no plan " + escape_for_terminal(saved) + "; nothing was run",
                {"without a plan's name it is planned anew, and shown"});
  }
  context.files().write(plan, *content);
  return sha256_hex(*content);
}

std::vector<std::string> item_lines(const PreviewSummary& summary) {
  std::vector<std::string> lines;
  for (const PreviewSummary::Item& item : summary.items) {
    if (lines.size() == kLinesShown) {
      lines.push_back("... and " + std::to_string(summary.items.size() - kLinesShown) + " more");
      break;
    }
    lines.push_back(item.operation + "  " + item.target);
  }
  return lines;
}

std::string counts_text(const PreviewSummary& summary) {
  std::vector<std::string> texts;
  for (const auto& [operation, count] : summary.counts) {
    texts.push_back(std::to_string(count) + " to " + operation);
  }
  return texts.empty() ? "nothing to change" : join(texts, ", ");
}

}  // namespace

PreviewOutcome run_previews(Context& context, const Judgement& judgement,
                            CredentialSource& source) {
  std::vector<const Invocation*> parts;
  collect_destructive(judgement.invocation, parts);
  PreviewOutcome outcome;
  outcome.ending = "this command has none";
  std::optional<std::int64_t> counted;
  for (const Invocation* part : parts) {
    const Preview& preview = part->preview;
    if (preview.kind == PreviewKind::None || preview.kind == PreviewKind::Plan) continue;
    check_preview_allowed(context, source, *part);
    warn("previewing: " + CommandLine{preview.argv}.quoted());
    const Ran ran = run_one(context, source, preview_tier(context, source, *part), preview.argv);
    outcome.ending = judge_ending(preview, ran);
    outcome.kind = preview.kind;
    if (preview.output_is_count) {
      counted = counted_in(ran.output);
      if (!counted) stop("did not count", ran);
      outcome.ending = std::to_string(*counted) + " rows";
    } else if (auto digest = digest_of(preview, ran); digest && parts.size() == 1) {
      outcome.summary = std::move(*digest);
      outcome.output = item_lines(outcome.summary);
      outcome.ending = counts_text(outcome.summary);
      return outcome;
    } else {
      add_lines(outcome, ran.output);
    }
  }
  outcome.summary = summarize(judgement.invocation, counted);
  return outcome;
}

std::optional<ReadPlan> read_plan(Context& context, Judgement& judgement, CredentialSource& source,
                                  const std::string& session) {
  const Invocation* part = planned_part(judgement.invocation);
  if (part == nullptr) return std::nullopt;
  if (part != &judgement.invocation) {
    throw Error(ErrorCode::Denied,
                "a plan inside another command cannot be read first; nothing was run",
                {"run the command by itself"});
  }
  const Preview preview = part->preview;
  const std::string plan = (context.private_folder(session) / "plan").string();
  const Bounds bounds{kPlanDeadline, kMostPlanOutput, preview.folded};
  std::string digest;
  if (preview.saved_plan.empty()) {
    make_plan(context, source, *part, plan, bounds);
  } else {
    digest = copy_plan(context, preview.saved_plan, plan);
  }
  const Ran shown =
      run_one(context, source, Tier::Read, with_plan(preview.show_argv, plan), bounds);
  if (!shown.good) stop(shown.description, shown);
  ReadPlan result;
  PreviewOutcome& outcome = result.outcome;
  outcome.kind = PreviewKind::Plan;
  outcome.summary = summarize_plan(shown.output);
  apply_plan(judgement.invocation, outcome.summary);
  outcome.output = item_lines(outcome.summary);
  outcome.ending = counts_text(outcome.summary) + "; exactly this plan is applied";
  warn("the plan: " + counts_text(outcome.summary));
  if (!digest.empty()) outcome.summary.items.insert({"plan file", "sha256:" + digest});
  result.apply = with_plan(preview.apply_argv, plan);
  result.folded = preview.folded;
  judgement.plan_file = plan;
  bind_file(context, judgement, plan);
  if (judgement.files_read.at(plan).empty()) {
    throw Error(ErrorCode::Denied, "the plan is too large to be compared; nothing was run",
                {"plan a part of it: -target"});
  }
  return result;
}

}  // namespace prodaccess
