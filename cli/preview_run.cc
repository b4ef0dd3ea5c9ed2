#include "cli/preview_run.h"

#include "cli/child_run.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/records.h"
#include "core/base/text.h"
#include "core/ledger/ledger.h"
#include "core/ledger/redact.h"
#include "core/os/helper_program.h"
#include "core/os/program.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kDeadline{120'000};
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

// One helper command, with the credential of the tier.
Ran run_one(Context& context, CredentialSource& source, Tier tier,
            const std::vector<std::string>& argv) {
  const auto program = find_program(argv.front(), context.search_path());
  if (!program) {
    throw Error(ErrorCode::Denied, "the preview needs " + argv.front() + ", which is not there");
  }
  const std::string session = new_session_id(context);
  record_preview(context, source, session, argv);
  HelperRun run;
  run.program = program->path;
  run.argv = argv;
  run.environment = helper_environment(context, source, tier);
  const CredentialFiles files(source.role(), source.credential(tier));
  run.given = files.descriptors();
  for (auto& variable : files.variables(3)) run.environment.push_back(std::move(variable));
  run.folder = std::filesystem::current_path();
  run.deadline = kDeadline;
  const HelperResult result = run_helper(run);
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
  throw Error(ErrorCode::Denied, "the preview " + why + "; nothing was run" +
                                     (said.empty() ? "" : ": " + escape_for_terminal(said)));
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

const Invocation* planned_part(const Invocation& invocation) {
  if (invocation.preview.kind == PreviewKind::Plan) return &invocation;
  for (const Invocation& part : invocation.parts) {
    if (const Invocation* found = planned_part(part)) return found;
  }
  return nullptr;
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
    warn("previewing: " + CommandLine{preview.argv}.quoted());
    const Ran ran =
        run_one(context, source, preview.wide_tier ? Tier::Wide : Tier::Read, preview.argv);
    outcome.ending = judge_ending(preview, ran);
    outcome.kind = preview.kind;
    if (preview.output_is_count) {
      counted = counted_in(ran.output);
      if (!counted) stop("did not count", ran);
      outcome.ending = std::to_string(*counted) + " rows";
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
  warn("planning: " + CommandLine{preview.argv}.quoted());
  const Ran made = run_one(context, source, preview.wide_tier ? Tier::Wide : Tier::Read,
                           with_plan(preview.argv, plan));
  if (!made.good) stop(made.description, made);
  const Ran shown = run_one(context, source, Tier::Read, with_plan(preview.show_argv, plan));
  if (!shown.good) stop(shown.description, shown);
  ReadPlan result;
  result.outcome.kind = PreviewKind::Plan;
  result.outcome.summary = summarize_plan(shown.output);
  result.outcome.ending = "planned; exactly this plan is applied";
  add_lines(result.outcome, last_line(made.output));
  apply_plan(judgement.invocation, result.outcome.summary);
  result.apply = with_plan(preview.apply_argv, plan);
  bind_file(context, judgement, plan);
  return result;
}

}  // namespace prodaccess
