// The text of --help, from the option tree.
#include "cli/command.h"

namespace prodaccess {
namespace {

constexpr std::size_t kWidth = 79;

void add_row(std::string& text, const std::string& left, const std::string& right,
             std::size_t column) {
  std::string line = "  " + left;
  if (line.size() + 2 > column) {
    text += line + "\n";
    line.clear();
  }
  line.resize(std::max(line.size(), column), ' ');
  // Words of the help, folded beside the column.
  std::string word;
  bool first = true;
  for (const char c : right + " ") {
    if (c != ' ') {
      word += c;
      continue;
    }
    if (!first && line.size() + 1 + word.size() > kWidth) {
      text += line + "\n";
      line.assign(column, ' ');
      first = true;
    }
    if (!first) line += ' ';
    line += word;
    word.clear();
    first = false;
  }
  text += line + "\n";
}

std::string option_words(const Option& option) {
  return option.metavar.empty() || option.positional ? option.name
                                                     : option.name + " " + option.metavar;
}

std::string option_help(const Option& option) {
  std::string help = option.help;
  if (!option.choices.empty()) {
    help += " (";
    for (std::size_t i = 0; i < option.choices.size(); ++i) {
      help += (i == 0 ? "" : ", ") + option.choices[i];
    }
    help += ")";
  }
  return help;
}

void add_options(std::string& text, const Command& command) {
  text += "\nOptions:\n";
  for (const Option& option : command.options()) {
    add_row(text, option_words(option), option_help(option), 28);
  }
  if (command.rest_words()) {
    add_row(text, command.rest_words()->name, command.rest_words()->help, 28);
  }
  add_row(text, "--json", "machine-readable output, with stable fields", 28);
  add_row(text, "--help", "this text", 28);
}

}  // namespace

std::string usage_line(const Command& command, const std::string& path) {
  if (command.action() == nullptr) return path + " COMMAND [options]";
  std::string line = path + " [options]";
  for (const Option& option : command.options()) {
    if (!option.positional) continue;
    const bool many = std::holds_alternative<std::vector<std::string>*>(option.target);
    const std::string word = option.name + (many ? "..." : "");
    line += option.is_required ? " " + word : " [" + word + "]";
  }
  if (command.rest_words()) line += " -- " + command.rest_words()->name;
  return line;
}

std::string help_text(const Command& command, const std::string& path) {
  std::string text =
      path + ": " + command.summary() + "\n\nusage: " + usage_line(command, path) + "\n";
  if (!command.description().empty()) text += "\n" + command.description() + "\n";
  if (!command.commands().empty()) {
    text += "\nCommands:\n";
    for (const Command& child : command.commands()) {
      if (!child.hidden()) add_row(text, child.name(), child.summary(), 16);
    }
  }
  if (command.action() != nullptr) add_options(text, command);
  if (!command.examples().empty()) {
    text += "\nExamples:\n";
    for (const Example& example : command.examples()) {
      if (!example.comment.empty()) text += "  # " + example.comment + "\n";
      text += "  " + example.line + "\n";
    }
  }
  if (!command.statuses().empty()) {
    text += "\nExit status:\n";
    for (const auto& [status, meaning] : command.statuses()) add_row(text, status, meaning, 10);
  }
  return text;
}

}  // namespace prodaccess
