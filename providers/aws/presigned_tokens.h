// Tokens that are presigned URLs: for the API servers of EKS, and for databases of RDS. Pure: the
// service that reads one asks STS or IAM who signed it.
//
// Whoever has such a token is the credential's identity there. A session policy does not narrow
// what an EKS cluster lets its role do: Kubernetes knows the role's name only.
//
// Sources: kubernetes-sigs/aws-iam-authenticator, "pkg/token"; Amazon RDS User Guide, "Connecting
// to your DB instance using IAM authentication". Errors: Error{Usage} for a name that is none.
// Threads: any.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "providers/aws/aws_credential.h"

namespace prodaccess {

struct PresignedToken {
  Secret token;
  WallTime expires_at{};  // no later than the credential's own end
};

// A bearer token, "k8s-aws-v1.…"; it serves 14 minutes.
PresignedToken eks_token(const AwsCredential& credential, const std::string& region,
                         const std::string& cluster, WallTime now);

struct DatabaseLogin {
  std::string host;
  std::uint16_t port = 5432;
  std::string user;
};
// The password of one login, over TLS; it serves 15 minutes.
PresignedToken rds_token(const AwsCredential& credential, const std::string& region,
                         const DatabaseLogin& login, WallTime now);

}  // namespace prodaccess
