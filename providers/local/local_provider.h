// LocalProvider: the embedded authority as a Provider. It issues, without any network,
//
//   kind = "ssh"    an OpenSSH certificate for a fresh key pair, served to the child by a private
//                   agent socket. Fields: "certificate" (a line), "private_key" (OpenSSH's form).
//   kind = "token"  a signed JSON Web Token. Fields: "token", and "jti".
//
// The child finds a token in PRODACCESS_TOKEN, or where the role's `env` puts {token}.
// Handles: LocalHandle (revocations.h). Revocation puts the handle on a list; servers learn it when
// `prodaccess local krl` or `denied` is given to them, and the outcome says so.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/grant/provider.h"
#include "core/os/clock.h"
#include "core/os/random.h"
#include "providers/local/authority.h"
#include "providers/local/local_parameters.h"
#include "providers/local/revocations.h"

namespace prodaccess {

class LocalProvider final : public Provider {
 public:
  // All must outlive it. `folder` is the state folder's "local".
  LocalProvider(OpenStore open_store, Files& files, const Clock& clock, Random& random,
                const std::filesystem::path& folder);

  std::string name() const override { return "local"; }
  void check(const Role& role) const override;
  std::vector<std::string> tools(const Role& role) const override;
  std::optional<Effect> narrowed(const Role& role) const override;
  bool has_tiers(const Role& role) const override;
  IssuedDescription describe(const Role& role) const override;
  std::string shape(const Role& role) const override;
  Issued issue(const IssueRequest& request, const HandleObserver& on_handle) override;
  std::optional<Issued> renew(const IssueRequest& request, const Credential& credential) override;
  RevokeOutcome revoke(const Role& role, const std::string& handle,
                       const Credential* credential) override;
  std::vector<ProbeFinding> probe(const Role& role) override;
  std::vector<std::pair<std::string, Secret>> environment(
      const Role& role, const Credential& credential) const override;
  std::vector<std::string> rival_variables() const override;
  std::unique_ptr<ChildService> serve(const ServedRun& run) override;

  Authority& authority() { return authority_; }
  Revocations& revocations() { return revocations_; }

 private:
  Credential issue_certificate(const IssueRequest& request, const LocalParameters& parameters,
                               const HandleObserver& on_handle);
  Credential issue_token(const IssueRequest& request, const LocalParameters& parameters,
                         const HandleObserver& on_handle);
  // Times and handle of a new credential; throws where `request.until` is past.
  Credential begin(const IssueRequest& request, const LocalHandle& handle) const;

  const Clock& clock_;
  Random& random_;
  Authority authority_;
  Revocations revocations_;
};

}  // namespace prodaccess
