#include "cli/provider_registry.h"

#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/files.h"
#include "providers/local/local_provider.h"

namespace prodaccess {

ProviderRegistry::ProviderRegistry(Context& context) : context_(context) {}
ProviderRegistry::~ProviderRegistry() = default;

const std::vector<std::string>& ProviderRegistry::names() {
  static const std::vector<std::string> kNames{"local"};
  return kNames;
}

LocalProvider& ProviderRegistry::local() {
  auto& made = made_["local"];
  if (!made) {
    made = std::make_unique<LocalProvider>(
        [this]() -> DurableStore& { return context_.durable_store(); }, context_.files(),
        context_.clock(), context_.random(), context_.paths().state / "local");
  }
  return static_cast<LocalProvider&>(*made);
}

Provider& ProviderRegistry::provider(const Role& role) {
  if (role.provider == "local") return local();
  auto& made = made_[role.provider];
  if (!made) made = make(role);
  return *made;
}

std::unique_ptr<Provider> ProviderRegistry::make(const Role& role) {
  std::vector<std::string> hints;
  if (const auto guess = nearest(role.provider, names())) {
    hints.push_back("did you mean \"" + *guess + "\"?");
  }
  hints.push_back("the providers are " + join(names(), ", "));
  throw Error(ErrorCode::Config,
              role.position.text() + ": there is no provider \"" +
                  escape_for_terminal(role.provider) + "\"",
              std::move(hints));
}

}  // namespace prodaccess
