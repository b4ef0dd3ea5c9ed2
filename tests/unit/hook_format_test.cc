#include "cli/hook_format.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

using namespace prodaccess;

namespace {

HookCall parse(const std::string& text) { return parse_hook_call(text, std::nullopt); }

}  // namespace

TEST_CASE("the questions of the agents") {
  struct Row {
    const char* text;
    HookFormat format;
  };
  const std::vector<Row> rows{
      {R"({"session_id":"s","cwd":"/","hook_event_name":"PreToolUse","tool_name":"Bash",
           "tool_input":{"command":"ls","description":"x"}})",
       HookFormat::Claude},
      {R"({"turn_id":"t","hook_event_name":"PreToolUse","tool_name":"Bash",
           "tool_input":{"command":"ls"}})",
       HookFormat::Codex},
      {R"({"hook_event_name":"BeforeTool","tool_name":"run_shell_command",
           "tool_input":{"command":"ls"}})",
       HookFormat::Gemini},
      {R"({"hook_event_name":"beforeShellExecution","command":"ls","cwd":"/"})",
       HookFormat::Cursor},
      {R"({"timestamp":1,"cwd":"/","toolName":"bash","toolArgs":"{\"command\":\"ls\"}"})",
       HookFormat::Copilot},
      {R"({"toolName":"bash","toolArgs":{"command":"ls"}})", HookFormat::Copilot},
      {R"({"tool":"bash","args":{"command":"ls"}})", HookFormat::OpenCode},
      {R"({"command":"ls"})", HookFormat::Generic},
      {R"({"hook_event_name":"PreToolUse","tool_name":"run_in_terminal",
           "tool_input":{"command":"ls","explanation":"x"},"tool_use_id":"t"})",
       HookFormat::Claude},
      {R"({"cursor_version":"3.2","hook_event_name":"preToolUse","tool_name":"Shell",
           "tool_input":{"command":"ls"}})",
       HookFormat::Cursor},
      {R"({"hook_event_name":"preToolUse","cwd":"/","tool_name":"execute_bash",
           "tool_input":{"command":"ls"}})",
       HookFormat::Kiro},
      {R"({"clineVersion":"3.82","hookName":"PreToolUse","preToolUse":{"toolName":"execute_command",
           "parameters":{"command":"ls","requires_approval":"false"}}})",
       HookFormat::Cline},
      {R"({"agent_action_name":"pre_run_command","tool_info":{"command_line":"ls","cwd":"/"}})",
       HookFormat::Windsurf},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const HookCall call = parse(row.text);
    CHECK(call.format == row.format);
    CHECK(call.runs_command);
    CHECK(call.line == "ls");
  }
  CHECK(parse(R"({"command":["rm","a b"]})").argv == std::vector<std::string>{"rm", "a b"});
  CHECK_FALSE(parse(R"({"hook_event_name":"PreToolUse","tool_name":"Read",
                        "tool_input":{"file_path":"/x"}})")
                  .runs_command);
  CHECK_FALSE(parse(R"({"hook_event_name":"PreToolUse","tool_name":"BashOutput",
                        "tool_input":{"bash_id":"1"}})")
                  .runs_command);
  CHECK_FALSE(parse(R"({"agent_action_name":"pre_read_code","tool_info":{"file_path":"/x"}})")
                  .runs_command);
}

TEST_CASE("what is no question, or hides its command, is an error") {
  for (const char* text :
       {"", "ls", "[]", "{}", R"({"command":1})", R"({"command":[]})", R"({"command":["a",1]})",
        R"({"command":"a","command":"b"})",
        R"({"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{}})",
        R"({"hook_event_name":"PreToolUse","tool_name":"Bash"})",
        R"({"toolName":"bash","toolArgs":"not json"})",
        R"({"agent_action_name":"pre_run_command","tool_info":{}})",
        R"({"agent_action_name":"pre_run_command"})", R"({"hookName":"PreToolUse","preToolUse":1})",
        R"({"hook_event_name":"PermissionRequest","tool_name":"Bash",
                               "tool_input":{"command":"ls"}})"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse(text), Error);
  }
}

TEST_CASE("the answers") {
  const HookAnswer deny{HookPermission::Deny, "why"};
  CHECK(hook_answer_json(HookFormat::Claude, deny) ==
        Json::parse(R"({"hookSpecificOutput":{"hookEventName":"PreToolUse",
                        "permissionDecision":"deny","permissionDecisionReason":"why"}})"));
  CHECK(hook_answer_json(HookFormat::Gemini, deny) ==
        Json::parse(R"({"decision":"deny","reason":"why"})"));
  CHECK(hook_answer_json(HookFormat::Cursor, deny)["permission"] == "deny");
  CHECK(hook_answer_json(HookFormat::Copilot, deny)["permissionDecision"] == "deny");
  CHECK(hook_answer_json(HookFormat::Generic, deny)["decision"] == "deny");
  CHECK(hook_answer_json(HookFormat::VsCode, deny) == hook_answer_json(HookFormat::Claude, deny));
  CHECK(hook_answer_json(HookFormat::Cline, deny) ==
        Json::parse(R"({"cancel":true,"errorMessage":"why"})"));
  CHECK(hook_answer_json(HookFormat::Cline, {HookPermission::Allow, ""})["cancel"] == false);
  CHECK(refuses_by_status(HookFormat::Windsurf));
  CHECK(refuses_by_status(HookFormat::Kiro));
  CHECK_FALSE(refuses_by_status(HookFormat::Claude));
  // A write that we allow is still the agent's own to ask about.
  const HookAnswer silent{HookPermission::NoOpinion, ""};
  CHECK(hook_answer_json(HookFormat::Claude, silent) == Json::object());
  CHECK(hook_answer_json(HookFormat::Codex, {HookPermission::Allow, ""}) == Json::object());
  CHECK(hook_answer_json(HookFormat::Claude,
                         {HookPermission::Allow, ""})["hookSpecificOutput"]["permissionDecision"] ==
        "allow");
}
