#include "providers/postgres/admin_password.h"

#include <cstdlib>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/helper_program.h"
#include "core/os/program.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestPassword = 4096;

Secret from_store(const PostgresAddress& admin, const OpenStore& open_store) {
  auto password = open_store().get(admin_password_key(admin));
  if (password) return std::move(*password);
  throw Error(
      ErrorCode::Provider,
      "no password is kept for " + escape_for_terminal(admin.user) + " at " + admin.server(),
      {"prodaccess postgres password --role ROLE   asks for it and keeps it",
       "or say password_from = \"pass-file\", \"command\" or \"none\" in the role"});
}

std::string home_folder() {
  const char* home = std::getenv("HOME");
  return home == nullptr ? "/" : home;
}

Secret from_command(const std::vector<std::string>& argv) {
  const std::string shown = escape_for_terminal(argv.front());
  const auto program = find_program(argv.front(), "");
  if (!program) {
    throw Error(ErrorCode::Provider, "there is no password_command " + shown);
  }
  HelperRun run;
  run.program = program->path;
  run.argv = argv;
  run.environment.emplace_back("HOME", Secret(home_folder()));
  run.environment.emplace_back("LANG", Secret("C.UTF-8"));
  run.environment.emplace_back("PATH", Secret("/usr/local/bin:/usr/bin:/bin"));
  const HelperResult result = run_helper(run);
  if (!result.good()) {
    throw Error(ErrorCode::Provider, "password_command " + shown + " " + result.description(run),
                {"run it by hand"});
  }
  std::string_view text = result.output.view();
  text = text.substr(0, text.find_first_of("\r\n"));
  if (text.empty() || text.size() > kLongestPassword || text.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::Provider, "password_command " + shown + " printed no password",
                {"its first line is taken"});
  }
  return Secret(text);
}

}  // namespace

std::string admin_password_key(const PostgresAddress& admin) {
  return "postgres:" + admin.user + "@" + admin.server();
}

AdminPassword find_admin_password(const PostgresParameters& parameters, const OpenStore& open_store,
                                  Files& files) {
  switch (parameters.password_from) {
    case PostgresPassword::Store: return {from_store(parameters.admin, open_store), ""};
    case PostgresPassword::Command: return {from_command(parameters.password_command), ""};
    case PostgresPassword::PassFile:
      // libpq looks the line up; that the file is mine alone is seen here first.
      if (!files.read_secret(files.follow_links(parameters.pass_file))) {
        throw Error(ErrorCode::Provider, "there is no pass_file " + parameters.pass_file);
      }
      return {Secret(), parameters.pass_file};
    case PostgresPassword::None: break;
  }
  return {};
}

}  // namespace prodaccess
