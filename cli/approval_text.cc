#include "cli/approval_text.h"

#include "core/base/text.h"
#include "core/command/command_line.h"

namespace prodaccess {
namespace {

constexpr std::size_t kMostItems = 50;

void add_preview(std::vector<std::string>& lines, const PreviewSummary& preview) {
  for (const auto& [operation, count] : preview.counts) {
    lines.push_back("count      " + std::to_string(count) + "  " + operation);
  }
  std::size_t shown = 0;
  for (const auto& item : preview.items) {
    if (shown++ == kMostItems) break;
    lines.push_back("           " + item.operation + "  " + item.target);
  }
  if (preview.items.size() > kMostItems) {
    lines.push_back("           ... " + std::to_string(preview.items.size() - kMostItems) +
                    " more; the file has them all");
  }
}

}  // namespace

std::string request_phrase(const ApprovalStatement& statement) {
  const std::string role = "role " + statement.role + " for " + format_duration(statement.ttl);
  if (statement.kind == ApprovalKind::Role) return role;
  if (statement.kind == ApprovalKind::Review) return "review of emergency access: " + role;
  return statement.role + ": " + CommandLine{statement.argv}.quoted();
}

std::vector<std::string> request_lines(const ApprovalStatement& statement) {
  std::vector<std::string> lines;
  const auto add = [&lines](const char* label, const std::string& value) {
    if (!value.empty()) lines.push_back(label + value);
  };
  add("asks       ",
      statement.requester + " (uid " + std::to_string(statement.uid) + ") on " + statement.machine);
  add("role       ", statement.role);
  add("account    ", statement.account);
  const bool is_command = statement.kind == ApprovalKind::Command;
  if (!is_command) {
    add("for        ", format_duration(statement.ttl));
    add("grant      ", statement.grant);
  } else {
    add("program    ", statement.program);
    add("folder     ", statement.folder);
    for (const auto& [name, value] : statement.variables) {
      add("with       ", name + "=" + shell_quote(value));
    }
    for (const auto& [name, digest] : statement.files) {
      if (!digest.empty()) add("file       ", name + "  sha256 " + digest.substr(0, 16));
    }
    add("effect     ", statement.effect);
    add_preview(lines, statement.preview);
  }
  add("rule       ", statement.rule);
  add("reason     ", statement.reason);
  add("ticket     ", statement.ticket);
  if (statement.kind == ApprovalKind::Review) {
    add("taken      ", format_rfc3339(statement.not_before));
  } else {
    add("holds      ", format_rfc3339(statement.not_before) + " to " +
                           format_rfc3339(statement.not_after) + ", once");
  }
  // What it is about comes last, where it is in sight.
  add(is_command ? "command    " : "request    ",
      is_command ? CommandLine{statement.argv}.quoted() : request_phrase(statement));
  return lines;
}

}  // namespace prodaccess
