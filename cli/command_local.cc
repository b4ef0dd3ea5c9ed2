// prodaccess local: the public halves of the embedded authority, and what it has taken back, in the
// forms that servers read.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/provider_registry.h"
#include "core/base/text.h"
#include "core/os/files.h"
#include "providers/local/local_provider.h"
#include "providers/local/signed_token.h"

namespace prodaccess {
namespace {

struct LocalOptions {
  std::optional<std::string> output;
  bool with_signature = false;
};

// To the file, whole or not at all, or to standard output.
int deliver(Context& context, const LocalOptions& options, std::string_view content) {
  if (!options.output) {
    print_raw(content);
    return kDone;
  }
  context.files().write(std::filesystem::absolute(*options.output).lexically_normal(), content);
  return kDone;
}

int run_jwks(Context& context, const LocalOptions& options) {
  const Ed25519Key& key = context.providers().local().authority().key();
  return deliver(context, options, canonical_json(json_web_key_set(key.public_key())) + "\n");
}

int run_ssh_ca(Context& context, const LocalOptions& options) {
  const std::string line = context.providers().local().authority().ssh_authority_line();
  if (!context.json()) return deliver(context, options, line + "\n");
  return deliver(context, options, canonical_json({{"ssh_ca", line}}) + "\n");
}

Json serials_json(const RevocationList& list) {
  Json serials = Json::array();
  for (const RevokedHandle& entry : list.entries) {
    // As text: a serial has more digits than some readers of JSON keep.
    if (entry.what.ssh) serials.push_back(entry.what.id);
  }
  return serials;
}

int run_krl(Context& context, const LocalOptions& options) {
  LocalProvider& local = context.providers().local();
  const RevocationList list = local.revocations().list();
  const std::string krl =
      ssh_revocation_list(list, local.authority().ssh_key_blob(), context.clock().wall_now());
  if (!context.json()) return deliver(context, options, krl);
  const Json json = {
      {"number", list.number}, {"serials", serials_json(list)}, {"krl", base64(krl)}};
  return deliver(context, options, canonical_json(json) + "\n");
}

int run_denied(Context& context, const LocalOptions& options) {
  LocalProvider& local = context.providers().local();
  const Json denied =
      denied_tokens(local.revocations().list(), "prodaccess-local", context.clock().wall_now());
  if (!options.with_signature) return deliver(context, options, canonical_json(denied) + "\n");
  const Secret signed_list = sign_token(denied, "prodaccess-denied+jwt", local.authority().key());
  return deliver(context, options, std::string(signed_list.view()) + "\n");
}

using Action = int (*)(Context&, const LocalOptions&);

Command& add_export(Command& local, const std::string& name, const std::string& summary,
                    Action action, std::shared_ptr<LocalOptions> options) {
  Command& command = local.add(name, summary);
  command
      .option("--output", &options->output, "FILE",
              "write the file (mode 0600), whole or not at all")
      .completes("files");
  command.runs([options, action](Context& context) { return action(context, *options); });
  return command;
}

void add_ssh_exports(Command& local) {
  Command& ca = add_export(local, "ssh-ca", "print the key that sshd is to trust", run_ssh_ca,
                           std::make_shared<LocalOptions>());
  ca.describe(
      "One public key, for the file that TrustedUserCAKeys names in sshd_config. The key is made "
      "at first use and kept in the durable store.\n\n"
      "Where ~/.ssh/config sets IdentityAgent, ssh does not ask the agent that exec gives it: use "
      "ssh -o IdentityAgent=SSH_AUTH_SOCK. The same goes for IdentitiesOnly yes: use -o "
      "IdentitiesOnly=no.");
  ca.example("prodaccess local ssh-ca --output /etc/ssh/prodaccess-ca.pub",
             "then in sshd_config: TrustedUserCAKeys /etc/ssh/prodaccess-ca.pub");
  Command& krl = add_export(local, "krl", "print the certificates taken back, for sshd", run_krl,
                            std::make_shared<LocalOptions>());
  krl.describe(
      "A key revocation list in OpenSSH's binary form. sshd refuses what stands in it from the "
      "next login on; copy it there after each revoke. An entry stays a day longer than its "
      "certificate would have lived.");
  krl.example("prodaccess local krl --output /etc/ssh/prodaccess.krl",
              "then in sshd_config: RevokedKeys /etc/ssh/prodaccess.krl");
  krl.example("prodaccess local krl --json", "its number and serials");
}

void add_token_exports(Command& local) {
  Command& jwks = add_export(local, "jwks", "print the key that services check tokens with",
                             run_jwks, std::make_shared<LocalOptions>());
  jwks.describe(
      "A JSON Web Key Set (RFC 7517) with one Ed25519 key. Tokens are JSON Web Tokens "
      "with alg EdDSA, and iss prodaccess-local unless the role says otherwise.");
  jwks.example("prodaccess local jwks --output jwks.json");
  const auto options = std::make_shared<LocalOptions>();
  Command& denied =
      add_export(local, "denied", "print the tokens taken back, for services", run_denied, options);
  denied.flag("--signed", &options->with_signature,
              "as a signed token of type prodaccess-denied+jwt");
  denied.describe(
      "An object with the ids (jti) that a service must refuse until their exp, and a "
      "number that only grows: a service refuses a list older than the one it has.");
  denied.example("prodaccess local denied --output /srv/denied.json");
  denied.example("prodaccess local denied --signed");
}

}  // namespace

void add_local(Command& root) {
  Command& local =
      root.add("local", "the embedded authority: public keys, and lists of what it has taken back");
  local.describe(
      "The embedded authority issues SSH certificates and signed tokens for roles with "
      "provider \"local\". Nothing but this machine vouches for it: its limits are "
      "advisory.");
  add_ssh_exports(local);
  add_token_exports(local);
  local.example("prodaccess local ssh-ca");
}

}  // namespace prodaccess
