#include "cli/provider_registry.h"

#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/files.h"
#include "core/os/helper_program.h"
#include "core/os/program.h"
#include "providers/aws/aws_provider.h"
#include "providers/aws/imported_keys.h"
#include "providers/aws/sso_login.h"
#include "providers/gcp/gcp_provider.h"
#include "providers/http/http_client.h"
#include "providers/kubernetes/kubernetes_provider.h"
#include "providers/local/local_provider.h"
#include "providers/plugin/plugin_host.h"
#include "providers/postgres/admin_password.h"
#include "providers/postgres/postgres_provider.h"
#include "providers/vault/vault_provider.h"

namespace prodaccess {

ProviderRegistry::ProviderRegistry(Context& context)
    : context_(context),
      open_store_([this]() -> DurableStore& { return context_.durable_store(); }) {}
ProviderRegistry::~ProviderRegistry() = default;

const std::vector<std::string>& ProviderRegistry::names() {
  static const std::vector<std::string> kNames{"aws",   "gcp",      "kubernetes",
                                               "local", "postgres", "vault"};
  return kNames;
}

LocalProvider& ProviderRegistry::local() {
  auto& made = made_["local"];
  if (!made) {
    made = std::make_unique<LocalProvider>(open_store_, context_.files(), context_.clock(),
                                           context_.random(), context_.paths().state / "local");
  }
  return static_cast<LocalProvider&>(*made);
}

Provider& ProviderRegistry::provider(const Role& role) {
  if (role.provider == "local") return local();
  auto& made = made_[role.provider];
  if (!made) made = make(role);
  return *made;
}

// A key that no store can give is not there: the search for a base identity goes on.
std::optional<AwsCredential> ProviderRegistry::imported_key(const std::string& profile) {
  try {
    return ImportedKeys(context_.durable_store()).find(profile);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::unique_ptr<Provider> ProviderRegistry::make_aws() {
  sso_tokens_ = std::make_unique<SsoTokens>(http(), context_.clock(), open_store_,
                                            [this] { return context_.claims(); });
  AwsHost host{http(),
               context_.files(),
               context_.clock(),
               context_.environment(),
               environment_variable("HOME"),
               context_.config().self_governed,
               run_helper,
               [this](const std::string& profile) { return imported_key(profile); },
               sso_tokens_.get()};
  return std::make_unique<AwsProvider>(std::move(host), context_.prompt());
}

std::unique_ptr<Provider> ProviderRegistry::make(const Role& role) {
  if (role.provider == "aws") return make_aws();
  if (role.provider == "kubernetes") {
    return std::make_unique<KubernetesProvider>(http(), context_.files(), context_.clock(),
                                                context_.random(), own_program());
  }
  if (role.provider == "vault") {
    SecretSources sources{context_.files(), http(), environment_variable, open_store_,
                          [this]() -> Prompt& { return context_.prompt(); }};
    return std::make_unique<VaultProvider>(std::move(sources), context_.clock(), context_.random(),
                                           own_program());
  }
  if (role.provider == "postgres") return make_postgres();
  if (role.provider == "gcp") return make_gcp();
  return make_plugin(role);
}

std::unique_ptr<Provider> ProviderRegistry::make_postgres() {
  const auto connect = [this](const PostgresParameters& parameters, const std::string& database) {
    return connect_postgres(parameters, database,
                            find_admin_password(parameters, open_store_, context_.files()));
  };
  return std::make_unique<PostgresProvider>(connect, context_.clock(), context_.random());
}

std::unique_ptr<Provider> ProviderRegistry::make_gcp() {
  const auto find = [](const std::string& name) {
    const auto program = find_program(name, environment_variable("PATH"));
    if (!program) {
      throw Error(ErrorCode::Provider, "there is no program " + escape_for_terminal(name));
    }
    return program->path;
  };
  return std::make_unique<GcpProvider>(
      GcpHost{http(), context_.files(), context_.clock(), context_.random(), own_program(),
              environment_variable("HOME"), context_.config().self_governed, find, run_helper,
              [](const std::string& name) { return environment_variable(name.c_str()); }});
}

HttpClient& ProviderRegistry::http() {
  if (!http_) http_ = make_http_client();
  return *http_;
}

// Any other name is that of a program.
std::unique_ptr<Provider> ProviderRegistry::make_plugin(const Role& role) {
  PluginHost host = make_plugin_host(context_.config().self_governed, environment_variable("HOME"));
  if (!role.parameters.has("program") && !host.has(role.provider)) {
    std::vector<std::string> hints;
    if (const auto guess = nearest(role.provider, names())) {
      hints.push_back("did you mean \"" + *guess + "\"?");
    }
    hints.push_back("the providers are " + join(names(), ", ") +
                    ", and programs of one's own: man 7 prodaccess-provider");
    throw Error(ErrorCode::Config,
                role.position.text() + ": there is no provider \"" +
                    escape_for_terminal(role.provider) + "\"",
                std::move(hints));
  }
  return std::make_unique<PluginProvider>(role.provider, std::move(host), context_.clock(),
                                          context_.prompt());
}

}  // namespace prodaccess
