#include "cli/hook_format.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

struct FormatName {
  std::string_view name;
  HookFormat format;
};
constexpr std::array<FormatName, 11> kFormats{{{"claude", HookFormat::Claude},
                                               {"vscode", HookFormat::VsCode},
                                               {"codex", HookFormat::Codex},
                                               {"gemini", HookFormat::Gemini},
                                               {"cursor", HookFormat::Cursor},
                                               {"copilot", HookFormat::Copilot},
                                               {"cline", HookFormat::Cline},
                                               {"windsurf", HookFormat::Windsurf},
                                               {"kiro", HookFormat::Kiro},
                                               {"opencode", HookFormat::OpenCode},
                                               {"generic", HookFormat::Generic}}};

// The agents' names for the tool that runs a command, and parts of names that others may give it.
constexpr std::array<std::string_view, 10> kShellTools{
    "bash",         "shell",    "local_shell",      "run_shell_command", "execute_bash",
    "exec_command", "terminal", "run_terminal_cmd", "execute_command",   "powershell"};
constexpr std::array<std::string_view, 5> kShellWords{"bash", "shell", "terminal", "command",
                                                      "exec"};

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorCode::Usage, "this is no hook's question: " + why,
              {"prodaccess hook --help   lists the formats"});
}

// Cursor's and Kiro's events have one name; Cursor always says its version.
bool is_cursor(const Json& question, const std::string& event) {
  return question.contains("cursor_version") || event == "beforeShellExecution" ||
         (event == "preToolUse" && text_member(question, "tool_name") == "Shell");
}

HookFormat detect(const Json& question) {
  const std::string event = text_member(question, "hook_event_name");
  if (is_cursor(question, event)) return HookFormat::Cursor;
  if (event == "preToolUse") return HookFormat::Kiro;
  if (event == "BeforeTool") return HookFormat::Gemini;
  if (event == "PermissionRequest") fail("PermissionRequest comes too late; register PreToolUse");
  if (event == "PreToolUse") {
    return question.contains("turn_id") ? HookFormat::Codex : HookFormat::Claude;
  }
  if (question.contains("preToolUse")) return HookFormat::Cline;
  if (question.contains("agent_action_name")) return HookFormat::Windsurf;
  if (question.contains("toolName")) return HookFormat::Copilot;
  if (question.contains("tool_name")) return HookFormat::Claude;
  if (question.contains("tool") && question.contains("args")) return HookFormat::OpenCode;
  if (question.contains("command")) return HookFormat::Generic;
  fail("it has none of hook_event_name, toolName, tool and command");
}

bool is_shell_tool(const std::string& name) {
  return std::find(kShellTools.begin(), kShellTools.end(), to_lower(name)) != kShellTools.end();
}

bool may_be_shell_tool(const std::string& name) {
  const std::string lower = to_lower(name);
  return std::any_of(kShellWords.begin(), kShellWords.end(), [&lower](std::string_view word) {
    return lower.find(word) != std::string::npos;
  });
}

// A command as a line, or as words (Codex gives ["bash", "-lc", "..."] in some versions).
void take_command(const Json& holder, HookCall& call) {
  const auto command = holder.is_object() ? holder.find("command") : holder.end();
  if (!holder.is_object() || command == holder.end()) fail("it names no command");
  call.runs_command = true;
  if (command->is_string()) {
    call.line = command->get<std::string>();
    return;
  }
  if (!command->is_array() || command->empty()) fail("its command is no text");
  for (const Json& word : *command) {
    if (!word.is_string()) fail("its command is no text");
    call.argv.push_back(word.get<std::string>());
  }
}

// Arguments that come as an object, or as the text of one.
Json arguments_of(const Json& question, const char* key) {
  const auto found = question.find(key);
  if (found == question.end()) fail(std::string("it has no ") + key);
  return found->is_string() ? parse_json_strictly(found->get<std::string>(), key) : *found;
}

void take_tool_call(const Json& question, const char* tool, const char* arguments, HookCall& call) {
  const std::string name = text_member(question, tool);
  if (is_shell_tool(name)) return take_command(arguments_of(question, arguments), call);
  if (!may_be_shell_tool(name)) return;
  const Json given = arguments_of(question, arguments);
  if (given.is_object() && given.contains("command")) take_command(given, call);
}

