// CLI11 reads the options; which words are ours is decided here, from the tree: everything after
// the first word that is no option of an `exec`-like command belongs to the user's command,
// untouched.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

Command* find_command(Command& parent, const std::string& name) {
  for (const Command& command : parent.commands()) {
    if (command.name() == name) return const_cast<Command*>(&command);
  }
  return nullptr;
}

[[noreturn]] void unknown_command(const Command& parent, const std::string& path,
                                  const std::string& word) {
  std::vector<std::string> names;
  for (const Command& command : parent.commands()) {
    if (!command.hidden()) names.push_back(command.name());
  }
  std::vector<std::string> hints;
  if (const auto guess = nearest(word, names)) hints.push_back(path + " " + *guess);
  hints.push_back(path + " --help");
  throw Error(ErrorCode::Usage, path + " has no command " + escape_for_terminal(word),
              std::move(hints));
}

const Option* find_option(const Command& command, std::string_view name) {
  for (const Option& option : command.options()) {
    if (!option.positional && option.name == name) return &option;
  }
  return nullptr;
}

// Cuts the words of the user's command off `words` and into its target.
void cut_rest(const Command& command, std::vector<std::string>& words) {
  auto& rest = *std::get<std::vector<std::string>*>(command.rest_words()->target);
  std::size_t end = 0;
  std::size_t begin = words.size();
  while (end < words.size()) {
    const std::string& word = words[end];
    if (word == "--") {
      begin = end + 1;
      break;
    }
    if (word.size() < 2 || word.front() != '-') {
      begin = end;
      break;
    }
    const Option* option = find_option(command, word);
    end += option != nullptr && !option->metavar.empty() ? 2 : 1;
  }
  end = std::min(end, words.size());
  if (begin < words.size())
    rest.assign(words.begin() + static_cast<std::ptrdiff_t>(begin), words.end());
  words.resize(end);
}

struct Binder {
  CLI::App& app;
  const Option& option;

  CLI::Option* operator()(bool* target) const { return app.add_flag(option.name, *target); }
  CLI::Option* operator()(std::string* target) const {
    return app.add_option(option.name, *target);
  }
  CLI::Option* operator()(std::vector<std::string>* target) const {
    return app.add_option(option.name, *target)->expected(option.positional ? -1 : 1)->take_all();
  }
  CLI::Option* operator()(std::optional<std::string>* target) const {
    return app.add_option_function<std::string>(
        option.name, [target](const std::string& value) { *target = value; });
  }
  CLI::Option* operator()(std::optional<Seconds>* target) const {
    const std::string name = option.name;
    return app.add_option_function<std::string>(name, [target, name](const std::string& value) {
      *target = parse_duration(value);
      if (!*target) {
        throw Error(ErrorCode::Usage,
                    name + ": \"" + escape_for_terminal(value) + "\" is not a duration",
                    {"write it as 30m, 1h30m or 2d"});
      }
    });
  }
  CLI::Option* operator()(std::optional<std::int64_t>* target) const {
    return app.add_option_function<std::int64_t>(option.name,
                                                 [target](std::int64_t value) { *target = value; });
  }
};

void bind_options(CLI::App& app, const Command& command) {
  for (const Option& option : command.options()) {
    CLI::Option* bound = std::visit(Binder{app, option}, option.target);
    if (option.is_required) bound->required();
    if (!option.choices.empty()) bound->check(CLI::IsMember(option.choices));
  }
}

void read_options(Command& command, Chosen& chosen, std::vector<std::string> words) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras(false);
  app.add_flag("--json", chosen.json);
  bind_options(app, command);
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::Error& error) {
    throw Error(ErrorCode::Usage, chosen.path + ": " + escape_for_terminal(error.what()),
                {usage_line(command, chosen.path), chosen.path + " --help"});
  }
}

}  // namespace

Chosen parse_command_line(Command& root, const std::vector<std::string>& words) {
  Chosen chosen{&root, root.name(), false, false};
  std::size_t next = 0;
  while (next < words.size() && !chosen.command->commands().empty()) {
    const std::string& word = words[next];
    if (word == "--help" || word == "-h" || word == "help") {
      chosen.help = true;
    } else if (word == "--json") {
      chosen.json = true;
    } else if (word.rfind('-', 0) == 0 && chosen.command->action() != nullptr) {
      break;
    } else {
      Command* command = find_command(*chosen.command, word);
      if (command == nullptr) unknown_command(*chosen.command, chosen.path, word);
      chosen.command = command;
      chosen.path += " " + command->name();
    }
    ++next;
  }
  if (chosen.help) return chosen;
  std::vector<std::string> own(words.begin() + static_cast<std::ptrdiff_t>(next), words.end());
  if (chosen.command->rest_words()) cut_rest(*chosen.command, own);
  for (const std::string& word : own) {
    if (word == "--") break;
    if (word == "--help" || word == "-h") chosen.help = true;
  }
  if (chosen.help) return chosen;
  if (!chosen.command->action()) {
    throw Error(ErrorCode::Usage, chosen.path + " needs a command", {chosen.path + " --help"});
  }
  read_options(*chosen.command, chosen, std::move(own));
  if (chosen.command->rest_words() && chosen.command->rest_words()->is_required &&
      std::get<std::vector<std::string>*>(chosen.command->rest_words()->target)->empty()) {
    throw Error(ErrorCode::Usage, chosen.path + " needs a command to run",
                {usage_line(*chosen.command, chosen.path)});
  }
  return chosen;
}

}  // namespace prodaccess
