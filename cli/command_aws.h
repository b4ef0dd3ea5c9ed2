// The sub-commands of `prodaccess aws`, each in a file of its own.
#pragma once

#include <string>

#include "cli/command.h"
#include "cli/hand_out.h"
#include "core/grant/role.h"
#include "providers/aws/aws_credential.h"

namespace prodaccess {

class Context;

void add_aws_import_keys(Command& aws);
void add_aws_keys(Command& aws);
void add_aws_eks_token(Command& aws);
void add_aws_rds_token(Command& aws);
void add_aws_console(Command& aws);
void add_aws_ecr_credential(Command& aws);
void add_aws_sso_roles(Command& aws);

// What signs for a client, and where. Under `exec`, and with no role named, that is what exec gave.
struct AwsSigner {
  AwsCredential credential;
  std::string region;
  std::string sts_url;  // in place of AWS's own; "": that
  std::string ecr_url;
  std::string federation_url;
};

// As hand_out, with the credential in AWS's form. `region`: asked for, else the role's.
void hand_out_aws(Context& context, const HandOut& options, const std::string& region,
                  const std::string& form, const std::function<Secret(const AwsSigner&)>& make,
                  const std::function<void(const Secret&)>& print);

}  // namespace prodaccess