const Json& object_at(const Json& question, const char* key) {
  const auto found = question.find(key);
  if (found == question.end() || !found->is_object()) fail(std::string("it has no ") + key);
  return *found;
}

// {"agent_action_name": "pre_run_command", "tool_info": {"command_line": "..."}}
void take_windsurf(const Json& question, HookCall& call) {
  if (text_member(question, "agent_action_name") != "pre_run_command") return;
  const Json& info = object_at(question, "tool_info");
  if (text_member(info, "command_line").empty()) fail("it names no command");
  call.runs_command = true;
  call.line = text_member(info, "command_line");
}

}  // namespace

std::optional<HookFormat> parse_hook_format(std::string_view name) {
  for (const FormatName& known : kFormats) {
    if (known.name == name) return known.format;
  }
  return std::nullopt;
}

std::vector<std::string> hook_format_names() {
  std::vector<std::string> names;
  for (const FormatName& known : kFormats) names.emplace_back(known.name);
  return names;
}

HookCall parse_hook_call(std::string_view text, std::optional<HookFormat> forced) {
  Json question;
  try {
    question = parse_json_strictly(text, "the question");
  } catch (const Error& error) {
    fail(error.what());
  }
  if (!question.is_object()) fail("it is no JSON object");
  HookCall call;
  call.format = forced ? *forced : detect(question);
  switch (call.format) {
    case HookFormat::Claude:
    case HookFormat::VsCode:
    case HookFormat::Codex:
    case HookFormat::Kiro:
    case HookFormat::Gemini: take_tool_call(question, "tool_name", "tool_input", call); break;
    case HookFormat::Cline:
      take_tool_call(object_at(question, "preToolUse"), "toolName", "parameters", call);
      break;
    case HookFormat::Windsurf: take_windsurf(question, call); break;
    case HookFormat::Copilot: take_tool_call(question, "toolName", "toolArgs", call); break;
    case HookFormat::OpenCode: take_tool_call(question, "tool", "args", call); break;
    case HookFormat::Cursor:
      if (question.contains("command")) {
        take_command(question, call);
      } else {
        take_tool_call(question, "tool_name", "tool_input", call);
      }
      break;
    case HookFormat::Generic: take_command(question, call); break;
  }
  return call;
}

bool refuses_by_status(HookFormat format) {
  return format == HookFormat::Windsurf || format == HookFormat::Kiro;
}

Json hook_answer_json(HookFormat format, const HookAnswer& answer) {
  const bool deny = answer.permission == HookPermission::Deny;
  const bool allow = answer.permission == HookPermission::Allow;
  switch (format) {
    case HookFormat::Claude:
    case HookFormat::VsCode:
    case HookFormat::Codex: {
      // Codex takes denials only; for both no decision leaves their own rules in charge.
      if (!deny && (!allow || format == HookFormat::Codex)) return Json::object();
      return {{"hookSpecificOutput",
               {{"hookEventName", "PreToolUse"},
                {"permissionDecision", deny ? "deny" : "allow"},
                {"permissionDecisionReason", answer.reason}}}};
    }
    case HookFormat::Gemini:
      if (!deny) return {{"decision", "allow"}};
      return {{"decision", "deny"}, {"reason", answer.reason}};
    case HookFormat::Cursor:
      if (!deny) return {{"permission", "allow"}};
      return {{"permission", "deny"},
              {"user_message", answer.reason},
              {"agent_message", answer.reason}};
    case HookFormat::Copilot:
      if (!deny && !allow) return Json::object();
      return {{"permissionDecision", deny ? "deny" : "allow"},
              {"permissionDecisionReason", answer.reason}};
    case HookFormat::Cline:
      if (!deny) return {{"cancel", false}};
      return {{"cancel", true}, {"errorMessage", answer.reason}};
    case HookFormat::Windsurf:
    case HookFormat::Kiro:
    case HookFormat::OpenCode:
    case HookFormat::Generic: break;
  }
  return {{"decision", deny ? "deny" : "allow"}, {"reason", answer.reason}};
}

}  // namespace prodaccess
