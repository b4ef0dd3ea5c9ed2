// Role: what can be asked for, as the configuration defines it. prodaccess-config(5), ROLES.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/config_table.h"
#include "core/base/record_detail.h"
#include "core/base/time.h"
#include "core/command/effect.h"
#include "core/policy/decide.h"

namespace prodaccess {

// `reason` and `ticket` of a role: asked for or not, and the form it must have (an ECMAScript
// regular expression that must match the whole text; "" for any).
struct TextRequirement {
  bool required = false;
  std::string pattern;
};

struct TrustedProgram {
  std::string path;    // absolute
  std::string sha256;  // hex
};

struct Role {
  std::string name;
  std::string description;
  std::string provider;
  Seconds ttl_default{1800};
  Seconds ttl_max{3600};
  Seconds min_ttl{0};  // `exec` refuses a grant that ends sooner
  // The longest life of a wide credential, where the provider has a read tier beside it.
  Seconds wide_ttl{3600};
  Seconds grace{
      60};  // between the stop signal and KILL, at expiry, for a command that changes things
  TextRequirement reason;
  TextRequirement ticket;
  EffectSet effects = EffectSet::all();
  bool effects_given = false;
  std::vector<std::string> tools;       // empty: all
  std::vector<std::string> targets;     // keys as in [environments]; empty: anywhere
  std::optional<Hours> hours;           // absent: always
  std::optional<Effect> narrowed;       // the provider narrows the credential to this
  std::vector<IdentityClass> identity;  // who may ask; empty: all
  RecordDetail record = RecordDetail::Full;
  bool hand_out = false;  // `creds` may give the wide tier to people and ci
  std::vector<TrustedProgram> trusted_programs;
  // Variables for the child, in order: NAME = "text with {field}s of the credential".
  std::vector<std::pair<std::string, std::string>> environment;
  // The same for files: NAME is set to the path of a file in memory with this content.
  std::vector<std::pair<std::string, std::string>> files;
  // The [roles.NAME.PROVIDER] table; the provider takes and checks its keys.
  ConfigTable parameters;
  SourcePosition position;
};

// What of a role a decision depends on, but for what only its provider knows.
DecisionContext decision_context(const Role& role);

}  // namespace prodaccess
