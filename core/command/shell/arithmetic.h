// evaluate_arithmetic: the value of an arithmetic expression of integers, variables, parentheses
// and + - * / % (POSIX sh 2.6.4). Everything else is absent: assignments, other operators, other
// bases, an overflow, a division by zero, parentheses deeper than 32.
//
// Linear in the text's length. Threads: pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace prodaccess::shell {

// The value of a variable as a number; absent: not known.
using NumberOf = std::function<std::optional<std::int64_t>(std::string_view name)>;

std::optional<std::int64_t> evaluate_arithmetic(std::string_view text, const NumberOf& number_of);

// A decimal number as the shell reads it: no sign, no leading zero.
std::optional<std::int64_t> decimal(std::string_view text);

}  // namespace prodaccess::shell
