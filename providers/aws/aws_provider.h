// AwsProvider: sessions of IAM roles from STS, each checked to be of the account and role that were
// asked for before anything is kept. prodaccess-aws(7).
//
// Fields: "access_key_id", "secret_access_key", "session_token", "account_id", "region" (may be
// absent). Handles: the session's ARN, "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION"; of a base
// session that is given as it is, its access key id.
//
// A session lives 15 minutes at least, by STS's rule: the grant may end before it; its notes say
// so. STS takes nothing back.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/grant/provider.h"
#include "providers/aws/aws_parameters.h"
#include "providers/aws/base_identity.h"

namespace prodaccess {

class AwsProvider final : public Provider {
 public:
  // `prompt` must outlive it.
  AwsProvider(AwsHost host, Prompt& prompt);

  std::string name() const override { return "aws"; }
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
  std::optional<RevokeOutcome> deny(const DenyRequest& request) override;
  std::vector<ProbeFinding> probe(const Role& role) override;
  std::unique_ptr<Login> login(const Role& role) override;
  std::vector<std::pair<std::string, Secret>> environment(
      const Role& role, const Credential& credential) const override;
  std::vector<std::string> rival_variables() const override;
  std::vector<std::string> base_variables(const Role& role) const override;

 private:
  // Asks AWS as the grant's own credential whether the deny works, and says so.
  void tell_probe(const AwsParameters& parameters, const AwsEndpoint& place,
                  const DenyRequest& request, RevokeOutcome& outcome);
  AwsHost host_;
  Prompt& prompt_;
};

}  // namespace prodaccess
