// RoleSessionMaker: one session for one IssueRequest: the base identity, the code of a person where
// one is asked for, the call, and the check of what came of it.
//
// Errors: as of the parts. Threads: one.
#pragma once

#include <string>

#include "core/grant/provider.h"
#include "providers/aws/aws_parameters.h"
#include "providers/aws/base_identity.h"
#include "providers/aws/sts_client.h"

namespace prodaccess {

struct RoleSessionMade {
  AwsCredential credential;
  CallerIdentity caller;
  std::string handle;
  std::string region;
  Milliseconds skew{0};
};

// The STS endpoint of a role, in `region` or, where that is "", in the first one of its partition.
AwsEndpoint sts_endpoint(const AwsParameters& parameters, const std::string& region);

class RoleSessionMaker {
 public:
  // All must outlive it.
  RoleSessionMaker(AwsHost& host, const AwsParameters& parameters, const IssueRequest& request,
                   Prompt& prompt);

  RoleSessionMade make(const HandleObserver& on_handle);

 private:
  AwsCredential mfa_session(const AwsCredential& keys, const std::string& serial);
  Secret ask_code(const std::string& serial, const StageReport& stage);
  RoleSessionMade assume(const BaseIdentity& base, const HandleObserver& on_handle);
  RoleSessionMade pass_on(BaseIdentity base, const HandleObserver& on_handle);
  AssumedRole call(const BaseIdentity& base, const RoleSession& session);
  Seconds wanted(const BaseIdentity& base);
  bool is_of_a_role(const BaseIdentity& base);
  void check_caller(const CallerIdentity& caller, const std::string& expected_arn) const;

  AwsHost& host_;
  const AwsParameters& parameters_;
  const IssueRequest& request_;
  Prompt& prompt_;
  std::string session_name_;
  std::string region_;
  StsClient sts_;
};

}  // namespace prodaccess
