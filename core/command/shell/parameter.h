// The operators of parameter expansion on values that are known (bash(1), Parameter Expansion).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/command/shell/syntax.h"

namespace prodaccess::shell {

// Whether `text` is more than itself as a pattern.
bool is_pattern(std::string_view text);

// What `${x<op>operand<...replacement>}` makes of `value`; absent where it cannot be told. Not for
// the operators that ask whether the variable is set.
std::optional<std::string> apply_operator(const Parameter& parameter, const std::string& value,
                                          const std::string& operand,
                                          const std::string& replacement);

}  // namespace prodaccess::shell
