// prodaccess hook: answers a coding agent's "may I run this?".
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/hook_format.h"
#include "cli/judgement.h"
#include "cli/output.h"
#include "cli/policy_text.h"
#include "core/base/text.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargest = 4U << 20;
// The status by which every one of these agents takes a hook's failure as a refusal.
constexpr int kBlocked = 2;

struct HookOptions {
  std::string format;
  std::string role;
};

// `prodaccess exec` checks what it runs itself, approval and all; so it may be started.
bool is_guarded(const Invocation& part) {
  if (part.wrappers.empty()) return false;
  const std::string& outermost = part.wrappers.front();
  return outermost == "prodaccess exec" || outermost.rfind("prodaccess exec ", 0) == 0;
}

// The command without what `prodaccess exec` will judge.
Invocation without_guarded(const Invocation& whole) {
  if (is_guarded(whole)) {
    Invocation nothing;
    nothing.effect = Effect::Read;
    nothing.reasons = {"prodaccess exec judges it"};
    return nothing;
  }
  Invocation rest = whole;
  Effect before = Effect::Read;
  Effect after = Effect::Read;
  for (Invocation& part : rest.parts) {
    before = worse(before, worst_effect(part));
    part = without_guarded(part);
    after = worse(after, worst_effect(part));
  }
  if (!rest.parts.empty() && rest.effect <= before) rest.effect = after;
  return rest;
}

std::string how_to_get_it(const HookCall& call, const Decision& decision) {
  const std::string command =
      call.argv.empty() ? "bash -c " + shell_quote(call.line) : CommandLine{call.argv}.quoted();
  if (decision.verdict == Verdict::Deny) return "Do not try again in another form.";
  return "To get it approved: run `prodaccess exec --json -- " + command +
         "`, which writes a request; somebody else signs it with `prodaccess approve --file "
         "REQUEST`; then run it with `prodaccess exec --approval FILE -- ...`.";
}

HookAnswer answer_for(const HookCall& call, const Judgement& judgement) {
  const Decision& decision = judgement.decision;
  const std::string effect(effect_name(worst_effect(judgement.invocation)));
  if (decision.verdict == Verdict::Allow) {
    const bool read = worst_effect(judgement.invocation) == Effect::Read;
    return {read ? HookPermission::Allow : HookPermission::NoOpinion, effect + ": allowed"};
  }
  std::vector<std::string> why{effect + ", rule " + decision.rule.id + ": " +
                               decision_phrase(decision)};
  why.insert(why.end(), decision.reasons.begin(), decision.reasons.end());
  if (!decision.message.empty()) why.push_back(decision.message);
  return {HookPermission::Deny,
          escape_for_terminal(join(why, ". ")) + ". " + how_to_get_it(call, decision)};
}

// The answer, and its exit status. A refusal says who refuses; on stderr `warn` does.
int give(HookFormat format, HookAnswer answer) {
  const bool denied = answer.permission == HookPermission::Deny;
  const std::string reason = answer.reason;
  if (denied) answer.reason = "prodaccess: " + reason;
  print_json(hook_answer_json(format, answer));
  if (!denied || !refuses_by_status(format)) return kDone;
  warn(reason);
  return kBlocked;
}

HookAnswer judge(const HookOptions& options, Context& context, const HookCall& call) {
  if (!call.runs_command) return {HookPermission::NoOpinion, "no command"};
  Judgement judgement = call.argv.empty() ? understand_line(context, call.line)
                                          : understand_command(context, CommandLine{call.argv});
  judgement.invocation = without_guarded(judgement.invocation);
  const Role* role = options.role.empty() ? nullptr : &context.config().role(options.role);
  decide_command(context, judgement, role, nullptr, IdentityClass::Agent);
  return answer_for(call, judgement);
}

int run(const HookOptions& options, Context& context) {
  const auto forced = parse_hook_format(options.format);
  HookFormat format = forced.value_or(HookFormat::Generic);
  try {
    const auto text = context.files().read_untrusted("/dev/stdin", kLargest);
    const HookCall call = parse_hook_call(text.value_or(""), forced);
    format = call.format;
    return give(format, judge(options, context, call));
  } catch (const Error& error) {
    // Whatever fails, nothing is let through.
    const std::string why = std::string("this could not be judged: ") + error.what();
    if (give(format, {HookPermission::Deny, why}) == kDone) warn(why);
    return kBlocked;
  }
}

}  // namespace

