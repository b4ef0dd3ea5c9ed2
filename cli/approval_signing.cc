#include "cli/approval_signing.h"

#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"
#include "core/os/files.h"
#include "core/os/helper_program.h"
#include "core/os/program.h"
#include "core/os/ssh_agent_client.h"
#include "core/policy/sshsig.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargestKey = 64U << 10;

// The blob of a line "ssh-ed25519 AAAA... comment"; "" where the text is no public key.
std::string public_blob(const std::string& text) {
  const auto fields = split(std::string(trim(text)), ' ');
  if (fields.size() < 2) return {};
  const auto blob = unbase64(fields[1]);
  return blob && SshPublicKey::parse(*blob) ? *blob : std::string();
}

std::optional<std::string> read_key_file(Context& context, const std::string& name) {
  if (name.find('/') == std::string::npos && name.rfind("SHA256:", 0) == 0) return std::nullopt;
  return context.files().read_untrusted(name, kLargestKey);
}

std::vector<AgentKey> usable_keys(SshAgentClient& agent) {
  std::vector<AgentKey> usable;
  for (AgentKey& key : agent.keys()) {
    if (SshPublicKey::parse(key.blob)) usable.push_back(std::move(key));
  }
  return usable;
}

std::vector<std::string> key_lines(const std::vector<AgentKey>& keys) {
  std::vector<std::string> lines;
  for (const AgentKey& key : keys) {
    lines.push_back("--key " + ssh_fingerprint(key.blob) + "   " +
                    escape_for_terminal(key.comment));
  }
  return lines;
}

// The agent's key that `wanted` names, by blob, fingerprint or comment; its only one for "".
AgentKey choose_key(const std::vector<AgentKey>& keys, const std::string& wanted,
                    const std::string& blob) {
  std::vector<AgentKey> fitting;
  for (const AgentKey& key : keys) {
    const bool named = wanted.empty() || (!blob.empty() && key.blob == blob) ||
                       ssh_fingerprint(key.blob) == wanted || key.comment == wanted;
    if (named) fitting.push_back(key);
  }
  if (fitting.size() == 1) return fitting.front();
  if (fitting.empty()) {
    throw Error(ErrorCode::Keyring,
                wanted.empty() ? "the ssh-agent holds no key that can sign"
                               : "the ssh-agent holds no key " + escape_for_terminal(wanted),
                {"ssh-add ~/.ssh/id_ed25519", "or name a private key's file with --key"});
  }
  throw Error(ErrorCode::Usage, "the ssh-agent holds several keys; say which", key_lines(fitting));
}

ApprovalSignature sign_by_agent(const std::string& line, const std::string& wanted,
                                const std::string& blob) {
  SshAgentClient agent(environment_variable("SSH_AUTH_SOCK"));
  const AgentKey key = choose_key(usable_keys(agent), wanted, blob);
  const std::string signature = agent.sign(key, sshsig_signed_data(line, kApprovalNamespace));
  return {sshsig_armor(key.blob, signature, kApprovalNamespace), ssh_fingerprint(key.blob)};
}

// ssh-keygen reads every form of private key there is; we need not.
ApprovalSignature sign_by_file(Context& context, const std::string& line, const std::string& file) {
  const auto program = find_program("ssh-keygen", context.search_path());
  if (!program) {
    throw Error(ErrorCode::NotFound, "signing with a key file needs ssh-keygen",
                {"apt install openssh-client", "or load the key: ssh-add FILE"});
  }
  HelperRun run;
  run.program = program->path;
  run.argv = {"ssh-keygen", "-Y",
              "sign",       "-q",
              "-n",         std::string(kApprovalNamespace),
              "-f",         std::filesystem::absolute(file).string()};
  run.input = Secret(line);
  const HelperResult result = run_helper(run);
  const std::string armored(result.output.view());
  if (!result.good() || !parse_sshsig(armored)) {
    throw Error(ErrorCode::Keyring,
                "ssh-keygen could not sign with " + escape_for_terminal(file) + ": " +
                    escape_for_terminal(trim(result.errors)),
                {"a key with a passphrase belongs in the agent: ssh-add " + shell_quote(file)});
  }
  return {armored, ssh_fingerprint(parse_sshsig(armored)->key.blob())};
}

}  // namespace

ApprovalSignature sign_statement(Context& context, const std::string& line,
                                 const std::string& key) {
  if (key.empty()) return sign_by_agent(line, "", "");
  const auto text = read_key_file(context, key);
  if (!text) return sign_by_agent(line, key, "");
  const std::string blob = public_blob(*text);
  if (!blob.empty()) return sign_by_agent(line, key, blob);
  return sign_by_file(context, line, key);
}

}  // namespace prodaccess
