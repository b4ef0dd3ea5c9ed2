// Strings of inline code: quotes, escapes, interpolation, regular expressions, quoting operators.
#include <algorithm>

#include "core/base/text.h"
#include "core/command/language/code_scanner.h"
#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

using Kind = CodeToken::Kind;

char closing(char open) {
  switch (open) {
    case '(': return ')';
    case '[': return ']';
    case '{': return '}';
    case '<': return '>';
    default: return open;
  }
}

}  // namespace

void CodeScanner::quoted(CodeToken& token, char open, bool interpolates, bool raw) {
  const char close = closing(open);
  int depth = 1;
  ++at_;
  while (at_ < code_.size()) {
    const char c = peek();
    if (c == '\\' && at_ + 1 < code_.size()) {
      escape(token, raw);
      continue;
    }
    if (interpolates && !syntax_.interpolation.empty() && ahead(syntax_.interpolation)) {
      interpolation(token);
      continue;
    }
    if (c == close && --depth == 0) {
      ++at_;
      if (nested_) token.kind = Kind::Broken;
      return;
    }
    if (c == open && open != close) ++depth;
    token.value += c;
    ++at_;
  }
  token.kind = Kind::Broken;
}

void CodeScanner::escape(CodeToken& token, bool raw) {
  const char next = peek(1);
  if (raw) token.value += '\\';
  // Escapes that spell characters by number are read, so that they cannot hide a word.
  if (!raw && next == 'x' && at_ + 3 < code_.size()) {
    if (const auto byte = unhex(code_.substr(at_ + 2, 2))) {
      token.value += *byte;
      at_ += 4;
      return;
    }
  }
  if (!raw && (next == 'u' || next == 'U' || next == 'N' || is_code_digit(next)))
    token.inner_code.emplace_back("\\");
  token.value += !raw && next == 'n' ? '\n' : !raw && next == 't' ? '\t' : next;
  at_ += 2;
}

void CodeScanner::interpolation(CodeToken& token) {
  at_ += syntax_.interpolation.size();
  const std::size_t begin = at_;
  int depth = 1;
  char quote = '\0';
  for (; at_ < code_.size(); ++at_) {
    const char c = peek();
    if (c == '\\') {
      ++at_;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      break;
    }
  }
  at_ = std::min(at_, code_.size());
  const std::string_view code = code_.substr(begin, at_ - begin);
  token.inner_code.emplace_back(code);
  token.value += '?';
  if (token.kind == Kind::String) token.kind = Kind::Template;
  // A template inside a template, a comment or a regular expression could end elsewhere.
  if (syntax_.backquote_template && code.find_first_of("`/") != std::string_view::npos)
    nested_ = true;
  if (at_ < code_.size()) ++at_;
}

void CodeScanner::string_at(CodeToken& token, bool raw) {
  const char quote = peek();
  token.kind = Kind::String;
  if (syntax_.triple_quotes && peek(1) == quote && peek(2) == quote) {
    const std::string end(3, quote);
    const std::size_t begin = at_ + 3;
    const std::size_t found = code_.find(end, begin);
    if (found == std::string_view::npos) token.kind = Kind::Broken;
    const std::size_t stop = std::min(found, code_.size());
    token.value = code_.substr(std::min(begin, stop), stop - std::min(begin, stop));
    at_ = stop + 3;
    return;
  }
  quoted(token, quote, quote == '"', raw);
  // Perl and PHP put plain variables in, too.
  if (token.kind == Kind::String && syntax_.sigils && quote == '"' &&
      token.value.find_first_of("$@") != std::string::npos)
    token.kind = Kind::Template;
}

void CodeScanner::regex(CodeToken& token) {
  token.kind = Kind::Regex;
  ++at_;
  bool in_class = false;
  while (at_ < code_.size() && peek() != '\n') {
    if (peek() == '\\')
      ++at_;
    else if (peek() == '[')
      in_class = true;
    else if (peek() == ']')
      in_class = false;
    else if (peek() == '/' && !in_class)
      break;
    ++at_;
  }
  ++at_;
  while (is_code_letter(peek())) ++at_;
}

std::size_t CodeScanner::operator_length() const {
  if (!syntax_.quote_operators) return 0;
  std::size_t length = 0;
  while (is_code_letter(peek(length)) || is_code_digit(peek(length))) ++length;
  if (!one_of(code_.substr(at_, length), "qq qw qx qr tr q m s y")) return 0;
  std::size_t open = at_ + length;
  while (open < code_.size() && code_[open] == ' ') ++open;
  if (code_.substr(open, 2) == "=>" || open >= code_.size()) return 0;
  if (tokens_.empty()) return length;
  const CodeToken& last = tokens_.back();
  const bool key = last.symbol('{') && code_[open] == '}';
  const bool name = last.is("sub") || (at_ > 0 && one_of(code_.substr(at_ - 1, 1), "> & % * - :"));
  return key || name ? 0 : length;
}

