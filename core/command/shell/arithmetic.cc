#include "core/command/shell/arithmetic.h"

#include <charconv>
#include <limits>

#include "core/base/text.h"

namespace prodaccess::shell {
namespace {

constexpr int kDeepest = 32;

using Number = std::optional<std::int64_t>;

// What `left` and `right` make; absent where bash would fail or wrap around.
Number apply(char sign, std::int64_t left, std::int64_t right) {
  std::int64_t result = 0;
  switch (sign) {
    case '+': return __builtin_add_overflow(left, right, &result) ? Number{} : result;
    case '-': return __builtin_sub_overflow(left, right, &result) ? Number{} : result;
    case '*': return __builtin_mul_overflow(left, right, &result) ? Number{} : result;
    default: break;
  }
  const bool overflows = left == std::numeric_limits<std::int64_t>::min() && right == -1;
  if (right == 0 || overflows) return {};
  return sign == '/' ? left / right : left % right;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Expression {
 public:
  Expression(std::string_view text, const NumberOf& number_of)
      : rest_(text), number_of_(number_of) {}

  Number whole() {
    const Number value = sum(0);
    return next() == '\0' && rest_.empty() ? value : Number{};
  }

 private:
  char next() {
    rest_ = trim(rest_);
    return rest_.empty() ? '\0' : rest_.front();
  }

  Number sum(int depth) {
    Number value = product(depth);
    while (value && (next() == '+' || next() == '-')) {
      const char sign = take();
      value = joined(sign, value, product(depth));
    }
    return value;
  }

  Number product(int depth) {
    Number value = operand(depth);
    while (value && (next() == '*' || next() == '/' || next() == '%')) {
      const char sign = take();
      value = joined(sign, value, operand(depth));
    }
    return value;
  }

  static Number joined(char sign, Number left, Number right) {
    return left && right ? apply(sign, *left, *right) : Number{};
  }

  Number operand(int depth) {
    if (depth > kDeepest) return {};
    const char first = next();
    if (first == '-' || first == '+') {
      take();
      if (next() == first) return {};  // -- and ++ change a variable
      const Number value = operand(depth + 1);
      return first == '-' ? joined('-', 0, value) : value;
    }
    if (first == '(') {
      take();
      const Number value = sum(depth + 1);
      return next() == ')' && take() == ')' ? value : Number{};
    }
    std::size_t length = 0;
    while (length < rest_.size() && is_word(rest_[length])) ++length;
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (word.empty()) return {};
    return word.front() >= '0' && word.front() <= '9' ? decimal(word) : number_of_(word);
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view rest_;
  const NumberOf& number_of_;
};

}  // namespace

Number evaluate_arithmetic(std::string_view text, const NumberOf& number_of) {
  return Expression(text, number_of).whole();
}

Number decimal(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || text.front() == '-' || (text.front() == '0' && text.size() > 1)) return {};
  return number;
}

}  // namespace prodaccess::shell
