// Context: the one place that knows the real collaborators. Each is made when first asked for, so
// that a command pays for what it uses: `exec` of an allowed read opens no D-Bus and no network
// library.
//
// Ownership: the context owns all of them and outlives every action. Threads: one.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/grant/config.h"
#include "core/grant/grant.h"
#include "core/grant/single_flight.h"
#include "core/ledger/record.h"
#include "core/os/clock.h"
#include "core/os/random.h"
#include "core/os/store.h"

namespace prodaccess {

class Files;
class GrantStore;
class Ledger;
struct LedgerOptions;
class PackSet;
class PostgresParser;
class Prompt;
class Provider;
class ProviderRegistry;
class Redactor;
class Stores;
class Terminal;
struct Policy;

// Where our own files lie. Only $HOME and the XDG variables move them; the system's folder is fixed
// when the program is built.
struct Paths {
  ConfigPaths config;
  std::filesystem::path state;    // $XDG_STATE_HOME/prodaccess
  std::filesystem::path runtime;  // $XDG_RUNTIME_DIR/prodaccess, else under `state`

  std::filesystem::path grants() const { return state / "grants"; }
  std::filesystem::path ledger() const { return state / "ledger"; }
  std::filesystem::path claims() const { return state / "claims"; }
  std::filesystem::path approvals() const { return state / "approvals"; }
  std::filesystem::path sessions() const { return runtime / "sessions"; }
};

class Context {
 public:
  explicit Context(bool json);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  bool json() const { return json_; }
  const Paths& paths() const { return paths_; }
  const Clock& clock() const { return clock_; }
  Random& random() { return random_; }
  Files& files();

  const Config& config();
  const Policy& policy();
  const PackSet& packs();
  PostgresParser& postgres_parser();

  const Actor& actor();
  // The controlling terminal; null where there is none.
  Terminal* terminal();
  // Whether a person can be asked here: we are in the foreground of a terminal.
  bool has_terminal();
  Prompt& prompt();

  Ledger& ledger();
  bool ledger_in_use() const { return ledger_ != nullptr; }  // whether it was asked for
  LedgerOptions ledger_options();
  GrantStore& grants();
  SingleFlight claims();
  // The store that new credentials go to, by [stores]; the one that holds a grant's.
  EphemeralStore& ephemeral_store();
  EphemeralStore& store_of(const Grant& grant);
  // Ends with this process.
  EphemeralStore& process_store();
  DurableStore& durable_store();
  Stores& stores();
  const Redactor& redactor();
  // The provider of `role`, its parameters checked.
  Provider& provider(const Role& role);
  ProviderRegistry& providers();

  // Our own environment, by name.
  std::map<std::string, std::string, std::less<>> environment();
  std::string search_path();
  // The folder where running sessions are found, made if it is missing.
  std::filesystem::path session_folder();
  // A new private folder for one run, gone with the context.
  std::filesystem::path private_folder(const std::string& session);

 private:
  bool json_;
  Paths paths_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Config> config_;
  std::unique_ptr<Policy> policy_;
  std::unique_ptr<PackSet> packs_;
  std::unique_ptr<PostgresParser> postgres_parser_;
  std::unique_ptr<Actor> actor_;
  std::unique_ptr<Terminal> terminal_;
  bool terminal_opened_ = false;
  std::unique_ptr<Prompt> prompt_;
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<EphemeralStore> process_store_;
  std::unique_ptr<Redactor> redactor_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<GrantStore> grants_;
  std::unique_ptr<ProviderRegistry> providers_;
  std::vector<std::filesystem::path> folders_;
};

// A variable of our environment; "" where it is unset.
std::string environment_variable(const char* name);

}  // namespace prodaccess
