#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/version.h"

namespace prodaccess {

void add_version(Command& root) {
  Command& command = root.add("version", "print the version");
  command.example("prodaccess version --json");
  command.runs([](Context& context) {
    if (context.json()) {
      print_json({{"version", version()}});
    } else {
      print_line("prodaccess " + std::string(version()));
    }
    return kDone;
  });
}

}  // namespace prodaccess
