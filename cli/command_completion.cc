// prodaccess completion, and the hidden entrances that the scripts, `./dev generate` and the tests
// of the documents use.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/manual.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/grant/grant_store.h"
#include "core/os/files.h"
#include "core/os/standard_input.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestCommandLine = 1 << 20;

std::string script_for(const std::string& shell, const Command& root) {
  if (shell == "bash") return bash_completion(root);
  return shell == "zsh" ? zsh_completion(root) : fish_completion(root);
}

int offer_values(const std::string& what, Context& context) {
  if (what == "roles") {
    for (const auto& [name, role] : context.config().roles) print_line(name);
  } else {
    for (const Grant& grant : context.grants().live()) print_line(grant.id.substr(0, 4));
  }
  return kDone;
}

// Writes completions/ and man/ below `folder`.
int generate(const std::filesystem::path& source_tree, Context& context) {
  const std::filesystem::path folder = std::filesystem::absolute(source_tree);
  const Command root = build_command_tree();
  Files& files = context.files();
  files.make_folder(folder / "completions");
  files.make_folder(folder / "man");
  files.write(folder / "completions/prodaccess.bash", bash_completion(root));
  files.write(folder / "completions/_prodaccess", zsh_completion(root));
  files.write(folder / "completions/prodaccess.fish", fish_completion(root));
  for (const auto& [name, text] : manual_pages(root)) files.write(folder / "man" / name, text);
  return kDone;
}

// Says of each command line on standard input, a JSON array of words each, what is wrong with it.
int parse_all() {
  bool good = true;
  while (const auto line = read_input_line(kLongestCommandLine)) {
    try {
      Command root = build_command_tree();
      parse_command_line(root, Json::parse(*line).get<std::vector<std::string>>());
    } catch (const Error& error) {
      good = false;
      print_line(*line + ": " + error.what());
    }
  }
  return good ? kDone : kFailed;
}

}  // namespace

void add_completion(Command& root) {
  auto shell = std::make_shared<std::string>();
  Command& command = root.add("completion", "print a shell's completion script");
  command.positional("SHELL", shell.get(), "the shell").required().one_of({"bash", "zsh", "fish"});
  command.example(
      "prodaccess completion bash > ~/.local/share/bash-completion/completions/prodaccess");
  command.runs([shell](Context&) {
    print_raw(script_for(*shell, build_command_tree()));
    return kDone;
  });

  auto what = std::make_shared<std::string>();
  Command& complete = root.add("__complete", "values for the completion scripts");
  complete.hide();
  complete.positional("WHAT", what.get(), "what").required().one_of({"roles", "grants"});
  complete.runs([what](Context& context) { return offer_values(*what, context); });

  Command& parsed = root.add("__parse", "check command lines against the option tree");
  parsed.hide();
  parsed.runs([](Context&) { return parse_all(); });

  auto folder = std::make_shared<std::string>();
  Command& generated = root.add("__generate", "write completions and manual pages");
  generated.hide();
  generated.positional("FOLDER", folder.get(), "the source tree").required();
  generated.runs([folder](Context& context) { return generate(*folder, context); });
}

}  // namespace prodaccess
