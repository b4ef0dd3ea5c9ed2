#include "core/command/language/code_lexer.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/command/language/code_scanner.h"
#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

using Kind = CodeToken::Kind;

}  // namespace

CodeTokens CodeScanner::run() {
  while (skip_blanks()) {
    CodeToken token;
    token.after_blank = at_ == 0 || blank_before_;
    const std::size_t begin = at_;
    scan(token);
    at_ = std::min(at_, code_.size());
    token.text = code_.substr(begin, at_ - begin);
    tokens_.push_back(std::move(token));
  }
  return std::move(tokens_);
}

void CodeScanner::comment(std::string_view end) {
  const std::size_t begin = at_;
  at_ += 2;
  past(end);
  if (at_ - begin >= 2 + end.size() && code_.substr(0, at_).ends_with(end)) return;
  CodeToken token;
  token.kind = Kind::Broken;
  token.text = code_.substr(begin);
  tokens_.push_back(std::move(token));
}

bool CodeScanner::skip_blanks() {
  blank_before_ = false;
  while (at_ < code_.size()) {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (syntax_.hash_comments && c == '#' && !(syntax_.sigils && after_sigil())) {
      to_line_end();
    } else if (syntax_.slash_comments && ahead("//")) {
      to_line_end();
    } else if (syntax_.slash_comments && ahead("/*")) {
      comment("*/");
    } else if (syntax_.dash_comments && ahead("--[[")) {
      comment("]]");
    } else if (syntax_.dash_comments && ahead("--")) {
      to_line_end();
    } else {
      return true;
    }
    blank_before_ = true;
  }
  return false;
}

bool CodeScanner::value_expected() const {
  if (tokens_.empty()) return true;
  const CodeToken& last = tokens_.back();
  if (last.symbol('}')) return !syntax_.apostrophes;  // awk: a pattern after an action
  if (last.kind == Kind::Symbol) return !last.symbol(')') && !last.symbol(']');
  return last.kind == Kind::Word && one_of(last.text, syntax_.regex_words);
}

bool CodeScanner::ambiguous_slash() const {
  if (!syntax_.slash_regex || tokens_.empty()) return false;
  const CodeToken& last = tokens_.back();
  const bool bare = last.kind == Kind::Word && syntax_.sigils && !last.text.starts_with("$");
  if (!last.symbol(')') && !last.symbol('}') && !bare) return false;
  const std::size_t next = code_.find_first_of("/\n", at_ + 1);
  if (next == std::string_view::npos || code_[next] == '\n') return false;
  return code_.substr(at_, next - at_).find_first_of("'\"`") != std::string_view::npos;
}

void CodeScanner::word(CodeToken& token) {
  token.kind = Kind::Word;
  while (syntax_.sigils && (peek() == '$' || peek() == '@')) ++at_;
  if (!is_code_letter(peek()) && at_ > 0 && code_[at_ - 1] == '$') {  // $_ $0 $& and the like
    if (peek() == '{') return;
    ++at_;
    return;
  }
  while (is_code_letter(peek()) || is_code_digit(peek()) || (peek() == '$' && !syntax_.sigils))
    ++at_;
  if (syntax_.percent_quotes && (peek() == '?' || peek() == '!') && peek(1) != '=') ++at_;
}

void CodeScanner::scan(CodeToken& token) {
  const char c = peek();
  if (string_prefix()) return prefixed_string(token);
  if (is_code_letter(c) && quote_operator(token)) return;
  if (percent_quote(token)) return;
  if (is_code_letter(c) || (c == '$' && !syntax_.sigils && syntax_.backquote_template) ||
      (syntax_.sigils && (c == '$' || c == '@') && peek(1) != ' ' && peek(1) != '\0'))
    return word(token);
  if (is_code_digit(c)) {
    token.kind = Kind::Number;
    while (is_code_letter(peek()) || is_code_digit(peek()) ||
           (peek() == '.' && is_code_digit(peek(1))))
      ++at_;
    return;
  }
  if ((c == '\'' && syntax_.apostrophes) || c == '"')
    return string_at(token, c == '\'' && syntax_.sigils);
  if (c == '`' && (syntax_.backquote_template || syntax_.backquote_command)) {
    token.kind = syntax_.backquote_command ? Kind::Command : Kind::String;
    quoted(token, c, true, false);
    return;
  }
  if (c == '[' && peek(1) == '[' && syntax_.long_brackets) {
    token.kind = Kind::String;
    const std::size_t begin = at_ + 2;
    past("]]");
    token.value = code_.substr(begin, at_ >= begin + 2 ? at_ - begin - 2 : 0);
    return;
  }
  if (c == '/' && syntax_.slash_regex && value_expected()) return regex(token);
  if (c == '/' && ambiguous_slash()) token.kind = Kind::Broken;
  ++at_;
}

CodeTokens lex_code(std::string_view code, const CodeSyntax& syntax) {
  CodeTokens tokens = CodeScanner(code, syntax).run();
  for (const std::string& mark : split(syntax.unreadable, ' ')) {
    if (mark.empty() || code.find(mark) == std::string_view::npos) continue;
    CodeToken broken;
    broken.kind = Kind::Broken;
    broken.text = code;
    tokens.push_back(std::move(broken));
    break;
  }
  return tokens;
}

}  // namespace prodaccess