void add_hook(Command& root) {
  auto options = std::make_shared<HookOptions>();
  Command& command = root.add("hook", "answer a coding agent's question before it runs a command");
  command.describe(
      "Reads the question as JSON on standard input and answers as JSON, with the decision that "
      "exec\nwould take for class agent. A read is allowed; other allowed commands are left to the "
      "agent's own\nrules; the rest is denied with the way to get it approved. Commands under "
      "`prodaccess exec` pass:\nexec checks them. The format is told by the question's fields; "
      "each "
      "as its documentation says:\n\n"
      "  Claude Code 2 (PreToolUse; onFailure since 2.1.295), ~/.claude/settings.json:\n"
      "    {\"hooks\": {\"PreToolUse\": [{\"matcher\": \"Bash\", \"hooks\": [{\"type\": "
      "\"command\",\n"
      "      \"command\": \"prodaccess hook\", \"onFailure\": \"block\"}]}]}}\n"
      "  VS Code 1.110 (PreToolUse, preview), .github/hooks/prodaccess.json:\n"
      "    {\"hooks\": {\"PreToolUse\": [{\"type\": \"command\", \"command\": \"prodaccess "
      "hook\"}]}}\n"
      "  Codex CLI 0.124 (PreToolUse; to be trusted in it once), ~/.codex/config.toml:\n"
      "    [[hooks.PreToolUse]]\n    [[hooks.PreToolUse.hooks]]\n    type = \"command\"\n"
      "    command = \"prodaccess hook || exit 2\"\n"
      "  Gemini CLI with hooks, 2026 (BeforeTool), ~/.gemini/settings.json:\n"
      "    {\"hooks\": {\"BeforeTool\": [{\"matcher\": \"run_shell_command\",\n"
      "      \"hooks\": [{\"type\": \"command\", \"command\": \"prodaccess hook || exit 2\"}]}]}}\n"
      "  Cursor 1.7 (beforeShellExecution), ~/.cursor/hooks.json:\n"
      "    {\"version\": 1, \"hooks\": {\"beforeShellExecution\": [{\"command\": \"prodaccess "
      "hook\",\n      \"failClosed\": true}]}}\n"
      "  Copilot CLI 1 and cloud agent (preToolUse), ~/.copilot/hooks/ or .github/hooks/, a .json "
      "file:\n"
      "    {\"version\": 1, \"hooks\": {\"preToolUse\": [{\"type\": \"command\", \"bash\": "
      "\"prodaccess hook\"}]}}\n"
      "  Cline 3.36 (PreToolUse), an executable ~/Documents/Cline/Hooks/PreToolUse:\n"
      "    #!/bin/sh\n    exec prodaccess hook\n"
      "  Windsurf Cascade (pre_run_command, beta), ~/.codeium/windsurf/hooks.json:\n"
      "    {\"hooks\": {\"pre_run_command\": [{\"command\": \"prodaccess hook || exit 2\"}]}}\n"
      "  Kiro CLI (preToolUse), in the agent's configuration:\n"
      "    {\"hooks\": {\"preToolUse\": [{\"matcher\": \"execute_bash\", \"command\": \"prodaccess "
      "hook\"}]}}\n"
      "  OpenCode: a plug-in whose tool.execute.before hands {\"tool\", \"args\"} over and throws "
      "the "
      "reason.\n"
      "  Anything else: {\"command\": \"...\"}.\n\n"
      "With `|| exit 2` a program that is missing refuses as well. Where an agent may go on "
      "although its hook failed (a missing program, a timeout), only its "
      "own "
      "rules\nand the credential that it does not have hold it back: see prodaccess-policy(5).");
  command.option("--format", &options->format, "FORMAT", "the agent's format, where it is known")
      .one_of(hook_format_names());
  command.option("--role", &options->role, "ROLE", "judge under this role").completes("roles");
  command.example("echo '{\"command\": \"kubectl delete pod x\"}' | prodaccess hook");
  command.exit_status("0", "answered");
  command.exit_status("2", "denied by the status: not understood, or the agent reads no answer");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
