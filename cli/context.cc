#include "cli/context.h"

#include <cstdlib>

#include "cli/audit_sinks.h"
#include "cli/postgres_parser.h"
#include "cli/provider_registry.h"
#include "cli/terminal_prompt.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "core/grant/grant_store.h"
#include "core/grant/pack_files.h"
#include "core/grant/policy_files.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"
#include "core/ledger/redact.h"
#include "core/os/environment.h"
#include "core/os/files.h"
#include "core/os/identity.h"
#include "core/os/memory_store.h"
#include "core/os/store_probe.h"
#include "core/os/temporary_folder.h"
#include "core/os/terminal.h"
#include "core/os/tool_link.h"

namespace prodaccess {
namespace {

std::filesystem::path home_folder() {
  const std::filesystem::path home = environment_variable("HOME");
  if (home.is_absolute()) return home;
  throw Error(ErrorCode::System, "there is no home folder: HOME is not an absolute path",
              {"export HOME=/home/NAME"});
}

// An XDG folder: the variable where it is absolute (the specification says: else ignore it).
std::filesystem::path xdg_folder(const char* variable, const std::filesystem::path& otherwise) {
  std::filesystem::path folder = environment_variable(variable);
  return folder.is_absolute() ? folder : otherwise;
}

Paths find_paths() {
  Paths paths;
  const std::filesystem::path home = home_folder();
  paths.config.system = PRODACCESS_SYSCONFDIR;
  paths.config.user = xdg_folder("XDG_CONFIG_HOME", home / ".config") / "prodaccess";
  paths.state = xdg_folder("XDG_STATE_HOME", home / ".local/state") / "prodaccess";
  const std::filesystem::path runtime = environment_variable("XDG_RUNTIME_DIR");
  paths.runtime = runtime.is_absolute() ? runtime / "prodaccess" : paths.state / "run";
  return paths;
}

}  // namespace

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Context::Context(bool json) : json_(json), paths_(find_paths()) {}

Context::~Context() {
  for (const auto& folder : folders_) {
    std::error_code ignored;  // the folder is empty of secrets; the next run makes another
    std::filesystem::remove_all(folder, ignored);
  }
}

Files& Context::files() {
  if (!files_) files_ = make_system_files();
  return *files_;
}

const Config& Context::config() {
  if (!config_) {
    ConfigPaths paths = paths_.config;
    const bool trusted = files().system_layer_trusted();
    if (!trusted) paths.system.clear();
    config_ = std::make_unique<Config>(load_config(files(), paths));
    if (!trusted) {
      config_->ignored.push_back(paths_.config.system.string() +
                                 ": seen through a foreign uid map, so anybody could have made it");
    }
  }
  return *config_;
}

const Policy& Context::policy() {
  if (!policy_) {
    policy_ = std::make_unique<Policy>(load_policy(files(), paths_.config, config()));
  }
  return *policy_;
}

const PackSet& Context::packs() {
  if (!packs_) {
    packs_ = std::make_unique<PackSet>();
    add_trusted_packs(*packs_, files(), paths_.config, config().self_governed);
  }
  return *packs_;
}

PostgresParser& Context::postgres_parser() {
  if (!postgres_parser_) postgres_parser_ = std::make_unique<LoadedPostgresParser>();
  return *postgres_parser_;
}

const Actor& Context::actor() {
  if (!actor_) {
    const Requester requester = observe_requester();
    const Identity identity = classify(observe_caller());
    actor_ = std::make_unique<Actor>(
        Actor{requester.uid, requester.account, identity.identity, requester.host});
  }
  return *actor_;
}

Terminal* Context::terminal() {
  if (!terminal_opened_) terminal_ = open_controlling_terminal();
  terminal_opened_ = true;
  return terminal_.get();
}

bool Context::has_terminal() { return terminal() != nullptr && terminal()->foreground(); }

Prompt& Context::prompt() {
  if (!prompt_) prompt_ = std::make_unique<TerminalPrompt>(terminal());
  return *prompt_;
}

Stores& Context::stores() {
  if (!stores_) {
    StoreOptions options;
    options.ephemeral = config().stores.ephemeral;
    options.durable = config().stores.durable;
    options.passphrase_from = config().stores.passphrase_from;
    options.file = paths_.state / "store";
    options.ask = [this](const std::string& question) { return prompt().ask_secret(question); };
    options.agent_socket = environment_variable("SSH_AUTH_SOCK");
    stores_ = std::make_unique<Stores>(files(), clock_, random_, std::move(options));
  }
  return *stores_;
}

EphemeralStore& Context::ephemeral_store() { return stores().ephemeral(); }

EphemeralStore& Context::store_of(const Grant& grant) {
  return stores().ephemeral_named(grant.store);
}

EphemeralStore& Context::process_store() {
  if (!process_store_) process_store_ = std::make_unique<MemoryStore>(clock_);
  return *process_store_;
}

DurableStore& Context::durable_store() { return stores().durable(); }

const Redactor& Context::redactor() {
  if (!redactor_) redactor_ = std::make_unique<Redactor>(load_redaction_key(paths_.state));
  return *redactor_;
}

LedgerOptions Context::ledger_options() {
  LedgerOptions options;
  options.folder = paths_.ledger();
  options.actor = actor();
  options.keyring_anchor = true;
  options.signer = [this] {
    try {
      return signer_from(durable_store());
    } catch (const Error&) {
      // No durable store: a key of this boot, whose public half every checkpoint carries.
      return signer_from(ephemeral_store(), clock_);
    }
  };
  files().make_folder(paths_.state);
  return options;
}

Ledger& Context::ledger() {
  if (!ledger_) {
    ledger_ = with_required_sinks(*this, open_ledger(ledger_options(), clock_));
  }
  return *ledger_;
}

GrantStore& Context::grants() {
  if (!grants_) grants_ = std::make_unique<GrantStore>(files(), clock_, paths_.grants());
  return *grants_;
}

SingleFlight Context::claims() {
  files().make_folder(paths_.claims());
  return SingleFlight(files(), paths_.claims());
}

ProviderRegistry& Context::providers() {
  if (!providers_) providers_ = std::make_unique<ProviderRegistry>(*this);
  return *providers_;
}

Provider& Context::provider(const Role& role) { return providers().provider(role); }

std::map<std::string, std::string, std::less<>> Context::environment() {
  std::map<std::string, std::string, std::less<>> variables;
  for (const std::string_view entry : caller_environment()) {
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos) {
      variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
  }
  return variables;
}

std::string Context::search_path() { return without_tool_folders(environment_variable("PATH")); }

std::filesystem::path Context::session_folder() {
  if (!std::filesystem::exists(paths_.sessions())) files().make_folder(paths_.sessions());
  return paths_.sessions();
}

std::filesystem::path Context::private_folder(const std::string& session) {
  // Short enough for a socket inside (107 bytes in all): a deep home makes way for /tmp.
  std::filesystem::path folder = paths_.runtime / "run" / session;
  if (folder.string().size() > 90) folder = "/tmp/prodaccess-" + session;
  files().make_folder(folder);
  folders_.push_back(folder);
  return folder;
}

}  // namespace prodaccess
