#include "cli/confirmation_prompt.h"

#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/command/command_line.h"
#include "core/policy/rule.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestName = 48;      // of one thing, in a line of its own or in a deed
constexpr std::size_t kLongestCommand = 600;  // of the command, before its middle is cut
constexpr std::size_t kQuestionRows = 5;      // two questions, each perhaps wrapped, and a remark

// What `escape_for_terminal` lets through beyond ASCII may be two columns wide.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      ++width;
    } else if (byte >= 0xc0) {
      width += 2;
    }
  }
  return width;
}

// The length of the longest start of `text` that takes at most `columns`, whole characters only.
std::size_t fitting(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  std::size_t width = 0;
  while (end < text.size()) {
    std::size_t next = end + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80) ++next;
    width += width_of(text.substr(end, next - end));
    if (width > columns) break;
    end = next;
  }
  return std::max<std::size_t>(end, 1);
}

// Escaped, and its middle cut out with a count where it is longer than `most`.
std::string shortened(std::string_view text, std::size_t most) {
  const std::string safe = escape_for_terminal(text);
  if (safe.size() <= most) return safe;
  const std::size_t half = most / 2;
  std::size_t tail = safe.size() - half;
  while (tail < safe.size() && (static_cast<unsigned char>(safe[tail]) & 0xc0) == 0x80) ++tail;
  const std::size_t head = fitting(safe, half);
  return safe.substr(0, head) + "[... " + std::to_string(tail - head) + " more ...]" +
         safe.substr(tail);
}

// Wraps at blanks where there are some, each further line behind `indent` blanks.
void wrap(std::vector<std::string>& lines, std::string_view text, std::size_t columns,
          std::size_t indent) {
  if (indent + 8 > columns) indent = 1;
  std::string lead;
  while (!text.empty()) {
    std::size_t end = fitting(text, columns - lead.size());
    if (end < text.size()) {
      const std::size_t blank = text.substr(0, end + 1).rfind(' ');
      if (blank != std::string_view::npos && blank > end / 2) end = blank;
    }
    lines.push_back(lead + std::string(text.substr(0, end)));
    text.remove_prefix(end);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    lead.assign(indent, ' ');
  }
}

void field(std::vector<std::string>& lines, const std::string& label, const std::string& value,
           std::size_t columns) {
  constexpr std::size_t kLabel = 10;
  if (value.empty()) return;
  std::string text = "  " + label;
  text.append(label.size() < kLabel ? kLabel - label.size() : 1, ' ');
  wrap(lines, text + value, columns, kLabel + 2);
}

std::string joined_field(const std::vector<Target>& targets, std::string Target::*member) {
  std::set<std::string> values;
  for (const Target& target : targets) {
    if (!(target.*member).empty()) values.insert(shortened(target.*member, kLongestName));
  }
  std::vector<std::string> shown(values.begin(), values.end());
  if (shown.size() > 3) {
    const std::string more = "and " + std::to_string(shown.size() - 3) + " more";
    shown.resize(3);
    shown.push_back(more);
  }
  return join(shown, ", ");
}

std::string labels_text(const Decision& decision) {
  std::vector<std::string> safe;
  for (const std::string& label : decision.labels) safe.push_back(shortened(label, kLongestName));
  return safe.empty() ? "" : " (" + join(safe, ", ") + ")";
}

// The part that is as bad as the whole: it has the action to name.
const Invocation& worst_part(const Invocation& invocation) {
  for (const Invocation& part : invocation.parts) {
    if (worst_effect(part) == worst_effect(invocation)) return worst_part(part);
  }
  return invocation;
}

