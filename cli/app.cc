#include "cli/app.h"

#include <exception>

#include "cli/aftermath.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"

namespace prodaccess {
namespace {

bool asks_for_json(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == "--json") return true;
  }
  return false;
}

int report(const Error& error, const std::string& path, bool json) {
  print_error(error, json);
  const bool runs_commands = path == "prodaccess exec" || path == "prodaccess shell";
  return runs_commands ? exec_exit_status(error.code()) : exit_status(error.code());
}

int run_action(const Chosen& chosen) {
  Context context(chosen.json);
  try {
    const int status = chosen.command->action()(context);
    tidy_up(context);
    return status;
  } catch (...) {
    tidy_up(context);
    throw;
  }
}

}  // namespace

int run_app(const std::vector<std::string>& words) {
  Command root = build_command_tree(words.empty() ? std::string() : words.front());
  Chosen chosen{&root, root.name(), asks_for_json(words), false};
  try {
    if (words.empty()) {
      print_raw(help_text(root, root.name()));
      return kUsage;
    }
    chosen = parse_command_line(root, words);
    if (chosen.help) {
      print_raw(help_text(*chosen.command, chosen.path));
      return kDone;
    }
    return run_action(chosen);
  } catch (const Error& error) {
    return report(error, chosen.path, chosen.json);
  } catch (const std::bad_alloc&) {
    throw;  // told by main, which needs no memory for it
  } catch (const std::exception& error) {
    return report(Error(ErrorCode::Internal, std::string("a mistake of ours: ") + error.what(),
                        {"please report it with the command that led here"}),
                  chosen.path, chosen.json);
  }
}

}  // namespace prodaccess
