// The protocol between prodaccess and a provider program: one JSON object each way for each run of
// the program (prodaccess-provider(7)). Pure: text in, values out.
//
// A request is one line of canonical JSON (sorted keys, no blanks, ASCII). A reply is one object,
// read strictly: unknown keys, wrong types, control characters and secrets in a handle are errors.
//
// Errors: Error{Provider} with one line, never a value from a reply that could be secret.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/secret.h"
#include "core/command/effect.h"
#include "core/grant/provider.h"

namespace prodaccess {

inline constexpr int kPluginProtocol = 1;

enum class PluginOperation { Describe, Issue, Renew, Revoke, Probe };
std::string_view plugin_operation_name(PluginOperation operation);

using SecretFields = std::map<std::string, Secret, std::less<>>;

struct PluginRequest {
  PluginOperation operation = PluginOperation::Describe;
  std::string role;
  std::string parameters_json = "{}";  // what the role says, an object
  // Issue and renew.
  std::string person;
  std::string grant;
  std::string reason;
  std::string ticket;
  Tier tier = Tier::Wide;
  std::optional<WallTime> until;
  // Renew and revoke.
  std::string handle;
  const SecretFields* fields = nullptr;  // null: not known any more
  // What a person answered to the questions of an earlier reply.
  const SecretFields* answers = nullptr;
  int protocol = kPluginProtocol;
};

// With a newline at its end.
Secret write_plugin_request(const PluginRequest& request);

struct PluginQuestion {
  std::string name;
  std::string text;
  bool secret = true;
};

// The program wants these answered, and then to be run again.
struct PluginQuestions {
  std::vector<PluginQuestion> questions;
};

struct PluginUnsupported {};

struct PluginFailure {
  std::string message;
  std::vector<std::string> hints;
};

struct PluginDescription {
  IssuedDescription words;
  std::optional<Effect> narrowed;
};

struct PluginIssued {
  std::string handle;
  WallTime expires_at{};
  SecretFields fields;
  std::optional<IssuedDescription> words;
};

using PluginReply =
    std::variant<PluginFailure, PluginUnsupported, PluginQuestions, PluginDescription, PluginIssued,
                 RevokeOutcome, std::vector<ProbeFinding>>;

// The reply to `operation`. A description, issue, outcome or findings only where it asked for them.
PluginReply read_plugin_reply(PluginOperation operation, std::string_view text);

// A field whose name is a variable's ("PGPASSWORD") is given to the child under that name.
bool is_variable_field(std::string_view name);

}  // namespace prodaccess
