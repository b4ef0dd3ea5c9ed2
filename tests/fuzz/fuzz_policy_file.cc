// A policy file is read or is one Error with its place; and however odd the rules are, none of them
// loosens: as a user's layer beneath a system's they only tighten.
#include <cstdlib>

#include "core/base/error.h"
#include "core/policy/decide.h"
#include "core/policy/layer.h"
#include "core/policy/policy_reader.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

Invocation deletion() {
  Invocation invocation;
  invocation.argv = {"aws", "ec2", "terminate-instances", "i-1"};
  invocation.tool = "aws";
  invocation.action = "ec2 terminate-instances";
  invocation.effect = Effect::Destructive;
  invocation.targets.push_back({"aws", "1", "", "", "eu-west-1", "instance", "i-1"});
  return invocation;
}

void check_only_tightens(const std::string& text) {
  const Policy without = assemble_policy({}, {}, true, {});
  const Policy with = assemble_policy({}, {{"fuzz.toml", text}}, true, {});
  for (const IdentityClass identity : {IdentityClass::Human, IdentityClass::Agent}) {
    DecisionContext context;
    context.identity = identity;
    const Decision before = decide(without, deletion(), context);
    const Decision after = decide(with, deletion(), context);
    require(after.verdict >= before.verdict);
    require(after.verdict == Verdict::Deny || after.obligations.preview);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  try {
    const PolicyLayer layer = read_policy_layer({"fuzz.toml", text}, {});
    for (const Rule& rule : layer.rules) {
      require(rule.text == rule_text(rule));
      require(rule.says.verdict || rule.says.preview || rule.says.reason || rule.says.ticket ||
              rule.says.max_per_hour || !rule.says.alert.empty());
    }
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Policy);
    require(std::string(error.what()).rfind("fuzz.toml:", 0) == 0);
    return 0;
  }
  try {
    check_only_tightens(text);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Policy);  // [environments], or an id that stands twice
  }
  return 0;
}
