// explain: an Invocation as the stable JSON object of `policy explain --json` (fields are added,
// never renamed; prodaccess-policy(1)).
#pragma once

#include <string>
#include <string_view>

#include "core/base/json_writer.h"
#include "core/command/invocation.h"

namespace prodaccess {

// What the policy says of one invocation; the texts belong to the caller.
struct ExplainedVerdict {
  std::string verdict;  // "allow", ...
  std::string rule_id;
  std::string rule_source;
  std::vector<std::string> reasons;     // beside the invocation's own
  std::vector<std::string> considered;  // ids of all rules that matched
};

// Asked for the whole and for each part of it.
class VerdictSource {
 public:
  virtual ~VerdictSource() = default;
  virtual ExplainedVerdict verdict(const Invocation& invocation) = 0;
};

// `command`: the text as it was given.
void write_explanation(JsonWriter& json, std::string_view command, const Invocation& invocation,
                       VerdictSource& verdicts);

std::string_view preview_kind_name(PreviewKind kind);
std::string_view opaque_cause_name(OpaqueCause cause);  // "" where it is not opaque

}  // namespace prodaccess
