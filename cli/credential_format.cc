#include "cli/credential_format.h"

#include "cli/child_run.h"
#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/jwt.h"
#include "core/base/secret_text.h"
#include "core/base/time.h"
#include "providers/gcp/executable_source.h"
#include "providers/kubernetes/exec_credential.h"

namespace prodaccess {
namespace {

void add_shell_quoted(SecretText& text, std::string_view value) {
  text.add('\'');
  for (const char c : value) {
    if (c == '\'') {
      text.add("'\\''");
    } else {
      text.add(c);
    }
  }
  text.add('\'');
}

// For kubectl, in the version that it asks for.
Secret kubernetes_form(const Role& role, const Credential& credential) {
  const std::string_view token = credential.field("token");
  if (token.empty()) {
    throw Error(ErrorCode::Usage, "a credential of role " + role.name + " has no token",
                {"prodaccess creds --format json   writes any"});
  }
  return exec_credential(exec_credential_version(environment_variable("KUBERNETES_EXEC_INFO")),
                         token, credential.expires_at);
}

// For AWS's clients: AWS CLI User Guide, "Sourcing credentials with an external process".
Secret aws_process_form(const Role& role, const Credential& credential) {
  if (credential.field("access_key_id").empty() || credential.field("secret_access_key").empty()) {
    throw Error(ErrorCode::Usage, "a credential of role " + role.name + " is none of AWS",
                {"prodaccess creds --format json   writes any"});
  }
  SecretText text;
  text.add("{\"Version\":1").add_json_member("AccessKeyId", credential.field("access_key_id"));
  text.add_json_member("SecretAccessKey", credential.field("secret_access_key"));
  text.add_json_member("SessionToken", credential.field("session_token"));
  const auto end = std::chrono::floor<Seconds>(credential.expires_at);
  text.add_json_member("Expiration", format_rfc3339(end));
  if (!credential.field("account_id").empty())
    text.add_json_member("AccountId", credential.field("account_id"));
  return text.add("}\n").take();
}

// For Google's client libraries, of the type that they ask for.
Secret google_form(const Role& role, const Credential& credential) {
  const std::string_view token = credential.field("token");
  if (role.provider != "gcp" || !unverified_claims(token)) {
    throw Error(ErrorCode::Usage,
                "a credential of role " + role.name + " is none that Google would exchange",
                {"kind = \"id-token\" or \"subject-token\"   in the role's gcp table"});
  }
  return executable_answer(token, environment_variable("GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE"),
                           credential.expires_at);
}

}  // namespace

std::vector<std::string> credential_formats() {
  return {
      "env", "dotenv", "json", "exec-credential", "aws-credential-process", "google-executable"};
}

Secret format_credential(Context& context, const Role& role, const Credential& credential,
                         const std::string& format) {
  if (format == "exec-credential") return kubernetes_form(role, credential);
  if (format == "aws-credential-process") return aws_process_form(role, credential);
  if (format == "google-executable") return google_form(role, credential);
  const auto variables = credential_variables(context, role, credential);
  if (variables.empty()) {
    throw Error(ErrorCode::Usage,
                "a credential of role " + role.name + " is served to commands, not handed out",
                {"prodaccess exec --role " + role.name + " -- COMMAND"});
  }
  SecretText text;
  if (format == "json") {
    text.add(R"({"expires_at":)").add("\"" + format_rfc3339(credential.expires_at) + "\"");
    text.add(R"(,"tier":")").add(tier_name(credential.tier)).add(R"(","variables":{)");
    bool first = true;
    for (const auto& [name, value] : variables) {
      if (!first) text.add(',');
      first = false;
      text.add('"').add(name).add("\":").add_json_string(value.view());
    }
    return text.add("}}\n").take();
  }
  for (const auto& [name, value] : variables) {
    if (format == "env") {
      text.add("export ").add(name).add('=');
      add_shell_quoted(text, value.view());
    } else {
      text.add(name).add('=');
      text.add_json_string(value.view());
    }
    text.add('\n');
  }
  return text.take();
}

}  // namespace prodaccess
