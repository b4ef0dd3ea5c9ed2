#include "core/policy/approval.h"

#include "core/base/text.h"

namespace prodaccess {
namespace {

// The names whose values differ, or that only one has.
void add_differences(std::vector<std::string>& lines,
                     const std::map<std::string, std::string>& approved,
                     const std::map<std::string, std::string>& asked, const char* what) {
  std::set<std::string> names;
  for (const auto* pairs : {&approved, &asked}) {
    for (const auto& [name, value] : *pairs) names.insert(name);
  }
  for (const std::string& name : names) {
    const auto before = approved.find(name);
    const auto now = asked.find(name);
    const bool same =
        before != approved.end() && now != asked.end() && before->second == now->second;
    if (!same) lines.push_back(escape_for_terminal(name) + what);
  }
}

}  // namespace

std::vector<std::string> mismatches(const ApprovalStatement& approved,
                                    const ApprovalStatement& asked_raw,
                                    const ApprovalSettings& settings, WallTime now) {
  // As it would travel; what is asked has no nonce of its own.
  ApprovalStatement asked = asked_raw;
  asked.nonce = approved.nonce;
  asked = parse_statement(statement_line(asked));
  std::vector<std::string> lines;
  const auto compare = [&lines](const char* what, const auto& a, const auto& b) {
    if (a != b) lines.push_back(std::string("it is for another ") + what);
  };
  compare("kind of request", approved.kind, asked.kind);
  compare("role", approved.role, asked.role);
  compare("account", approved.account, asked.account);
  compare("command", approved.argv, asked.argv);
  compare("program", approved.program, asked.program);
  compare("folder", approved.folder, asked.folder);
  add_differences(lines, approved.files, asked.files, " has changed since it was approved");
  add_differences(lines, approved.variables, asked.variables,
                  " has another value than what was approved");
  compare("machine", approved.machine, asked.machine);
  compare("user", approved.uid, asked.uid);
  if (approved.rules_digest != asked.rules_digest) {
    lines.emplace_back("the rules have changed since it was asked for");
  }
  if (asked.ttl > approved.ttl) lines.emplace_back("it is for a shorter time");
  if (asked.kind == ApprovalKind::Role) {
    compare("reason", approved.reason, asked.reason);
    compare("ticket", approved.ticket, asked.ticket);
  }
  if (!covered_by(asked.preview, approved.preview, settings.fewer_is_enough)) {
    lines.emplace_back("the preview now differs from what was approved");
    for (const std::string& line : differences(approved.preview, asked.preview)) {
      lines.push_back("  " + line);
    }
  }
  if (now < approved.not_before) {
    lines.push_back("it does not hold before " + format_rfc3339(approved.not_before));
  }
  if (now >= approved.not_after) {
    lines.push_back("it ended at " + format_rfc3339(approved.not_after));
  }
  if (approved.not_after - approved.not_before > settings.validity) {
    lines.push_back("it holds for longer than " + format_duration(settings.validity));
  }
  return lines;
}

}  // namespace prodaccess
