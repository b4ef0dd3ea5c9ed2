// prodaccess policy explain: what a command would do, and what the policy says of it. Runs nothing.
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/explanation_text.h"
#include "cli/output.h"
#include "core/base/text.h"
#include "core/command/explain.h"
#include "core/command/pack/pack_set.h"
#include "core/command/understand.h"
#include "core/os/files.h"
#include "core/os/input_records.h"
#include "core/policy/decide.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargestJudgedFile = 1U << 20U;
constexpr std::size_t kOutputAtOnce = 64U << 10U;

struct ExplainOptions {
  std::string line;
  bool batch = false;
  bool nul = false;
  std::vector<std::string> words;
};

// Decides for whoever asks, outside any grant.
class Judge final : public VerdictSource {
 public:
  explicit Judge(Context& context) : policy_(context.policy()) {
    context_.identity = context.actor().identity;
    context_.terminal = context.has_terminal();
    context_.now = context.clock().wall_now();
  }

  Decision decide_on(const Invocation& invocation) const {
    return decide(policy_, invocation, context_);
  }
  ExplainedVerdict verdict(const Invocation& invocation) override {
    Decision decision = decide_on(invocation);
    ExplainedVerdict explained;
    explained.verdict = verdict_name(decision.verdict);
    explained.rule_id = std::move(decision.rule.id);
    explained.rule_source = std::move(decision.rule.source);
    explained.reasons = std::move(decision.reasons);
    for (RuleReference& rule : decision.considered)
      explained.considered.push_back(std::move(rule.id));
    return explained;
  }

 private:
  const Policy& policy_;
  DecisionContext context_;
};

// One line of a batch: the object, or, should our own code fail, an opaque one that says so.
void explain_line(std::string_view line, const PackSet& packs, const Surroundings& surroundings,
                  Judge& judge, std::string& out) {
  const std::size_t before = out.size();
  try {
    JsonWriter json(out);
    write_explanation(json, line, understand_shell(line, packs, surroundings), judge);
  } catch (const std::exception& error) {
    out.resize(before);
    Invocation failed;
    failed.opaque_cause = OpaqueCause::Limit;
    failed.reasons.push_back(std::string("it could not be explained: ") + error.what());
    JsonWriter json(out);
    write_explanation(json, line, failed, judge);
  }
  out += '\n';
}

// Reads commands from standard input until its end; one object a line, in the same order. What a
// command names is not read: the lines need not be of this machine.
int explain_batch(const ExplainOptions& options, Context& context, Judge& judge) {
  const PackSet& packs = context.packs();
  Surroundings surroundings;
  surroundings.postgres = &context.postgres_parser();
  InputRecords lines(0, options.nul ? '\0' : '\n');
  std::string out;
  while (const std::optional<std::string_view> line = lines.next()) {
    explain_line(*line, packs, surroundings, judge, out);
    if (out.size() < kOutputAtOnce && !lines.must_read()) continue;
    print_raw(out);
    out.clear();
  }
  print_raw(out);
  return kDone;
}

int explain_one(const ExplainOptions& options, Context& context, Judge& judge) {
  Surroundings surroundings;
  surroundings.postgres = &context.postgres_parser();
  surroundings.environment = context.environment();
  surroundings.read_file = [&](const std::string& name) -> std::optional<std::string> {
    try {
      return context.files().read_untrusted(std::filesystem::absolute(name), kLargestJudgedFile);
    } catch (const Error&) {
      return std::nullopt;  // unreadable is opaque, and says so
    }
  };
  const CommandLine command{options.words};
  const bool line = !options.line.empty();
  const Invocation invocation = line ? understand_shell(options.line, context.packs(), surroundings)
                                     : understand(command, context.packs(), surroundings);
  const std::string text = line ? options.line : command.quoted();
  if (context.json()) {
    std::string out;
    JsonWriter json(out);
    write_explanation(json, text, invocation, judge);
    print_raw(out + "\n");
  } else {
    for (const std::string& row : explanation_text(text, invocation, judge.decide_on(invocation))) {
      print_line(row);
    }
  }
  return kDone;
}

int explain(const ExplainOptions& options, Context& context) {
  const int given =
      (options.line.empty() ? 0 : 1) + (options.words.empty() ? 0 : 1) + (options.batch ? 1 : 0);
  if (given != 1) {
    throw Error(ErrorCode::Usage, "give one of --shell LINE, --batch and -- COMMAND",
                {"prodaccess policy explain -- kubectl delete pod web-1",
                 "prodaccess policy explain --shell 'kubectl get pods | wc -l'"});
  }
  if (options.nul && !options.batch) {
    throw Error(ErrorCode::Usage, "-0 is for --batch",
                {"printf 'ls\\0' | prodaccess policy explain --batch --json -0"});
  }
  if (options.batch && !context.json()) {
    throw Error(ErrorCode::Usage, "--batch prints JSON only: add --json",
                {"prodaccess policy explain --batch --json < commands.txt"});
  }
  Judge judge(context);
  return options.batch ? explain_batch(options, context, judge)
                       : explain_one(options, context, judge);
}

}  // namespace

void add_policy_explain(Command& policy) {
  auto options = std::make_shared<ExplainOptions>();
  Command& command = policy.add("explain", "show what a command would do, the verdict, and why");
  command.describe(
      "Understands the command and decides on it, and runs nothing. It needs no grant, no keyring "
      "and no configuration.\n\n"
      "With --json it prints one object: command, effect, kind, verdict, tool, action, targets, "
      "reversible, rule (id, source), reasons, preview (kind, argv, tier), and parts, which holds "
      "the same for each inner command. Fields are added, never renamed.\n\n"
      "With --batch --json it reads shell commands from standard input, one a line (or, with -0, "
      "each ended by a NUL, so that a command may hold newlines), and prints one object a line in "
      "the same order. A line that cannot be understood gives an opaque object with a reason. "
      "Files and variables that such a command names are not read.");
  command.option("--shell", &options->line, "LINE", "a line as a shell would read it");
  command.flag("--batch", &options->batch, "read shell commands from standard input");
  command.flag("-0", &options->nul, "with --batch: each command ends with a NUL, not a newline");
  command.rest("COMMAND", &options->words, "the command and its arguments").optional();
  command.example("prodaccess policy explain -- kubectl delete pod web-1 -n prod");
  command.example("prodaccess policy explain --json --shell 'cd /srv && rm -rf data'");
  command.example("prodaccess policy explain --batch --json < commands.txt");
  command.exit_status("0", "it could be explained, whatever the verdict");
  command.runs([options](Context& context) { return explain(*options, context); });
}

}  // namespace prodaccess
