// prodaccess init: writes a commented first configuration.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

struct InitOptions {
  bool force = false;
  bool print = false;
};

constexpr std::string_view kStarter =
    R"(# prodaccess: roles that can be asked for. prodaccess-config(5) has every key.
#
#   prodaccess roles                                    shows what this file gives
#   prodaccess request --role bastion --reason "try"    gets a grant
#   prodaccess exec -- ssh host uptime                  runs a command under it
requires = ">= 0.1"

# What things are. What is not named here counts as production.
[environments]
# "aws:444455556666" = ["staging"]
# "postgres:orders"  = ["production", "sensitive"]

# A role of the embedded authority: an SSH certificate that this machine itself signs.
# It needs no account anywhere; its limits are advisory (self-issued).
# On the host:  prodaccess local ssh-ca > /etc/ssh/prodaccess_ca.pub
#               TrustedUserCAKeys /etc/ssh/prodaccess_ca.pub   in sshd_config
[roles.bastion]
description = "Log in to the bastion"
provider    = "local"
ttl_default = "30m"
ttl_max     = "2h"
reason      = "required"
local       = { kind = "ssh", principals = ["debug"], extensions = ["permit-pty"] }

# A signed token (JWT) for a service that trusts `prodaccess local jwks`.
[roles.service-read]
description = "Read from the service"
provider    = "local"
ttl_default = "15m"
ttl_max     = "1h"
effects     = ["read"]
local       = { kind = "token", audience = "https://service.example.com" }
env         = { SERVICE_TOKEN = "{token}" }

# AWS: uncomment and name your role.
# [roles.ops]
# description = "Operate production"
# provider    = "aws"
# ttl_default = "30m"
# ttl_max     = "1h"
# reason      = "required"
# ticket      = { required = true, pattern = "INC-[0-9]+" }
# aws         = { role_arn = "arn:aws:iam::111122223333:role/ops", account = "111122223333", region = "eu-west-1" }
# aws.tiers.read = { policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }

# Where secrets lie. "auto" takes the first store that really works; `prodaccess doctor` says which.
[stores]
# ephemeral = "auto"          # kernel, secret-service, memory
# durable   = "auto"          # secret-service, or "file" (encrypted; needs passphrase_from)
# passphrase_from = "prompt"  # or "key-file:/home/me/.prodaccess-key", "ssh-agent:SHA256:..."
)";

int run(const InitOptions& options, Context& context) {
  if (options.print) {
    print_raw(kStarter);
    return kDone;
  }
  const auto path = context.paths().config.user / "config.toml";
  if (!options.force && context.files().read(path, Owner::Me)) {
    throw Error(ErrorCode::Usage, path.string() + " is there already; nothing was changed",
                {"prodaccess roles          shows what it gives",
                 "prodaccess init --print   prints a starter beside it"});
  }
  context.files().make_folder(path.parent_path());
  context.files().write(path, kStarter);
  if (context.json()) {
    print_json({{"written", path.string()}});
  } else {
    print_line("written: " + path.string());
    print_line("next: edit it, then   prodaccess roles");
  }
  return kDone;
}

}  // namespace

void add_init(Command& root) {
  auto options = std::make_shared<InitOptions>();
  Command& command = root.add("init", "write a commented first configuration");
  command.flag("--force", &options->force, "replace a configuration that is there");
  command.flag("--print", &options->print, "print it instead of writing it");
  command.example("prodaccess init");
  command.example("prodaccess init --print > /tmp/look.toml");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
