#include "cli/starter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kHead =
    R"(# prodaccess: roles that can be asked for. prodaccess-config(5) has every key.
#
#   prodaccess roles                                shows what this file gives
#   prodaccess doctor                               tries it, and says what is missing
#   prodaccess request --role {role} --reason "try"   gets a grant
#   prodaccess exec -- COMMAND                      runs a command under it
requires = ">= 0.1"

# What things are. What is not named here counts as production.
[environments]
# "aws:444455556666" = ["staging"]
# "postgres:orders"  = ["production", "sensitive"]

)";

constexpr std::string_view kLocal =
    R"(# A role of the embedded authority: an SSH certificate that this machine itself signs.
# It needs no account anywhere; its limits are advisory (self-issued).
# On the host:  prodaccess local ssh-ca > /etc/ssh/prodaccess_ca.pub
#               TrustedUserCAKeys /etc/ssh/prodaccess_ca.pub   in sshd_config
[roles.bastion]
description = "Log in to the bastion"
provider    = "local"
ttl_default = "30m"
ttl_max     = "2h"
reason      = "required"
local       = { kind = "ssh", principals = [{target}], extensions = ["permit-pty"] }

# A signed token (JWT) for a service that trusts `prodaccess local jwks`.
[roles.service-read]
description = "Read from the service"
provider    = "local"
ttl_default = "15m"
ttl_max     = "1h"
effects     = ["read"]
local       = { kind = "token", audience = "https://service.example.com" }
env         = { SERVICE_TOKEN = "{token}" }

)";

constexpr std::string_view kAws =
    R"(# Reads run on a session that can only read; what changes something asks first. prodaccess-aws(7)
[roles.ops]
description = "Operate production"
provider    = "aws"
ttl_default = "30m"
ttl_max     = "1h"
reason      = "required"
[roles.ops.aws]
role_arn        = {target}
region          = "eu-west-1"
session_name    = "{person}"
source_identity = "{person}"
tiers.read      = { policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }

)";

constexpr std::string_view kVault =
    R"(# A database user for each grant, dropped when it ends. prodaccess-vault(7) has logins and engines.
[roles.orders]
description = "Look at the orders database"
provider    = "vault"
ttl_default = "30m"
ttl_max     = "2h"
reason      = "required"
env   = { PGHOST = "orders.db.example.com", PGDATABASE = "orders", PGUSER = "{username}" }
files = { PGPASSFILE = "*:*:*:{username}:{password}\n" }
[roles.orders.vault]
address  = {target}
login    = { method = "token" }
policies = ["orders"]
engine   = "database"
role     = "orders-reader"

)";

constexpr std::string_view kGcp =
    R"(# Tokens of a service account; reads get one that can only read. prodaccess-gcp(7)
[roles.ops]
description = "Operate production"
provider    = "gcp"
ttl_default = "30m"
ttl_max     = "1h"
reason      = "required"
[roles.ops.gcp]
auth            = "application-default"
service_account = {target}
tiers.read      = { scopes = ["cloud-platform.read-only"] }

)";

constexpr std::string_view kPostgres =
    R"(# A login role for each grant, with the memberships named here, dropped when it ends.
# Its maker's password:  prodaccess postgres password --role orders   prodaccess-postgres(7)
[roles.orders]
description = "Repair orders"
provider    = "postgres"
ttl_default = "30m"
ttl_max     = "2h"
reason      = "required"
[roles.orders.postgres]
server     = {target}
member_of  = ["orders_writer"]
tiers.read = { member_of = ["orders_reader"] }

)";

constexpr std::string_view kKubernetes =
    R"(# Tokens of a service account, bound to an object that is deleted with the grant.
[roles.cluster]
description = "Look into the cluster"
provider    = "kubernetes"
ttl_default = "30m"
ttl_max     = "1h"
reason      = "required"
[roles.cluster.kubernetes]
server          = {target}
auth            = "client-certificate"
client_certificate = "/etc/prodaccess/kubernetes.crt"
client_key      = "/etc/prodaccess/kubernetes.key"
namespace       = "default"
service_account = "viewer"

)";

constexpr std::string_view kStores =
    R"(# Where secrets lie. "auto" takes the first store that really works; `prodaccess doctor` says which.
[stores]
# ephemeral = "auto"          # kernel, secret-service, memory
)";

constexpr std::string_view kAutomaticStore =
    R"(# durable   = "auto"          # secret-service, or "file" (encrypted; needs passphrase_from)
# passphrase_from = "prompt"  # or "key-file:/home/me/.prodaccess-key", "ssh-agent:SHA256:..."
)";

std::string_view role_text(const std::string& provider) {
  if (provider == "aws") return kAws;
  if (provider == "vault") return kVault;
  if (provider == "gcp") return kGcp;
  if (provider == "postgres") return kPostgres;
  return provider == "kubernetes" ? kKubernetes : kLocal;
}

std::string fill(std::string_view text, std::string_view mark, const std::string& value) {
  std::string filled(text);
  const std::size_t at = filled.find(mark);
  if (at != std::string::npos) filled.replace(at, mark.size(), value);
  return filled;
}

}  // namespace

const std::vector<StarterQuestion>& starter_questions() {
  static const std::vector<StarterQuestion> questions{
      {"local", "User to log in as on the hosts", "debug", "bastion"},
      {"aws", "ARN of the role", "arn:aws:iam::111122223333:role/ops", "ops"},
      {"vault", "Address of the Vault or OpenBao server", "https://vault.example.com:8200",
       "orders"},
      {"gcp", "Service account", "ops@acme-prod.iam.gserviceaccount.com", "ops"},
      {"postgres", "Server, as the user that makes roles",
       "postgresql://provisioner@db.example.com:5432/orders", "orders"},
      {"kubernetes", "Address of the API server", "https://kubernetes.example.com:6443", "cluster"},
  };
  return questions;
}

const StarterQuestion& starter_question(const std::string& provider) {
  std::vector<std::string> names;
  for (const StarterQuestion& question : starter_questions()) {
    if (question.provider == provider) return question;
    names.push_back(question.provider);
  }
  throw Error(ErrorCode::Usage, "init knows no provider " + escape_for_terminal(provider),
              {"one of: " + join(names, ", "),
               "a program of one's own is written in by hand: prodaccess-provider(7)"});
}

std::string starter_configuration(const StarterAnswers& answers) {
  const StarterQuestion& question = starter_question(answers.provider);
  const std::string& target = answers.target.empty() ? question.example : answers.target;
  // A JSON string is a basic string of TOML.
  return fill(kHead, "{role}", question.role) +
         fill(role_text(answers.provider), "{target}", Json(target).dump()) + std::string(kStores) +
         (answers.durable_store.empty() ? std::string(kAutomaticStore) : answers.durable_store);
}

}  // namespace prodaccess
