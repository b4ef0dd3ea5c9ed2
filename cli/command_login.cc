// prodaccess login and logout: sign in where roles say that people do, once for all of them.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/records.h"
#include "core/base/text.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"

namespace prodaccess {
namespace {

struct LoginOptions {
  std::string name;
  bool list = false;
  bool all = false;
};

struct KnownLogin {
  std::unique_ptr<Login> login;
  std::vector<std::string> roles;
};

// Every place that the configured roles lead to, by name.
std::map<std::string, KnownLogin> known_logins(Context& context) {
  std::map<std::string, KnownLogin> logins;
  for (const auto& [name, role] : context.config().roles) {
    std::unique_ptr<Login> login;
    try {
      login = context.provider(role).login(role);
    } catch (const Error& error) {
      warn("warning: role " + name + ": " + error.what());
    }
    if (!login) continue;
    KnownLogin& known = logins[login->name()];
    if (known.login && known.login->place() != login->place()) {
      throw Error(ErrorCode::Config,
                  "two logins are called " + escape_for_terminal(login->name()) + ": " +
                      known.login->place() + " and " + login->place() + " (role " + name + ")",
                  {"give one another name in its role's table"});
    }
    known.roles.push_back(name);
    if (!known.login) known.login = std::move(login);
  }
  return logins;
}

std::vector<std::string> names_of(const std::map<std::string, KnownLogin>& logins) {
  std::vector<std::string> names;
  for (const auto& [name, known] : logins) names.push_back(name);
  return names;
}

// By its own name, or by that of a role that leads to it.
KnownLogin& chosen_login(std::map<std::string, KnownLogin>& logins, const std::string& name) {
  if (logins.empty()) {
    throw Error(ErrorCode::NotFound, "no configured role needs a login", {"prodaccess roles"});
  }
  if (name.empty() && logins.size() == 1) return logins.begin()->second;
  if (name.empty()) {
    throw Error(ErrorCode::Usage, "there are several logins: " + join(names_of(logins), ", "),
                {"prodaccess login " + logins.begin()->first, "prodaccess login --list"});
  }
  const auto named = logins.find(name);
  if (named != logins.end()) return named->second;
  for (auto& [login, known] : logins) {
    if (std::find(known.roles.begin(), known.roles.end(), name) != known.roles.end()) return known;
  }
  std::vector<std::string> hints{"prodaccess login --list"};
  if (const auto guess = nearest(name, names_of(logins))) {
    hints.insert(hints.begin(), "did you mean " + *guess + "?");
  }
  throw Error(ErrorCode::NotFound, "no login or role is called " + escape_for_terminal(name),
              std::move(hints));
}

Json login_json(const KnownLogin& known, const LoginState& state) {
  return {{"login", known.login->name()},
          {"kind", known.login->kind()},
          {"place", known.login->place()},
          {"roles", known.roles},
          {"signed_in", state.signed_in},
          {"who", state.who},
          {"until", state.until ? Json(format_rfc3339(*state.until)) : Json()}};
}

std::string state_text(const LoginState& state) {
  if (!state.signed_in) return "not signed in";
  std::string text = "signed in";
  if (!state.who.empty()) text += " as " + state.who;
  if (state.until) text += " until " + format_rfc3339(*state.until);
  return text;
}

int list_logins(Context& context, const std::map<std::string, KnownLogin>& logins) {
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows{{"LOGIN", "KIND", "PLACE", "ROLES", "STATE"}};
  for (const auto& [name, known] : logins) {
    const LoginState state = known.login->state();
    list.push_back(login_json(known, state));
    rows.push_back({name, known.login->kind(), known.login->place(), join(known.roles, " "),
                    state_text(state)});
  }
  if (context.json()) {
    print_json({{"logins", std::move(list)}});
  } else if (logins.empty()) {
    print_line("no configured role needs a login");
  } else {
    for (const std::string& line : format_table(rows)) print_line(line);
  }
  return kDone;
}

LedgerRecord login_record(RecordKind kind, const std::string& session, const std::string& action,
                          const Login& login) {
  LedgerRecord record;
  record.kind = kind;
  record.session = session;
  record.text["action"] = action;
  record.text["login"] = login.name();
  record.text["place"] = login.place();
  return record;
}

// Runs `act` between its intent and its end.
template <typename Act>
void recorded(Context& context, const std::string& action, const Login& login, const Act& act) {
  const std::string session = new_session_id(context);
  context.ledger().append(login_record(RecordKind::Intent, session, action, login),
                          Durability::Durable);
  try {
    act();
  } catch (const Error& error) {
    LedgerRecord failed = login_record(RecordKind::Failed, session, action, login);
    failed.text["code"] = code_name(error.code());
    failed.text["message"] = error.what();
    context.ledger().append(failed, Durability::Written);
    throw;
  }
  context.ledger().append(login_record(RecordKind::Ended, session, action, login),
                          Durability::Written);
}

int run_login(const LoginOptions& options, Context& context) {
  auto logins = known_logins(context);
  if (options.list) return list_logins(context, logins);
  const KnownLogin& known = chosen_login(logins, options.name);
  LoginState state;
  recorded(context, "login", *known.login, [&] { state = known.login->sign_in(context.prompt()); });
  if (context.json()) {
    print_json(login_json(known, state));
  } else {
    print_line(known.login->name() + "  " + state_text(state));
  }
  return kDone;
}

int run_logout(const LoginOptions& options, Context& context) {
  auto logins = known_logins(context);
  std::vector<KnownLogin*> chosen;
  if (options.all) {
    for (auto& [name, known] : logins) chosen.push_back(&known);
  } else {
    chosen.push_back(&chosen_login(logins, options.name));
  }
  Json list = Json::array();
  for (KnownLogin* known : chosen) {
    bool was = false;
    recorded(context, "logout", *known->login, [&] { was = known->login->sign_out(); });
    list.push_back({{"login", known->login->name()}, {"was_signed_in", was}});
    if (context.json()) continue;
    print_line(known->login->name() + "  " + (was ? "signed out" : "was not signed in"));
  }
  if (context.json()) print_json({{"logouts", std::move(list)}});
  return kDone;
}

}  // namespace

void add_login(Command& root) {
  const auto options = std::make_shared<LoginOptions>();
  Command& command = root.add("login", "sign in where a role's people sign in");
  command.describe(
      "Runs the browser or device flow of the identity provider that a role names, and keeps what "
      "comes of it\nin the durable store. It is refreshed silently while the session there lives. "
      "A login by itself\ngives no access: request does.");
  command.positional("NAME", &options->name, "a login or a role; else the only login").optional();
  command.flag("--list", &options->list, "show the logins and whether each is signed in");
  command.example("prodaccess login corp");
  command.example("prodaccess login --list --json");
  command.runs([options](Context& context) { return run_login(*options, context); });
}

void add_logout(Command& root) {
  const auto options = std::make_shared<LoginOptions>();
  Command& command = root.add("logout", "end a login and forget what was kept of it");
  command.describe(
      "Credentials that were issued meanwhile live on until their own end: revoke ends grants.");
  command.positional("NAME", &options->name, "a login or a role; else the only login").optional();
  command.flag("--all", &options->all, "every login");
  command.example("prodaccess logout corp");
  command.runs([options](Context& context) { return run_logout(*options, context); });
}

}  // namespace prodaccess
