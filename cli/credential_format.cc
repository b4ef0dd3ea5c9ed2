#include "cli/credential_format.h"

#include "cli/child_run.h"
#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "core/base/time.h"
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
  const auto token = credential.fields.find("token");
  if (token == credential.fields.end()) {
    throw Error(ErrorCode::Usage, "a credential of role " + role.name + " has no token");
  }
  return exec_credential(exec_credential_version(environment_variable("KUBERNETES_EXEC_INFO")),
                         token->second.view(), credential.expires_at);
}

}  // namespace

std::vector<std::string> credential_formats() {
  return {"env", "dotenv", "json", "exec-credential"};
}

Secret format_credential(Context& context, const Role& role, const Credential& credential,
                         const std::string& format) {
  if (format == "exec-credential") return kubernetes_form(role, credential);
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
