// Command: one node of the option tree. The tree is the only description of the command line:
// parsing,
// --help, the man pages and the shells' completions are all made from it.
//
// A file command_X.cc has one function `void add_X(Command& parent)` that describes the command,
// keeps its options in a struct owned by the action, and names the action:
//
//   void add_roles(Command& parent) {
//     auto options = std::make_shared<RolesOptions>();
//     Command& command = parent.add("roles", "show the roles and what each may do");
//     command.option("--role", &options->role, "NAME", "only this role").completes("roles");
//     command.example("prodaccess roles --json");
//     command.runs([options](Context& context) { return run(*options, context); });
//   }
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/time.h"

namespace prodaccess {

class Context;

// What an option's value becomes. A duration that is not one is a usage error.
using OptionTarget =
    std::variant<bool*, std::string*, std::vector<std::string>*, std::optional<std::string>*,
                 std::optional<Seconds>*, std::optional<std::int64_t>*>;

struct Option {
  std::string name;     // "--role", or "NAME" for a positional
  std::string metavar;  // "NAME"; "" for a flag
  std::string help;     // one phrase, no capital, no full stop
  OptionTarget target;
  bool positional = false;
  bool is_required = false;
  std::string completion;            // "roles", "grants", "files", "folders" or ""
  std::vector<std::string> choices;  // the only values; completed by the shells

  Option& required() {
    is_required = true;
    return *this;
  }
  Option& optional() {
    is_required = false;
    return *this;
  }
  Option& completes(std::string what) {
    completion = std::move(what);
    return *this;
  }
  Option& one_of(std::vector<std::string> values) {
    choices = std::move(values);
    return *this;
  }
};

struct Example {
  std::string line;
  std::string comment;
};

class Command {
 public:
  Command(std::string name, std::string summary);

  // A sub-command. `summary` is one phrase: "get a grant for a role".
  Command& add(const std::string& name, const std::string& summary);

  Option& flag(const std::string& name, bool* target, const std::string& help);
  Option& option(const std::string& name, OptionTarget target, const std::string& metavar,
                 const std::string& help);
  Option& positional(const std::string& metavar, OptionTarget target, const std::string& help);
  // All words from the first that is no option of ours, or after the first "--", untouched.
  // Required, unless made optional().
  Option& rest(const std::string& metavar, std::vector<std::string>* target,
               const std::string& help);

  void describe(std::string paragraphs) { description_ = std::move(paragraphs); }
  void example(std::string line, std::string comment = {});
  void exit_status(std::string status, std::string meaning);
  void runs(std::function<int(Context&)> action) { action_ = std::move(action); }
  // Left out of --help, man page and completion: an entrance for ourselves.
  void hide() { hidden_ = true; }

  const std::string& name() const { return name_; }
  const std::string& summary() const { return summary_; }
  const std::string& description() const { return description_; }
  const std::deque<Command>& commands() const { return commands_; }
  const std::deque<Option>& options() const { return options_; }
  const std::vector<Example>& examples() const { return examples_; }
  const std::vector<std::pair<std::string, std::string>>& statuses() const { return statuses_; }
  const std::function<int(Context&)>& action() const { return action_; }
  const std::optional<Option>& rest_words() const { return rest_; }
  bool hidden() const { return hidden_; }
  bool* json() { return &json_; }

 private:
  std::string name_;
  std::string summary_;
  std::string description_;
  std::deque<Command> commands_;
  std::deque<Option> options_;
  std::optional<Option> rest_;
  std::vector<Example> examples_;
  std::vector<std::pair<std::string, std::string>> statuses_;
  std::function<int(Context&)> action_;
  bool hidden_ = false;
  bool json_ = false;
};

// The command that a command line chose, with its options filled in.
struct Chosen {
  Command* command = nullptr;
  std::string path;  // "prodaccess policy explain"
  bool json = false;
  bool help = false;  // --help or -h was asked for
};

// Throws Error{Usage} with the line to try.
Chosen parse_command_line(Command& root, const std::vector<std::string>& words);

// The text of `--help`.
std::string help_text(const Command& command, const std::string& path);

// "prodaccess exec [options] -- COMMAND..."
std::string usage_line(const Command& command, const std::string& path);

}  // namespace prodaccess