bool CodeScanner::quote_operator(CodeToken& token) {
  const std::size_t length = operator_length();
  if (length == 0) return false;
  const std::string_view name = code_.substr(at_, length);
  at_ += length;
  const bool blank = peek() == ' ';
  while (peek() == ' ') ++at_;
  const char open = peek();
  token.kind = Kind::Broken;
  // Delimiters that are allowed, yet hardly meant: not read.
  if (is_code_letter(open) || is_code_digit(open) ||
      one_of(std::string(1, open), ") ] } > , ; = : ? & -") || (open == '#' && blank) ||
      open == '\n')
    return true;
  token.kind = name == "qx"                     ? Kind::Command
               : name[0] == 'q' && name != "qr" ? Kind::String
                                                : Kind::Regex;
  quoted(token, open, name == "qq" || name == "qx", name != "qq" && name != "qx");
  if (token.kind == Kind::String && name == "qq" &&
      token.value.find_first_of("$@") != std::string::npos)
    token.kind = Kind::Template;
  if ((name == "s" || name == "tr" || name == "y") && token.kind != Kind::Broken)
    second_half(token, open);
  return true;
}

void CodeScanner::second_half(CodeToken& token, char open) {
  CodeToken replacement;
  if (closing(open) == open) {
    --at_;
  } else {
    while (at_ < code_.size() && peek() == ' ') ++at_;
  }
  quoted(replacement, peek(), false, true);
  if (replacement.kind == Kind::Broken) token.kind = Kind::Broken;
  while (is_code_letter(peek())) {
    if (peek() == 'e') token.inner_code.push_back(replacement.value);
    ++at_;
  }
  if (replacement.value.find("@{") != std::string::npos ||
      replacement.value.find("${\\") != std::string::npos)
    token.inner_code.push_back(replacement.value);
}

bool CodeScanner::percent_quote(CodeToken& token) {
  if (!syntax_.percent_quotes || peek() != '%' || !value_expected()) return false;
  const char type = is_code_letter(peek(1)) ? peek(1) : 'Q';
  const std::size_t open_at = at_ + (is_code_letter(peek(1)) ? 2 : 1);
  const char open = open_at < code_.size() ? code_[open_at] : ' ';
  if (is_code_letter(open) || is_code_digit(open) || open == ' ' || open == '=') return false;
  // Other delimiters are allowed, yet hardly meant: not read.
  if (!one_of(std::string(1, open), "( [ { < | ! /")) {
    token.kind = Kind::Broken;
    ++at_;
    return true;
  }
  at_ = open_at;
  token.kind = type == 'x' ? Kind::Command : type == 'r' ? Kind::Regex : Kind::String;
  quoted(token, open, type != 'q' && type != 'w', type == 'q' || type == 'w');
  return true;
}

bool CodeScanner::string_prefix() const {
  if (!syntax_.prefixed_strings) return false;
  std::size_t i = 0;
  while (i < 2 && one_of(std::string(1, static_cast<char>(peek(i) | 0x20)), "r b f u")) ++i;
  return i > 0 && (peek(i) == '\'' || peek(i) == '"');
}

void CodeScanner::prefixed_string(CodeToken& token) {
  bool raw = false;
  bool formatted = false;
  while (peek() != '\'' && peek() != '"') {
    raw = raw || (peek() | 0x20) == 'r';
    formatted = formatted || (peek() | 0x20) == 'f';
    ++at_;
  }
  string_at(token, raw);
  if (!formatted || token.kind == Kind::Broken) return;
  format_fields(token);
}

void CodeScanner::format_fields(CodeToken& token) {
  token.kind = Kind::Template;
  const std::string text = token.value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') continue;
    if (i + 1 < text.size() && text[i + 1] == '{') {
      ++i;
      continue;
    }
    const std::size_t end = std::min(text.find('}', i), text.size());
    // A quote of its own kind inside a field (Python 3.12) ends elsewhere than it seems.
    if (end == text.size()) token.kind = Kind::Broken;
    token.inner_code.push_back(text.substr(i + 1, end - i - 1));
    i = end;
  }
}

}  // namespace prodaccess
