// CredentialSource: where a command's credential comes from: a grant that is held, or one made for
// this command alone (`--once`), issued when it is first needed and ended with the command.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/access.h"
#include "core/grant/grant.h"
#include "core/grant/role.h"

namespace prodaccess {

class Context;

class CredentialSource {
 public:
  // A live grant.
  CredentialSource(Context& context, Grant grant);
  // `--once`: nothing is kept. `access` was checked.
  CredentialSource(Context& context, const Role& role, AccessRequest access);
  // Ends what was made for this command, if `finish` did not.
  ~CredentialSource();
  CredentialSource(const CredentialSource&) = delete;
  CredentialSource& operator=(const CredentialSource&) = delete;

  const Role& role() const { return role_; }
  const Grant& grant() const { return grant_; }
  bool once() const { return access_.has_value(); }
  const Credential& credential(Tier tier);
  // A credential of this command alone was given away: it ends by itself, at its own time.
  void hand_over();
  // Ends what this command alone has, at the provider, and records it. Throws nothing of the
  // provider's: what could not be taken back is said on stderr.
  void finish();

 private:
  Credential fetch(Tier tier);
  void end(Tier tier, const Credential& credential);

  Context& context_;
  const Role& role_;
  Grant grant_;
  std::optional<AccessRequest> access_;
  std::map<Tier, Credential> credentials_;
  // The ledger's sessions of those that are this command's alone.
  std::map<Tier, std::string> sessions_;
  bool finished_ = false;
};

// Which one, as the options of a command say.
struct SourceChoice {
  std::string role;  // a role or a grant's id; else the only grant
  std::string tool;  // where none is named: the grant that serves this tool; "" for any
  bool once = false;
  std::optional<Seconds> ttl;  // this and the following with `once`
  std::string reason;
  std::string ticket;
  std::vector<std::string> approvals;
  std::optional<Seconds> wait;
};

// `command` names the caller ("prodaccess exec"), `rest` what follows its options, in messages.
std::unique_ptr<CredentialSource> choose_source(Context& context, const SourceChoice& choice,
                                                const std::string& command,
                                                const std::string& rest);

}  // namespace prodaccess
