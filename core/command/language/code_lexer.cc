#include "core/command/language/code_lexer.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

using Kind = CodeToken::Kind;

constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

char closing(char open) {
  switch (open) {
    case '(': return ')';
    case '[': return ']';
    case '{': return '}';
    case '<': return '>';
    default: return open;
  }
}

class Lexer {
 public:
  Lexer(std::string_view code, const CodeSyntax& syntax) : code_(code), syntax_(syntax) {}

  CodeTokens run() {
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
  void comment(std::string_view end) {
    const std::size_t begin = at_;
    at_ += 2;
    past(end);
    if (at_ - begin >= 2 + end.size() && code_.substr(0, at_).ends_with(end)) return;
    CodeToken token;
    token.kind = Kind::Broken;
    token.text = code_.substr(begin);
    tokens_.push_back(std::move(token));
  }

  bool skip_blanks() {
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

  bool after_sigil() const { return at_ > 0 && code_[at_ - 1] == '$'; }

  // Whether a value may stand here, so that `/` opens a regular expression.
  bool value_expected() const {
    if (tokens_.empty()) return true;
    const CodeToken& last = tokens_.back();
    if (last.symbol('}')) return !syntax_.apostrophes;  // awk: a pattern after an action
    if (last.kind == Kind::Symbol) return !last.symbol(')') && !last.symbol(']');
    return last.kind == Kind::Word && one_of(last.text, syntax_.regex_words);
  }

  // A `/` that may divide or may open a regular expression, with a quote before the next `/` of its
  // line: read wrongly, that quote could hide what follows.
  bool ambiguous_slash() const {
    if (!syntax_.slash_regex || tokens_.empty()) return false;
    const CodeToken& last = tokens_.back();
    const bool bare = last.kind == Kind::Word && syntax_.sigils && !last.text.starts_with("$");
    if (!last.symbol(')') && !last.symbol('}') && !bare) return false;
    const std::size_t next = code_.find_first_of("/\n", at_ + 1);
    if (next == std::string_view::npos || code_[next] == '\n') return false;
    return code_.substr(at_, next - at_).find_first_of("'\"`") != std::string_view::npos;
  }

  // From `open` to its end; braces of the same kind nest. Collects value and inner code.
  void quoted(CodeToken& token, char open, bool interpolates, bool raw) {
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

  void escape(CodeToken& token, bool raw) {
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
    if (!raw && (next == 'u' || next == 'U' || next == 'N' || digit(next)))
      token.inner_code.emplace_back("\\");
    token.value += !raw && next == 'n' ? '\n' : !raw && next == 't' ? '\t' : next;
    at_ += 2;
  }

  // Past `#{...}`; what stands inside is code, whose own strings may hold braces.
  void interpolation(CodeToken& token) {
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

  void string_at(CodeToken& token, bool raw) {
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

  void regex(CodeToken& token) {
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
    while (letter(peek())) ++at_;
  }

  // The length of the Perl operator (q qq qw qx m qr s tr y) that begins here, or 0. A hash key, a
  // method, a variable or a file test of that name is none.
  std::size_t operator_length() const {
    if (!syntax_.quote_operators) return 0;
    std::size_t length = 0;
    while (letter(peek(length)) || digit(peek(length))) ++length;
    if (!one_of(code_.substr(at_, length), "qq qw qx qr tr q m s y")) return 0;
    std::size_t open = at_ + length;
    while (open < code_.size() && code_[open] == ' ') ++open;
    if (code_.substr(open, 2) == "=>" || open >= code_.size()) return 0;
    if (tokens_.empty()) return length;
    const CodeToken& last = tokens_.back();
    const bool key = last.symbol('{') && code_[open] == '}';
    const bool name =
        last.is("sub") || (at_ > 0 && one_of(code_.substr(at_ - 1, 1), "> & % * - :"));
    return key || name ? 0 : length;
  }

  bool quote_operator(CodeToken& token) {
    const std::size_t length = operator_length();
    if (length == 0) return false;
    const std::string_view name = code_.substr(at_, length);
    at_ += length;
    const bool blank = peek() == ' ';
    while (peek() == ' ') ++at_;
    const char open = peek();
    token.kind = Kind::Broken;
    // Delimiters that are allowed, yet hardly meant: not read.
    if (letter(open) || digit(open) || one_of(std::string(1, open), ") ] } > , ; = : ? & -") ||
        (open == '#' && blank) || open == '\n')
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

  // The replacement of s/// and its flags; with /e it is code.
  void second_half(CodeToken& token, char open) {
    CodeToken replacement;
    if (closing(open) == open) {
      --at_;
    } else {
      while (at_ < code_.size() && peek() == ' ') ++at_;
    }
    quoted(replacement, peek(), false, true);
    if (replacement.kind == Kind::Broken) token.kind = Kind::Broken;
    while (letter(peek())) {
      if (peek() == 'e') token.inner_code.push_back(replacement.value);
      ++at_;
    }
    if (replacement.value.find("@{") != std::string::npos ||
        replacement.value.find("${\\") != std::string::npos)
      token.inner_code.push_back(replacement.value);
  }

  // Ruby: %w(a b) %q(..) %Q(..) %x(..) %(..).
  bool percent_quote(CodeToken& token) {
    if (!syntax_.percent_quotes || peek() != '%' || !value_expected()) return false;
    const char type = letter(peek(1)) ? peek(1) : 'Q';
    const std::size_t open_at = at_ + (letter(peek(1)) ? 2 : 1);
    const char open = open_at < code_.size() ? code_[open_at] : ' ';
    if (letter(open) || digit(open) || open == ' ' || open == '=') return false;
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

  bool string_prefix() const {
    if (!syntax_.prefixed_strings) return false;
    std::size_t i = 0;
    while (i < 2 && one_of(std::string(1, static_cast<char>(peek(i) | 0x20)), "r b f u")) ++i;
    return i > 0 && (peek(i) == '\'' || peek(i) == '"');
  }

  void prefixed_string(CodeToken& token) {
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

  // f"...{code}...".
  static void format_fields(CodeToken& token) {
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

  void word(CodeToken& token) {
    token.kind = Kind::Word;
    while (syntax_.sigils && (peek() == '$' || peek() == '@')) ++at_;
    if (!letter(peek()) && at_ > 0 && code_[at_ - 1] == '$') {  // $_ $0 $& and the like
      if (peek() == '{') return;
      ++at_;
      return;
    }
    while (letter(peek()) || digit(peek()) || (peek() == '$' && !syntax_.sigils)) ++at_;
    if (syntax_.percent_quotes && (peek() == '?' || peek() == '!') && peek(1) != '=') ++at_;
  }

  void scan(CodeToken& token) {
    const char c = peek();
    if (string_prefix()) return prefixed_string(token);
    if (letter(c) && quote_operator(token)) return;
    if (percent_quote(token)) return;
    if (letter(c) || (c == '$' && !syntax_.sigils && syntax_.backquote_template) ||
        (syntax_.sigils && (c == '$' || c == '@') && peek(1) != ' ' && peek(1) != '\0'))
      return word(token);
    if (digit(c)) {
      token.kind = Kind::Number;
      while (letter(peek()) || digit(peek()) || (peek() == '.' && digit(peek(1)))) ++at_;
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

  std::string_view code_;
  const CodeSyntax& syntax_;
  std::size_t at_ = 0;
  bool blank_before_ = false;
  bool nested_ = false;
  CodeTokens tokens_;
};

}  // namespace

CodeTokens lex_code(std::string_view code, const CodeSyntax& syntax) {
  CodeTokens tokens = Lexer(code, syntax).run();
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
