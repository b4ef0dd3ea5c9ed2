// CodeScanner: the lexer of inline code at work; lex_code is its interface. Strings, their escapes
// and quoting operators are in code_strings.cc.
//
// Lifetime: views the code and the syntax. Threads: none shared.
#pragma once

#include <string_view>

#include "core/command/language/code_lexer.h"

namespace prodaccess {

constexpr bool is_code_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_code_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

class CodeScanner {
 public:
  CodeScanner(std::string_view code, const CodeSyntax& syntax) : code_(code), syntax_(syntax) {}

  CodeTokens run();

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < code_.size() ? code_[at_ + ahead] : '\0';
  }
  bool ahead(std::string_view what) const { return code_.substr(at_, what.size()) == what; }

  void to_line_end() { at_ = std::min(code_.find('\n', at_), code_.size()); }
  void past(std::string_view end) {
    const std::size_t found = code_.find(end, at_);
    at_ = found == std::string_view::npos ? code_.size() : found + end.size();
  }

  // A comment that does not close hides nothing: it is a Broken token.
  void comment(std::string_view end);

  bool skip_blanks();

  bool after_sigil() const { return at_ > 0 && code_[at_ - 1] == '$'; }

  // Whether a value may stand here, so that `/` opens a regular expression.
  bool value_expected() const;

  // A `/` that may divide or may open a regular expression, with a quote before the next `/` of its
  // line: read wrongly, that quote could hide what follows.
  bool ambiguous_slash() const;

  // From `open` to its end; braces of the same kind nest. Collects value and inner code.
  void quoted(CodeToken& token, char open, bool interpolates, bool raw);

  void escape(CodeToken& token, bool raw);

  // Past `#{...}`; what stands inside is code, whose own strings may hold braces.
  void interpolation(CodeToken& token);

  void string_at(CodeToken& token, bool raw);

  void regex(CodeToken& token);

  // The length of the Perl operator (q qq qw qx m qr s tr y) that begins here, or 0. A hash key, a
  // method, a variable or a file test of that name is none.
  std::size_t operator_length() const;

  bool quote_operator(CodeToken& token);

  // The replacement of s/// and its flags; with /e it is code.
  void second_half(CodeToken& token, char open);

  // Ruby: %w(a b) %q(..) %Q(..) %x(..) %(..).
  bool percent_quote(CodeToken& token);

  bool string_prefix() const;

  void prefixed_string(CodeToken& token);

  // f"...{code}...".
  static void format_fields(CodeToken& token);

  void word(CodeToken& token);

  void scan(CodeToken& token);

  std::string_view code_;
  const CodeSyntax& syntax_;
  std::size_t at_ = 0;
  bool blank_before_ = false;
  bool nested_ = false;
  CodeTokens tokens_;
};

}  // namespace prodaccess
