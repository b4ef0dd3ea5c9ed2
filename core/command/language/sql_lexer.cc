#include "core/command/language/sql_lexer.h"

#include <algorithm>

namespace prodaccess {
namespace {

using Kind = SqlToken::Kind;

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
constexpr bool word_part(char c) { return word_start(c) || digit(c) || c == '$'; }
constexpr bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

}  // namespace

bool SqlLexer::dash_comment() const {
  if (!ahead("--")) return false;
  return !dialect_.dash_needs_blank || at_ + 2 >= text_.size() || blank(peek(2)) ||
         static_cast<unsigned char>(peek(2)) < ' ';
}

// Past "/*"; false where it does not close.
bool SqlLexer::block_comment() {
  std::size_t depth = 1;
  at_ += 2;
  while (at_ < text_.size()) {
    if (ahead("*/")) {
      at_ += 2;
      if (--depth == 0) return true;
    } else if (dialect_.nested_comments && ahead("/*")) {
      at_ += 2;
      ++depth;
    } else {
      ++at_;
    }
  }
  return false;
}

bool SqlLexer::executable_comment() {
  if (!dialect_.executable_comments || skip_executable_) return false;
  if (!ahead("/*!") && !ahead("/*M!")) return false;
  at_ += ahead("/*M!") ? 4 : 3;
  while (digit(peek())) ++at_;
  inside_executable_ = true;
  return true;
}

// False where a comment does not close; then `at_` is where it begins.
bool SqlLexer::skip_blanks() {
  while (at_ < text_.size()) {
    const std::size_t begin = at_;
    if (blank(peek())) {
      ++at_;
    } else if (dash_comment() || (dialect_.hash_comments && peek() == '#')) {
      rest_of_line();
    } else if (inside_executable_ && ahead("*/")) {
      at_ += 2;
      inside_executable_ = false;
    } else if (!ahead("/*")) {
      return true;
    } else if (!executable_comment() && !block_comment()) {
      at_ = begin;
      return false;
    }
  }
  return true;
}

// Past a quoted text that begins at `at_`.
bool SqlLexer::quoted(char quote, bool backslashes) {
  ++at_;
  while (at_ < text_.size()) {
    if (backslashes && peek() == '\\') {
      at_ += 2;
    } else if (peek() != quote) {
      ++at_;
    } else if (peek(1) == quote) {
      at_ += 2;
    } else {
      ++at_;
      return true;
    }
  }
  at_ = text_.size();
  return false;
}

bool SqlLexer::triple_quoted(char quote) {
  const std::string end(3, quote);
  at_ += 3;
  while (at_ < text_.size() && !ahead(end)) at_ += peek() == '\\' ? 2 : 1;
  const bool closed = at_ < text_.size();
  at_ = std::min(at_ + 3, text_.size());
  return closed;
}

bool SqlLexer::dollar_quoted() {
  std::size_t end = at_ + 1;
  while (end < text_.size() && word_part(text_[end]) && text_[end] != '$') ++end;
  if (end >= text_.size() || text_[end] != '$' || digit(peek(1))) return false;
  const std::string_view tag = text_.substr(at_, end + 1 - at_);
  const std::size_t close = text_.find(tag, end + 1);
  closed_ = close != std::string_view::npos;
  at_ = closed_ ? close + tag.size() : text_.size();
  return true;
}

Kind SqlLexer::string_token(char quote, bool backslashes) {
  const std::string_view triple = quote == '"' ? "\"\"\"" : "'''";
  const bool closed =
      dialect_.triple_quotes && ahead(triple) ? triple_quoted(quote) : quoted(quote, backslashes);
  if (!closed) return Kind::Broken;
  return quote == '\'' || dialect_.double_quoted_strings ? Kind::String : Kind::Name;
}

Kind SqlLexer::word() {
  const char first = upper(peek());
  const bool prefix = first == 'E' || first == 'N' || first == 'B' || first == 'X' ||
                      (first == 'R' && dialect_.triple_quotes);
  if (prefix && peek(1) == '\'') {
    ++at_;
    return string_token('\'',
                        dialect_.backslash_escapes || (first == 'E' && dialect_.escape_strings));
  }
  while (word_part(peek())) ++at_;
  return Kind::Word;
}

Kind SqlLexer::scan() {
  const char c = peek();
  if (word_start(c)) return word();
  if (digit(c) || (c == '.' && digit(peek(1)))) {
    while (word_part(peek()) || peek() == '.') ++at_;
    return Kind::Number;
  }
  if (c == '\'' || c == '"') return string_token(c, dialect_.backslash_escapes);
  if (c == '`' && dialect_.backquoted_names)
    return quoted(c, dialect_.triple_quotes) ? Kind::Name : Kind::Broken;
  if (c == '[' && dialect_.bracketed_names && (word_start(peek(1)) || peek(1) == ' '))
    return quoted(']', false) ? Kind::Name : Kind::Broken;
  if (c == '$' && dialect_.dollar_quotes && dollar_quoted())
    return closed_ ? Kind::String : Kind::Broken;
  ++at_;
  return Kind::Symbol;
}

SqlToken SqlLexer::next() {
  if (!skip_blanks()) {
    const std::size_t begin = at_;
    at_ = text_.size();
    return {Kind::Broken, begin, at_, text_.substr(begin)};
  }
  const std::size_t begin = at_;
  if (begin >= text_.size()) return {Kind::Symbol, text_.size(), text_.size(), {}};
  const Kind kind = scan();
  at_ = std::min(at_, text_.size());
  return {kind, begin, at_, text_.substr(begin, at_ - begin)};
}

std::string_view SqlLexer::rest_of_line() {
  const std::size_t begin = at_;
  at_ = std::min(text_.find_first_of("\n\r", at_), text_.size());
  return text_.substr(begin, at_ - begin);
}

bool equals_ignoring_case(std::string_view text, std::string_view other) {
  return text.size() == other.size() &&
         std::equal(text.begin(), text.end(), other.begin(),
                    [](char a, char b) { return upper(a) == upper(b); });
}

bool SqlToken::is(std::string_view keyword) const {
  return kind == Kind::Word && equals_ignoring_case(text, keyword);
}

std::string SqlToken::value() const {
  std::string_view inner = text;
  if (kind == Kind::Word || kind == Kind::Number || kind == Kind::Symbol) return std::string(inner);
  if (!inner.empty() && inner[0] == '$') {  // a dollar quote: between the two tags
    const std::size_t tag = inner.find('$', 1) + 1;
    return inner.size() >= 2 * tag ? std::string(inner.substr(tag, inner.size() - 2 * tag)) : "";
  }
  if (!inner.empty() && word_start(inner[0])) inner.remove_prefix(1);
  std::size_t quotes = 1;
  if (inner.size() >= 6 && inner[0] == inner[1] && inner[1] == inner[2] && inner[0] != '`')
    quotes = 3;
  if (inner.size() < 2 * quotes) return {};
  const char close = inner.back();
  inner = inner.substr(quotes, inner.size() - 2 * quotes);
  std::string value;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const bool doubled = inner[i] == close && i + 1 < inner.size() && inner[i + 1] == close;
    const bool escape =
        inner[i] == '\\' && i + 1 < inner.size() && (inner[i + 1] == close || inner[i + 1] == '\\');
    if (doubled || escape) ++i;
    value += inner[i];
  }
  return value;
}

SqlTokens lex_sql(std::string_view text, const SqlDialect& dialect) {
  SqlTokens tokens;
  SqlLexer lexer(text, dialect);
  for (SqlToken token = lexer.next(); !token.at_end(); token = lexer.next())
    tokens.push_back(token);
  return tokens;
}

}  // namespace prodaccess
