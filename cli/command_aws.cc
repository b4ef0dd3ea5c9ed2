// prodaccess aws: what AWS's clients need of a grant, and the keys and logins behind it.
#include "cli/command_aws.h"

#include "cli/commands.h"
#include "cli/context.h"
#include "core/base/error.h"
#include "core/os/process_tree.h"
#include "providers/aws/aws_parameters.h"

namespace prodaccess {
namespace {

Secret field_of(const Role& role, const Credential& credential, std::string_view name) {
  const auto found = credential.fields.find(name);
  if (found != credential.fields.end()) return found->second.duplicate();
  throw Error(ErrorCode::Usage, "a credential of role " + role.name + " is none of AWS",
              {"prodaccess roles   lists each role's provider"});
}

std::string require_region(const std::string& asked, std::string known) {
  if (!asked.empty()) return asked;
  if (!known.empty()) return known;
  throw Error(ErrorCode::Usage, "the region is not known", {"--region eu-west-1"});
}

// Inside `exec`: its keys are in the environment, put there after the command was judged.
bool signs_as_exec(const HandOut& options) {
  return options.source.role.empty() && !options.source.once &&
         !environment_variable(kSessionVariable).empty() &&
         !environment_variable("AWS_ACCESS_KEY_ID").empty();
}

AwsSigner signer_of_exec(const std::string& region) {
  AwsSigner signer;
  signer.credential.access_key_id = environment_variable("AWS_ACCESS_KEY_ID");
  signer.credential.secret_access_key = Secret(environment_variable("AWS_SECRET_ACCESS_KEY"));
  signer.credential.session_token = Secret(environment_variable("AWS_SESSION_TOKEN"));
  signer.region = require_region(region, environment_variable("AWS_REGION"));
  return signer;
}

AwsSigner signer_of_role(const Role& role, const Credential& credential,
                         const std::string& region) {
  AwsSigner signer;
  signer.credential.access_key_id = field_of(role, credential, "access_key_id").view();
  signer.credential.secret_access_key = field_of(role, credential, "secret_access_key");
  signer.credential.session_token = field_of(role, credential, "session_token");
  signer.credential.expires_at = credential.expires_at;
  signer.region = require_region(region, std::string(credential.field("region")));
  if (role.provider == "aws") {
    const AwsClientEndpoints endpoints = read_aws_parameters(role.parameters).clients.endpoints;
    signer.ecr_url = endpoints.ecr;
    signer.federation_url = endpoints.federation;
  }
  return signer;
}

}  // namespace

void hand_out_aws(Context& context, const HandOut& options, const std::string& region,
                  const std::string& form, const std::function<Secret(const AwsSigner&)>& make,
                  const std::function<void(const Secret&)>& print) {
  if (signs_as_exec(options)) return print(make(signer_of_exec(region)));
  hand_out(
      context, options, form,
      [&](const Role& role, const Credential& credential) {
        return make(signer_of_role(role, credential, region));
      },
      print);
}

void add_aws(Command& root) {
  Command& aws = root.add("aws", "what AWS's clients need of a grant, and the keys behind it");
  aws.describe(
      "Inside exec these sign with the keys that exec gave, where no role is named; elsewhere a "
      "grant's\ncredential is handed out, as by creds.");
  add_aws_eks_token(aws);
  add_aws_rds_token(aws);
  add_aws_ecr_credential(aws);
  add_aws_console(aws);
  add_aws_sso_roles(aws);
  add_aws_import_keys(aws);
  add_aws_keys(aws);
  aws.example("prodaccess aws eks-token --role ops --cluster prod-eu");
  aws.example("prodaccess aws console --role ops");
}

}  // namespace prodaccess
