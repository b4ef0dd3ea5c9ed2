#include "cli/security_key.h"

#include "cli/approval_gate.h"
#include "cli/context.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/os/ssh_agent_client.h"
#include "core/policy/sshsig.h"

namespace prodaccess {
namespace {

constexpr std::string_view kConfirmationNamespace = "prodaccess-confirmation@v1";

// Whether the asker is the one whom the signers' file gives for this signature.
bool is_askers_own(Context& context, const Sshsig& signature) {
  const ApprovalSettings settings = approval_settings(context);
  if (settings.allowed_signers.empty()) return false;
  const Asker asker = observe_asker(settings);
  const AllowedSigners signers = load_signers(context, settings);
  for (const std::string& principal :
       signers.signers_of(signature, settings.all_principals(), context.clock().wall_now())) {
    const auto person = settings.person_of_principal(principal);
    if (person && asker.people.count(*person) != 0) return true;
  }
  return false;
}

SshAgentClient connect() {
  try {
    return SshAgentClient(environment_variable("SSH_AUTH_SOCK"));
  } catch (const Error& error) {
    throw Error(
        ErrorCode::Denied,
        std::string("not confirmed: the rule asks for a security key, and ") + error.what() +
            "; nothing was run",
        {"eval \"$(ssh-agent)\" && ssh-add -K    starts one with the keys of a security key"});
  }
}

}  // namespace

void confirm_by_touch(Context& context, const std::string& text) {
  SshAgentClient agent = connect();
  bool asked = false;
  for (const AgentKey& key : agent.keys()) {
    const auto parsed = SshPublicKey::parse(key.blob);
    if (!parsed || !parsed->is_security_key()) continue;
    if (!is_askers_own(context, {*parsed, std::string(kConfirmationNamespace), ""})) continue;
    asked = true;
    warn("touch the security key " + key.comment);
    const std::string blob = agent.sign(key, sshsig_signed_data(text, kConfirmationNamespace));
    const Sshsig signature{*parsed, std::string(kConfirmationNamespace), blob};
    if (signature.verify(text, kConfirmationNamespace)) return;
  }
  throw Error(ErrorCode::Denied,
              asked ? "the security key was not touched"
                    : "the rule asks for a security key, and the ssh-agent holds none of yours",
              {"ssh-add -K    loads the keys of a security key",
               "it must stand in allowed_signers, for namespace prodaccess-confirmation@v1 too"});
}

}  // namespace prodaccess
