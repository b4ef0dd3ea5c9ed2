// GcpProvider: short-lived tokens of Google Cloud: of a service account that the base identity may
// impersonate, or of the base identity itself; narrowed by scopes or by a boundary.
//
// Fields: "token", "account" (an e-mail address, or "" where Google does not tell), "project".
// Handles: "KIND ACCOUNT END". A token of Google's cannot be taken back: the handle says what lives
// on until when. It is told as soon as the token is there, before anything about it is checked.
//
// What Google issues is checked before use: whose it is (tokeninfo, or the claims of an ID token)
// and, where the role names scopes, that it has no others.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/grant/provider.h"
#include "providers/gcp/executable_source.h"
#include "providers/gcp/gcp_host.h"
#include "providers/gcp/gcp_parameters.h"

namespace prodaccess {

class GoogleBaseIdentity;
class GoogleApi;
struct GoogleToken;

class GcpProvider final : public Provider {
 public:
  explicit GcpProvider(GcpHost host);

  std::string name() const override { return "gcp"; }
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

 private:
  GcpHost host_;
};

// How a library takes the role's credential: from the federation's file, or where the role issues
// ID tokens for a pool from its audience. Throws Error{Usage} for a role of another kind.
ExecutableClient gcp_executable_client(Files& files, const Role& role);

}  // namespace prodaccess