// "aws ec2 stop-instances", "psql delete"; a text in a language has no program of its own.
std::string action_text(const Invocation& invocation) {
  const Invocation& worst = worst_part(invocation);
  std::string program(typed_tool(worst));
  if (program.empty() && !worst.argv.empty()) program = worst.argv.front();
  if (program.empty()) program = invocation.tool;
  if (program.empty() && !invocation.argv.empty()) program = invocation.argv.front();
  if (program.empty() && worst.action.empty()) program = "this command";
  const char* blank = program.empty() || worst.action.empty() ? "" : " ";
  return shortened(program + blank + worst.action, kLongestName);
}

std::string effect_text(const Invocation& invocation) {
  std::string text(effect_name(worst_effect(invocation)));
  if (worst_effect(invocation) != Effect::Destructive) return text;
  const std::optional<bool>& reversible = worst_part(invocation).reversible;
  if (!reversible) return text;
  return text + (*reversible ? ", can be undone" : ", cannot be undone");
}

std::string target_line(const Target& target) {
  std::string text = target.name.empty() ? "all" : shortened(target.name, kLongestName);
  if (target.pattern) text = "all that match " + text;
  if (!target.kind.empty()) text += "  " + shortened(target.kind, kLongestName);
  return text;
}

void target_fields(std::vector<std::string>& lines, const std::vector<Target>& targets,
                   std::size_t columns) {
  constexpr std::size_t kMost = 40;  // more are cut by the layout anyway
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets.size() > kMost && i == kMost / 2) {
      field(lines, "", "... " + std::to_string(targets.size() - kMost) + " targets not shown ...",
            columns);
      i = targets.size() - kMost / 2;
    }
    field(lines, i == 0 ? "targets" : "", target_line(targets[i]), columns);
  }
}

std::vector<std::string> middle_lines(const ConfirmationFacts& facts, std::size_t columns) {
  std::vector<std::string> lines;
  field(lines, "command", shortened(CommandLine{facts.invocation.argv}.quoted(), kLongestCommand),
        columns);
  target_fields(lines, dangerous_targets(facts.invocation), columns);
  for (const std::string& reason : facts.invocation.reasons) {
    field(lines, "why", shortened(reason, 4 * kLongestName), columns);
  }
  for (const std::string& reason : facts.decision.reasons) {
    if (reason.starts_with("unusual: "))
      field(lines, "", shortened(reason, 4 * kLongestName), columns);
  }
  field(lines, "preview", shortened(facts.preview, 4 * kLongestName), columns);
  const RuleReference& rule = facts.decision.rule;
  std::string source =
      rule.source == "built-in" ? "" : "  (" + escape_for_terminal(rule.source) + ")";
  field(lines, "rule", escape_for_terminal(rule.id) + source, columns);
  field(lines, "", shortened(facts.decision.message, kLongestCommand), columns);
  return lines;
}

std::vector<std::string> head_lines(const ConfirmationFacts& facts, std::size_t columns) {
  std::vector<std::string> lines;
  wrap(lines, "prodaccess: " + effect_text(facts.invocation) + ": " + action_text(facts.invocation),
       columns, 2);
  const std::vector<Target> targets = dangerous_targets(facts.invocation);
  std::string account = joined_field(targets, &Target::account);
  if (account.empty()) account = shortened(facts.account, kLongestName);
  field(lines, "account", account.empty() ? "" : account + labels_text(facts.decision), columns);
  field(lines, "cluster", joined_field(targets, &Target::cluster), columns);
  field(lines, "namespace", joined_field(targets, &Target::namespace_), columns);
  field(lines, "region", joined_field(targets, &Target::region), columns);
  for (const auto& [name, value] : facts.variables) {
    field(lines, "with", shortened(name + "=" + value, 2 * kLongestName), columns);
  }
  field(lines, "role", shortened(facts.role, kLongestName), columns);
  return lines;
}

