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
}

TEST_CASE("what is no question, or hides its command, is an error") {
  for (const char* text : {"", "ls", "[]", "{}", R"({"command":1})", R"({"command":[]})",
                           R"({"command":["a",1]})", R"({"command":"a","command":"b"})",
                           R"({"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{}})",
                           R"({"hook_event_name":"PreToolUse","tool_name":"Bash"})",
                           R"({"toolName":"bash","toolArgs":"not json"})"}) {
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
  // A write that we allow is still the agent's own to ask about.
  const HookAnswer silent{HookPermission::NoOpinion, ""};
  CHECK(hook_answer_json(HookFormat::Claude, silent) == Json::object());
  CHECK(hook_answer_json(HookFormat::Codex, {HookPermission::Allow, ""}) == Json::object());
  CHECK(hook_answer_json(HookFormat::Claude,
                         {HookPermission::Allow, ""})["hookSpecificOutput"]["permissionDecision"] ==
        "allow");
}
