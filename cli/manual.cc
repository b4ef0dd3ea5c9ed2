#include "cli/manual.h"

#include "core/base/text.h"

namespace prodaccess {
namespace {

// Text that roff shows as it stands.
std::string roff(const std::string& text) {
  std::string safe;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) safe += "\\&";
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else {
      safe += c;
    }
    line_start = c == '\n';
  }
  return safe;
}

// Paragraphs of a description: blank lines part them; lines that begin with a blank are shown as
// they are.
std::string paragraphs(const std::string& text) {
  std::string page;
  bool shown = false;
  for (const std::string& line : split(text, '\n')) {
    const bool verbatim = !line.empty() && line.front() == ' ';
    if (verbatim != shown)
      page += !verbatim ? ".fi\n" : page.ends_with(".PP\n") ? ".nf\n" : ".PP\n.nf\n";
    shown = verbatim;
    page += line.empty() ? ".PP\n" : roff(line) + "\n";
  }
  return shown ? page + ".fi\n" : page;
}

void add_options(std::string& page, const Command& command) {
  for (const Option& option : command.options()) {
    page += ".TP\n\\fB" + roff(option.name) + "\\fR";
    if (!option.positional && !option.metavar.empty())
      page += " \\fI" + roff(option.metavar) + "\\fR";
    page += "\n" + roff(option.help);
    if (!option.choices.empty()) page += " (" + roff(join(option.choices, ", ")) + ")";
    page += "\n";
  }
  if (command.rest_words()) {
    page += ".TP\n\\fI" + roff(command.rest_words()->name) + "\\fR\n" +
            roff(command.rest_words()->help) + "\n";
  }
  page += ".TP\n\\fB\\-\\-json\\fR\nmachine\\-readable output, with stable fields\n";
  page += ".TP\n\\fB\\-\\-help\\fR\na short form of this page\n";
}

void add_examples(std::string& page, const Command& command) {
  bool first = true;  // a heading begins a paragraph already
  for (const Example& example : command.examples()) {
    if (!example.comment.empty()) {
      page += (first ? "" : ".PP\n") + roff(example.comment) + ":\n";
      first = false;
    }
    page += (first ? "" : ".PP\n");
    page += ".nf\n    " + roff(example.line) + "\n.fi\n";
    first = false;
  }
}

void add_sub_commands(std::string& page, const Command& command, const std::string& path) {
  for (const Command& child : command.commands()) {
    if (child.hidden()) continue;
    const std::string child_path = path + " " + child.name();
    page += ".SS " + roff(child_path) + "\n" + roff(child.summary()) + ".\n.PP\n.nf\n    " +
            roff(usage_line(child, child_path)) + "\n.fi\n";
    if (!child.description().empty()) page += ".PP\n" + paragraphs(child.description());
    if (child.action() != nullptr) add_options(page, child);
    add_examples(page, child);
    for (const auto& [status, meaning] : child.statuses()) {
      page += ".TP\nstatus " + roff(status) + "\n" + roff(meaning) + "\n";
    }
    add_sub_commands(page, child, child_path);
  }
}

std::string head(const Command& command, const std::string& path) {
  std::string name = path;
  std::replace(name.begin(), name.end(), ' ', '-');
  std::string title = name;
  for (char& c : title) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return ".\\\" Made from the option tree: ./dev generate\n.TH " + title +
         " 1 2026-03-01 \"prodaccess " PRODACCESS_VERSION "\" \"User Commands\"\n.SH NAME\n" +
         roff(name) + " \\- " + roff(command.summary()) + "\n.SH SYNOPSIS\n.B " +
         roff(usage_line(command, path)) + "\n";
}

std::string tail(const Command& command) {
  std::string page;
  if (!command.examples().empty()) page += ".SH EXAMPLES\n";
  add_examples(page, command);
  if (!command.statuses().empty()) page += ".SH EXIT STATUS\n";
  for (const auto& [status, meaning] : command.statuses()) {
    page += ".TP\n" + roff(status) + "\n" + roff(meaning) + "\n";
  }
  return page;
}

std::string see_also(const std::vector<std::string>& pages) {
  std::vector<std::string> links;
  for (const std::string& page : pages) {
    const std::size_t dot = page.size() - 2;
    links.push_back(".BR " + roff(page.substr(0, dot)) + " (" + page.substr(dot + 1) + ")");
  }
  return ".SH SEE ALSO\n" + join(links, ",\n") + "\n";
}

std::string command_page(const Command& command) {
  const std::string path = "prodaccess " + command.name();
  std::string page = head(command, path);
  page += ".SH DESCRIPTION\n" + (command.description().empty() ? roff(command.summary()) + ".\n"
                                                               : paragraphs(command.description()));
  if (command.action() != nullptr) {
    page += ".SH OPTIONS\n";
    add_options(page, command);
  }
  if (!command.commands().empty()) page += ".SH COMMANDS\n";
  add_sub_commands(page, command, path);
  return page + tail(command) +
         see_also(
             {"prodaccess.1", "prodaccess-config.5", "prodaccess-policy.5", "prodaccess-ledger.5"});
}

std::string root_page(const Command& root) {
  std::string page = head(root, root.name()) + ".SH DESCRIPTION\n" +
                     paragraphs(root.description()) + ".SH COMMANDS\n";
  for (const Command& command : root.commands()) {
    if (command.hidden()) continue;
    page +=
        ".TP\n.BR prodaccess\\-" + roff(command.name()) + " (1)\n" + roff(command.summary()) + "\n";
  }
  return page + tail(root) +
         see_also({"prodaccess-config.5", "prodaccess-policy.5", "prodaccess-packs.5",
                   "prodaccess-ledger.5", "prodaccess-automation.7", "prodaccess-threats.7",
                   "prodaccess-aws.7", "prodaccess-aws-clients.7", "prodaccess-gcp.7",
                   "prodaccess-kubernetes.7", "prodaccess-postgres.7", "prodaccess-vault.7",
                   "prodaccess-provider.7"});
}

}  // namespace

std::vector<std::pair<std::string, std::string>> manual_pages(const Command& root) {
  std::vector<std::pair<std::string, std::string>> pages{{root.name() + ".1", root_page(root)}};
  for (const Command& command : root.commands()) {
    if (!command.hidden()) {
      pages.emplace_back("prodaccess-" + command.name() + ".1", command_page(command));
    }
  }
  return pages;
}

}  // namespace prodaccess
