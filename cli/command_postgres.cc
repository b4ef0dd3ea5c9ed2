// prodaccess postgres: the password of the login that makes roles.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/provider_role.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/grant/provider.h"
#include "core/os/standard_input.h"
#include "providers/postgres/admin_password.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestPassword = 4096;

struct PasswordOptions {
  std::string role;
  bool from_stdin = false;
  bool forget = false;
};

Secret read_line_from_stdin() {
  std::string line = read_input_line(kLongestPassword + 2).value_or(std::string());
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return seal(std::move(line));
}

int run_password(Context& context, const PasswordOptions& options) {
  const Role& role = role_of_provider(context, options.role, "postgres");
  const PostgresParameters parameters = read_postgres_parameters(role.parameters);
  const std::string login = parameters.admin.user + " at " + parameters.admin.server();
  const std::string key = admin_password_key(parameters.admin);
  DurableStore& store = context.durable_store();
  if (options.forget) {
    store.erase(key);
  } else {
    const Secret password = options.from_stdin
                                ? read_line_from_stdin()
                                : context.prompt().ask_secret("Password of " + login + ":");
    if (password.empty() || password.size() > kLongestPassword) {
      throw Error(ErrorCode::Usage, "no password was given; nothing was kept");
    }
    store.put(key, password.view());
    const auto kept = store.get(key);
    if (!kept || !equal_in_constant_time(kept->view(), password.view())) {
      throw Error(ErrorCode::Keyring, "the durable store did not keep the password",
                  {"prodaccess doctor   says how the stores are"});
    }
  }
  const std::string done = options.forget ? "forgotten" : "kept";
  if (context.json()) {
    print_json({{"login", login}, {"password", done}, {"store", store.name()}});
  } else {
    print_line("password of " + escape_for_terminal(login) + " " + done + " (" + store.name() +
               ")");
  }
  return kDone;
}

}  // namespace

void add_postgres(Command& root) {
  Command& postgres = root.add("postgres", "what the PostgreSQL provider needs");
  postgres.example("prodaccess postgres password --role orders-fix");
  const auto options = std::make_shared<PasswordOptions>();
  Command& command =
      postgres.add("password", "keep the password of the login that makes roles, in the keyring");
  command.describe(
      "It is asked for at the terminal and kept in the durable store, for the roles whose table "
      "says\npassword_from = \"store\" (the default). One is kept for each login and server.");
  command.option("--role", &options->role, "ROLE", "a role of the provider postgres")
      .required()
      .completes("roles");
  command.flag("--stdin", &options->from_stdin, "read it from the first line of standard input");
  command.flag("--forget", &options->forget, "erase it");
  command.example("prodaccess postgres password --role orders-fix");
  command.example(
      "pass show orders-admin | prodaccess postgres password --role orders-fix --stdin");
  command.runs([options](Context& context) { return run_password(context, *options); });
}

}  // namespace prodaccess
