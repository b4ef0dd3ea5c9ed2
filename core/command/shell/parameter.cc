#include "core/command/shell/parameter.h"

#include <charconv>

#include "core/base/text.h"

namespace prodaccess::shell {
namespace {

// A pattern costs |pattern| * |value| for each place where it may match.
constexpr std::size_t kLongestPattern = 16;
constexpr std::size_t kLongestValue = 256;

bool can_match(const std::string& pattern, const std::string& value) {
  return !is_pattern(pattern) ||
         (pattern.find_first_of("[(\\") == std::string::npos && pattern.size() <= kLongestPattern &&
          value.size() <= kLongestValue);
}

std::string remove_prefix(const Parameter& parameter, const std::string& value,
                          const std::string& pattern) {
  if (!is_pattern(pattern)) {
    return value.compare(0, pattern.size(), pattern) == 0 ? value.substr(pattern.size()) : value;
  }
  for (std::size_t i = 0; i <= value.size(); ++i) {
    const std::size_t length = parameter.doubled != 0 ? value.size() - i : i;
    if (glob_match(pattern, std::string_view(value).substr(0, length))) return value.substr(length);
  }
  return value;
}

std::string remove_suffix(const Parameter& parameter, const std::string& value,
                          const std::string& pattern) {
  if (!is_pattern(pattern)) {
    const bool ends = value.size() >= pattern.size() &&
                      value.compare(value.size() - pattern.size(), std::string::npos, pattern) == 0;
    return ends ? value.substr(0, value.size() - pattern.size()) : value;
  }
  for (std::size_t i = 0; i <= value.size(); ++i) {
    const std::size_t at = parameter.doubled != 0 ? i : value.size() - i;
    if (glob_match(pattern, std::string_view(value).substr(at))) return value.substr(0, at);
  }
  return value;
}

std::string replace(const Parameter& parameter, const std::string& value, const std::string& text,
                    const std::string& replacement) {
  if (text.empty()) return value;
  if (parameter.doubled == '%' || parameter.doubled == '#') {
    const bool front = parameter.doubled == '#';
    const std::string kept =
        front ? remove_prefix(parameter, value, text) : remove_suffix(parameter, value, text);
    if (kept.size() == value.size()) return value;
    return front ? replacement + kept : kept + replacement;
  }
  std::string out;
  std::size_t at = 0;
  for (std::size_t found = value.find(text); found != std::string::npos;
       found = value.find(text, at)) {
    out += value.substr(at, found - at) + replacement;
    at = found + text.size();
    if (parameter.doubled != '/') break;
  }
  return out + value.substr(at);
}

std::string change_case(std::string value, bool upper, bool all) {
  for (char& c : value) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!all) break;
  }
  return value;
}

std::optional<std::string> substring(const std::string& value, const std::string& range) {
  const std::size_t colon = range.find(':');
  const auto number = [](std::string_view text) -> std::optional<std::int64_t> {
    text = trim(text);
    std::int64_t result = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return result;
  };
  const auto size = static_cast<std::int64_t>(value.size());
  std::optional<std::int64_t> offset = number(std::string_view(range).substr(0, colon));
  if (!offset) return std::nullopt;
  if (*offset < 0) *offset += size;
  if (*offset < 0 || *offset > size) return "";
  std::int64_t end = size;
  if (colon != std::string::npos) {
    const std::optional<std::int64_t> length = number(std::string_view(range).substr(colon + 1));
    if (!length || *length > size) return std::nullopt;
    end = *length < 0 ? size + *length : std::min(size, *offset + *length);
  }
  if (end < *offset) return std::nullopt;
  return value.substr(static_cast<std::size_t>(*offset), static_cast<std::size_t>(end - *offset));
}

}  // namespace

bool is_pattern(std::string_view text) {
  return text.find_first_of("*?[(\\") != std::string_view::npos;
}

std::optional<std::string> apply_operator(const Parameter& parameter, const std::string& value,
                                          const std::string& operand,
                                          const std::string& replacement) {
  switch (parameter.op) {
    case Operator::None: return value;
    case Operator::Prefix:
      if (!can_match(operand, value)) return std::nullopt;
      return remove_prefix(parameter, value, operand);
    case Operator::Suffix:
      if (!can_match(operand, value)) return std::nullopt;
      return remove_suffix(parameter, value, operand);
    case Operator::Replace:
      if (is_pattern(operand) || replacement.find('&') != std::string::npos) {
        return std::nullopt;
      }
      return replace(parameter, value, operand, replacement);
    case Operator::Upper:
    case Operator::Lower:
      if (!operand.empty()) return std::nullopt;
      return change_case(value, parameter.op == Operator::Upper, parameter.doubled != 0);
    case Operator::Substring: return substring(value, operand);
    default: return std::nullopt;
  }
}

}  // namespace prodaccess::shell
