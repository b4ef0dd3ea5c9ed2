// child_run: starts the user's command with its credential, watches it, and records both ends.
#pragma once

#include <string>
#include <vector>

#include "cli/credential_source.h"
#include "core/command/command_line.h"
#include "core/command/effect.h"
#include "core/grant/provider.h"
#include "core/os/program.h"
#include "core/os/secret_file.h"
#include "core/os/supervisor.h"

namespace prodaccess {

class Context;

struct ChildRun {
  const Program& program;
  const CommandLine& command;
  CredentialSource& source;
  Tier tier = Tier::Wide;
  Effect effect = Effect::Opaque;
  std::string session;
  bool aws_endpoint = false;  // serve the credential instead of putting it into the environment
  bool recording = false;
  std::vector<std::string> folded;  // variables that are left out: their words are in `command`
};

// What a provider serves one command, or one preview, with; of the tier, in the session `session`.
// `context` and `source` must outlive it.
ServedRun served_run(Context& context, CredentialSource& source, Tier tier,
                     const std::string& session);

// The intent must be durable before this is called.
RunOutcome run_child(Context& context, const ChildRun& run);

// The file of a session's recording, in the state folder's "recordings".
std::string recording_name(const std::string& session);
// A place for it. Throws Error{Denied} where not all of 0 to 2 is the terminal: a recording shows
// all.
RecordingPlan plan_recording(Context& context, const std::string& session, std::string title);

// The variables that the configuration keeps against the built-in rules, by name; "" for none.
std::string kept_variables(Context& context, const Role& role);

// What a credential becomes: the provider's variables, then the role's own templates.
std::vector<std::pair<std::string, Secret>> credential_variables(Context& context, const Role& role,
                                                                 const Credential& credential);

// The environment of a shell: as a command's, without what the grant gives, with `more`.
ChildEnvironment environment_without_credential(
    Context& context, const Role& role,
    const std::vector<std::pair<std::string, std::string>>& more);

// Records how a session ended.
void record_end(Context& context, const CredentialSource& source, const std::string& session,
                const RunOutcome& outcome);

// The environment of a helper command (a preview) with the credential of `tier` and what `service`
// (perhaps null) leads to, without the variables that `folded` names.
std::vector<std::pair<std::string, Secret>> helper_environment(
    Context& context, CredentialSource& source, Tier tier, const ChildService* service,
    const std::vector<std::string>& folded);

// The files of a role, with a credential's values in them.
class CredentialFiles {
 public:
  CredentialFiles(const Role& role, const Credential& credential);
  // NAME=/dev/fd/N, where the first is descriptor `first`; under their own numbers where absent.
  std::vector<std::pair<std::string, Secret>> variables(std::optional<int> first) const;
  std::vector<int> descriptors() const;  // ascending

 private:
  std::vector<std::pair<std::string, SecretFile>> files_;
};

// `--explain-env`: what would be set and what is taken out, and why. No values.
void print_environment(Context& context, CredentialSource& source, Tier tier, bool aws_endpoint);

}  // namespace prodaccess