// Keeps the ends of `lines` and says how many of the middle are left out.
void cut_middle(std::vector<std::string>& lines, std::size_t most, std::size_t columns) {
  if (lines.size() <= most) return;
  if (most == 0) return lines.clear();
  const std::size_t kept = most - 1;
  const std::size_t head = (kept + 1) / 2;
  const std::size_t left_out = lines.size() - kept;
  const std::string note = "  ... " + std::to_string(left_out) + " lines not shown ...";
  const auto first = lines.begin() + static_cast<std::ptrdiff_t>(head);
  const auto last = lines.end() - static_cast<std::ptrdiff_t>(kept - head);
  lines.insert(lines.erase(first, last), note.substr(0, columns));
}

std::string place_text(const Invocation& invocation, const Decision& decision,
                       const std::string& account) {
  const std::vector<Target> targets = dangerous_targets(invocation);
  std::string place;
  for (const auto member : {&Target::namespace_, &Target::cluster, &Target::account}) {
    const std::string text = joined_field(targets, member);
    if (!text.empty()) place += (place.empty() ? "" : ", ") + text;
  }
  if (place.empty()) place = shortened(account, kLongestName);
  return place.empty() ? labels_text(decision) : " in " + place + labels_text(decision);
}

}  // namespace

std::string deed_text(const Invocation& invocation, const Decision& decision,
                      const PreviewSummary& summary, const std::string& account) {
  const std::vector<Target> targets = dangerous_targets(invocation);
  std::string what;
  const std::int64_t total = summary.total();
  if (targets.size() == 1 && total <= 1 && !targets[0].name.empty()) {
    what = " " + target_line(targets[0]);
  } else if (total > 0) {
    what = ", " + std::to_string(total) + (total == 1 ? " target" : " targets");
  } else if (!targets.empty()) {
    what = ", an unknown number of targets";
  }
  return action_text(invocation) + what + place_text(invocation, decision, account);
}

std::vector<std::string> confirmation_block(const ConfirmationFacts& facts, ScreenSize screen) {
  const std::size_t columns = std::max<std::size_t>(screen.columns, 12);
  const std::size_t budget = std::max<std::size_t>(screen.rows, kQuestionRows + 4) - kQuestionRows;
  std::vector<std::string> lines = head_lines(facts, columns);
  std::vector<std::string> middle = middle_lines(facts, columns);
  // Short on a narrow terminal, so that all of it stays visible below a long question.
  const std::string effect = columns < 60 ? std::string(effect_name(worst_effect(facts.invocation)))
                                          : effect_text(facts.invocation);
  std::vector<std::string> tail;
  wrap(tail,
       effect + ": " + deed_text(facts.invocation, facts.decision, facts.summary, facts.account),
       columns, 2);
  if (tail.size() > budget) cut_middle(tail, budget, columns);
  const std::size_t left = budget - tail.size();
  cut_middle(lines, left, columns);
  cut_middle(middle, left - lines.size(), columns);
  lines.insert(lines.end(), middle.begin(), middle.end());
  lines.insert(lines.end(), tail.begin(), tail.end());
  return lines;
}

std::string confirmation_question(const ConfirmationFacts& facts, const ShortName& name,
                                  const ConfirmationDialog& dialog) {
  const std::string deed =
      deed_text(facts.invocation, facts.decision, facts.summary, facts.account);
  if (dialog.state() == ConfirmationDialog::State::AskChallenge) {
    return "Type  " + dialog.challenge() + "  to run " + deed + ": ";
  }
  if (dialog.state() == ConfirmationDialog::State::AskBoth) {
    const bool counts = name.kind == ShortName::Kind::Count;
    return "Type  " + (counts ? "the number of targets and  " : name.text + " ") +
           dialog.challenge() + "  to run " + deed + ": ";
  }
  switch (name.kind) {
    case ShortName::Kind::Count: return "Type the number of targets to go on: ";
    case ShortName::Kind::Target:
      return "Type the name of the target,  " + name.text + "  , to go on: ";
    case ShortName::Kind::Place: return "Type  " + name.text + "  , where it acts, to go on: ";
    case ShortName::Kind::Program: break;
  }
  return "Type  " + name.text + "  to go on: ";
}

}  // namespace prodaccess
