// hook_format: the pre-execution hooks of coding agents, as they ask and as they want the answer.
//
//   claude    Claude Code 2, PreToolUse               hookSpecificOutput.permissionDecision
//   vscode    VS Code 1.110 (preview), PreToolUse     the same form
//   codex     OpenAI Codex CLI 0.124, PreToolUse      the same form, deny only
//   gemini    Gemini CLI (2026), BeforeTool            decision
//   cursor    Cursor 1.7, beforeShellExecution        permission
//   copilot   GitHub Copilot CLI 1, cloud agent       permissionDecision
//   cline     Cline 3.36, PreToolUse                  cancel
//   windsurf  Windsurf Cascade, pre_run_command       exit status 2, the reason on stderr
//   kiro      Kiro CLI, preToolUse                    exit status 2, the reason on stderr
//   opencode  OpenCode plug-in, tool.execute.before   decision, for a plug-in to throw
//   generic   {"command": "line" or ["argv", ...]}    decision
//
// Sources: code.claude.com/docs/en/hooks, code.visualstudio.com/docs/copilot/customization/hooks,
// developers.openai.com/codex/hooks, geminicli.com/docs/hooks/reference, cursor.com/docs/hooks,
// docs.github.com/copilot/reference/hooks-reference,
// docs.cline.bot/features/hooks/hook-reference, docs.windsurf.com/windsurf/cascade/hooks,
// kiro.dev/docs/cli/hooks, opencode.ai/docs/plugins. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace prodaccess {

enum class HookFormat {
  Claude,
  VsCode,
  Codex,
  Gemini,
  Cursor,
  Copilot,
  Cline,
  Windsurf,
  Kiro,
  OpenCode,
  Generic,
};

std::optional<HookFormat> parse_hook_format(std::string_view name);
std::vector<std::string> hook_format_names();

// What an agent is about to do.
struct HookCall {
  HookFormat format = HookFormat::Generic;
  bool runs_command = false;      // else a tool of its own, which is none of our business
  std::string line;               // as a shell will read it, or
  std::vector<std::string> argv;  // as words
};

// `forced`: the format that the command line names; else it is told by its fields. Throws
// Error{Usage} for text that is none of these, or a command that is no text.
HookCall parse_hook_call(std::string_view text, std::optional<HookFormat> forced);

enum class HookPermission {
  Allow,      // a read: nobody needs to be asked
  NoOpinion,  // allowed by us; the agent's own rules go on
  Deny,
};

struct HookAnswer {
  HookPermission permission = HookPermission::Deny;
  std::string reason;  // for the agent: why, and what to do to get it approved
};

// Whether the agent reads a refusal from the exit status and stderr, and not from the answer.
bool refuses_by_status(HookFormat format);

// One JSON object, as the format wants it.
Json hook_answer_json(HookFormat format, const HookAnswer& answer);

}  // namespace prodaccess
