#include "cli/credential_format.h"

#include <cstring>

#include "cli/child_run.h"
#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "providers/kubernetes/exec_credential.h"

namespace prodaccess {
namespace {

// Text that grows in wiped memory only.
class SecretText {
 public:
  SecretText& add(std::string_view text) {
    if (used_ + text.size() > bytes_.size()) {
      Secret larger(std::max(used_ + text.size(), bytes_.size() * 2 + 1024));
      if (used_ != 0) std::memcpy(larger.data(), bytes_.data(), used_);
      bytes_ = std::move(larger);
    }
    if (!text.empty()) std::memcpy(bytes_.data() + used_, text.data(), text.size());
    used_ += text.size();
    return *this;
  }
  SecretText& add(char c) { return add(std::string_view(&c, 1)); }
  Secret take() { return Secret(std::string_view(bytes_.view().data(), used_)); }

 private:
  Secret bytes_;
  std::size_t used_ = 0;
};

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

// Inside double quotes of a .env file, and of JSON: both read \n, \" and \\ alike.
void add_escaped(SecretText& text, std::string_view value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  text.add('"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text.add('\\').add(c);
    } else if (c == '\n') {
      text.add("\\n");
    } else if (byte < 0x20) {
      text.add("\\u00").add(kDigits[byte >> 4]).add(kDigits[byte & 15]);
    } else {
      text.add(c);
    }
  }
  text.add('"');
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
      text.add('"').add(name).add("\":");
      add_escaped(text, value.view());
    }
    return text.add("}}\n").take();
  }
  for (const auto& [name, value] : variables) {
    if (format == "env") {
      text.add("export ").add(name).add('=');
      add_shell_quoted(text, value.view());
    } else {
      text.add(name).add('=');
      add_escaped(text, value.view());
    }
    text.add('\n');
  }
  return text.take();
}

}  // namespace prodaccess
