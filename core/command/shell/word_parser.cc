// The word half of the parser: quoting and expansions.
#include "core/command/shell/ansi_quote.h"
#include "core/command/shell/nesting.h"
#include "core/command/shell/parser.h"

namespace prodaccess::shell {
namespace {

constexpr std::string_view kPlainSpecial = " \t\n;&|<>()\\'\"$`";

constexpr std::array<bool, 256> special_characters(std::string_view characters) {
  std::array<bool, 256> table{};
  for (const char c : characters) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kPlain = special_characters(kPlainSpecial);
constexpr std::array<bool, 256> kQuotedText = special_characters("\\\"$`");
constexpr std::array<bool, 256> kOther = special_characters("\\'\"$`}]/()<> \t\n");

constexpr bool is_special_parameter(char c) {
  return c == '@' || c == '*' || c == '#' || c == '?' || c == '-' || c == '$' || c == '!' ||
         is_digit(c);
}

constexpr bool is_pattern_list_start(char c) {
  return c == '?' || c == '*' || c == '+' || c == '@' || c == '!';
}

}  // namespace

Piece* Parser::append(Pieces& pieces, PieceKind kind, bool quoted) {
  Piece* piece = arena_.make<Piece>();
  piece->kind = kind;
  piece->quoted = quoted;
  *pieces.last = piece;
  pieces.last = &piece->next;
  return piece;
}

void Parser::append_text(Pieces& pieces, std::string_view text, bool quoted) {
  append(pieces, PieceKind::Literal, quoted)->text = text;
}

WordNode* Parser::parse_word(Mode mode) {
  WordNode* word = arena_.make<WordNode>();
  word->begin = static_cast<std::uint32_t>(position_);
  word->pieces = parse_pieces(mode);
  word->end = static_cast<std::uint32_t>(position_);
  const Piece* first = word->pieces;
  word->plain = first != nullptr && first->next == nullptr && !first->quoted &&
                first->kind == PieceKind::Literal &&
                first->text.find_first_of("{~*?[") == std::string_view::npos;
  if (!word->plain) {
    for (const Piece* piece = first; piece != nullptr; piece = piece->next) {
      word->braces |= piece->kind == PieceKind::Literal && !piece->quoted &&
                      piece->text.find('{') != std::string_view::npos;
    }
  }
  return word;
}

Piece* Parser::parse_pieces(Mode mode) {
  Pieces pieces;
  while (!at_end() && !ends_word(mode, peek())) parse_piece(pieces, mode);
  return pieces.first;
}

bool Parser::ends_word(Mode mode, char c) const {
  switch (mode) {
    case Mode::Plain:
      if ((c == '<' || c == '>') && peek(1) == '(') return false;
      return is_blank(c) || c == '\n' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>' ||
             c == '(' || c == ')';
    case Mode::Regex: return is_blank(c) || c == '\n';
    case Mode::Double: return c == '"';
    case Mode::Operand:
    case Mode::QuotedOperand: return c == '}';
    case Mode::Pattern: return c == '}' || c == '/';
    case Mode::Subscript:
    case Mode::OldArithmetic: return c == ']';
    case Mode::Heredoc: return false;
    case Mode::Arithmetic: return c == ')';
  }
  return true;
}

// One piece, or one run of ordinary characters. Always takes at least one character.
void Parser::parse_piece(Pieces& pieces, Mode mode) {
  const char c = peek();
  const bool in_text = mode == Mode::Double || mode == Mode::Heredoc;
  const bool quoted = in_text || mode == Mode::QuotedOperand;
  if (c == '\\') return parse_escape(pieces, mode);
  if (c == '$') return parse_dollar(pieces, mode);
  if (c == '`') return parse_backticks(pieces, quoted);
  if (c == '\'' && !quoted) return parse_single_quotes(pieces);
  if (c == '"' && !in_text) return parse_double_quotes(pieces);
  if ((c == '<' || c == '>') && peek(1) == '(' && (mode == Mode::Plain || mode == Mode::Operand)) {
    ++position_;
    return parse_command_substitution(pieces, PieceKind::Process, false);
  }
  const std::array<bool, 256>& special =
      mode == Mode::Plain ? kPlain : (in_text ? kQuotedText : kOther);
  const std::size_t begin = position_;
  if (mode == Mode::Arithmetic && c == '(') {
    // A parenthesis inside the expression: its own closing one does not end it.
    const Deeper deeper(*this);
    append_text(pieces, "(", false);
    ++position_;
    while (!at_end() && peek() != ')') parse_piece(pieces, mode);
    if (take(")")) append_text(pieces, ")", false);
    return;
  }
  ++position_;
  while (position_ < text_.size() && !special[static_cast<unsigned char>(text_[position_])]) {
    ++position_;
  }
  const bool before_parenthesis = mode == Mode::Plain && peek() == '(';
  append_text(pieces, text_.substr(begin, position_ - begin), quoted);
  if (!before_parenthesis) return;
  const char last = text_[position_ - 1];
  if (last == '=') return parse_array(pieces);
  if (is_pattern_list_start(last)) return parse_pattern_list(pieces);
}

void Parser::parse_escape(Pieces& pieces, Mode mode) {
  const char next = peek(1);
  const bool in_text = mode == Mode::Double || mode == Mode::Heredoc || mode == Mode::QuotedOperand;
  if (position_ + 1 >= text_.size()) {
    append_text(pieces, text_.substr(position_, 1), true);
    ++position_;
    return;
  }
  if (next == '\n') {
    position_ += 2;
    return;
  }
  const bool escapes = !in_text || next == '$' || next == '`' || next == '\\' ||
                       (next == '"' && mode != Mode::Heredoc) ||
                       (next == '}' && mode == Mode::QuotedOperand);
  append_text(pieces, text_.substr(position_ + (escapes ? 1 : 0), escapes ? 1 : 2), true);
  position_ += 2;
}

void Parser::parse_single_quotes(Pieces& pieces) {
  const std::size_t begin = position_ + 1;
  const std::size_t end = text_.find('\'', begin);
  if (end == std::string_view::npos) {
    append_text(pieces, text_.substr(begin), true);
    position_ = text_.size();
    return fail("a single quote is not closed");
  }
  append_text(pieces, text_.substr(begin, end - begin), true);
  position_ = end + 1;
}

void Parser::parse_double_quotes(Pieces& pieces) {
  const Deeper deeper(*this);
  if (!deeper) return;
  ++position_;
  append_text(pieces, "", true);  // "" is a word too
  while (!at_end() && peek() != '"') parse_piece(pieces, Mode::Double);
  if (!take("\"")) fail("a double quote is not closed");
}

void Parser::parse_ansi_quotes(Pieces& pieces) {
  const std::size_t begin = position_;
  std::size_t end = begin;
  while (end < text_.size() && text_[end] != '\'') end += text_[end] == '\\' ? 2 : 1;
  if (end >= text_.size()) {
    position_ = text_.size();
    return fail("a single quote is not closed");
  }
  append_text(pieces, arena_.keep(unescape_ansi(text_.substr(begin, end - begin))), true);
  position_ = end + 1;
}

void Parser::parse_dollar(Pieces& pieces, Mode mode) {
  const bool quoted = mode == Mode::Double || mode == Mode::Heredoc || mode == Mode::QuotedOperand;
  const char next = peek(1);
  if (next == '(') {
    if (peek(2) == '(' && closes_double_parenthesis(position_ + 3)) {
      position_ += 3;
      return parse_arithmetic(pieces, quoted, false);
    }
    ++position_;
    return parse_command_substitution(pieces, PieceKind::Command, quoted);
  }
  if (next == '{') return parse_braced(pieces, quoted);
  if (next == '[') {
    position_ += 2;
    return parse_arithmetic(pieces, quoted, true);
  }
  if (next == '\'' && !quoted) {
    position_ += 2;
    return parse_ansi_quotes(pieces);
  }
  if (next == '"' && !quoted) {
    ++position_;
    return parse_double_quotes(pieces);
  }
  const std::size_t length =
      is_special_parameter(next) ? 1 : name_length(text_.substr(position_ + 1));
  if (length == 0) {
    append_text(pieces, "$", quoted);
    ++position_;
    return;
  }
  Piece* piece = append(pieces, PieceKind::Parameter, quoted);
  piece->parameter = arena_.make<Parameter>();
  piece->parameter->name = text_.substr(position_ + 1, length);
  piece->parameter->bare = true;
  position_ += 1 + length;
}

// At `${`.
void Parser::parse_braced(Pieces& pieces, bool quoted) {
  const Deeper deeper(*this);
  if (!deeper) return;
  position_ += 2;
  if (is_blank(peek()) || peek() == '\n' || peek() == '|') {
    // ${ command; } of ksh and bash 5.3.
    Piece* piece = append(pieces, PieceKind::Command, quoted);
    take("|");
    piece->list = parse_list();
    return expect_keyword("}");
  }
  Piece* piece = append(pieces, PieceKind::Parameter, quoted);
  Parameter& parameter = *(piece->parameter = arena_.make<Parameter>());
  if (peek() == '!' && peek(1) != '}') {
    parameter.indirect = true;
    ++position_;
  } else if (peek() == '#' &&
             (is_name_char(peek(1)) || (is_special_parameter(peek(1)) && peek(2) == '}'))) {
    parameter.length = true;
    ++position_;
  }
  std::size_t length = name_length(text_.substr(position_));
  if (length == 0 && is_digit(peek())) {
    while (is_digit(peek(length))) ++length;
  } else if (length == 0 && is_special_parameter(peek())) {
    length = 1;
  }
  parameter.name = text_.substr(position_, length);
  position_ += length;
  if (length != 0 && take("[")) {
    parameter.subscripted = true;
    parameter.subscript = parse_pieces(Mode::Subscript);
    if (!take("]")) fail("a subscript is not closed");
  }
  parse_operator(parameter, quoted);
  if (!take("}")) fail("a parameter expansion is not closed");
}

void Parser::parse_operator(Parameter& parameter, bool quoted) {
  if (at_end() || peek() == '}') {
    if (parameter.name.empty()) parameter.op = Operator::Invalid;
    return;
  }
  const Mode word = quoted ? Mode::QuotedOperand : Mode::Operand;
  parameter.colon = take(":");
  const char c = peek();
  const auto one_of = [&](Operator op) {
    parameter.op = op;
    ++position_;
    parameter.operand = parse_pieces(word);
  };
  if (c == '-') return one_of(Operator::Default);
  if (c == '=') return one_of(Operator::Assign);
  if (c == '?') return one_of(Operator::Error);
  if (c == '+') return one_of(Operator::Alternative);
  if (parameter.colon) {
    parameter.op = Operator::Substring;
    parameter.operand = parse_pieces(word);
    return;
  }
  switch (c) {
    case '#': parameter.op = Operator::Prefix; break;
    case '%': parameter.op = Operator::Suffix; break;
    case '^': parameter.op = Operator::Upper; break;
    case ',': parameter.op = Operator::Lower; break;
    case '/': parameter.op = Operator::Replace; break;
    case '@': parameter.op = Operator::Transform; break;
    default: parameter.op = Operator::Invalid; break;
  }
  if (parameter.op != Operator::Invalid) ++position_;
  const char next = peek();
  if (parameter.op != Operator::Invalid &&
      (next == c || (c == '/' && (next == '#' || next == '%')))) {
    parameter.doubled = next;
    ++position_;
  }
  parameter.operand = parse_pieces(c == '/' ? Mode::Pattern : Mode::Operand);
  if (c == '/' && take("/")) parameter.replacement = parse_pieces(Mode::Operand);
}

// At the first backtick. What stands between is read as a text of its own.
void Parser::parse_backticks(Pieces& pieces, bool quoted) {
  const Deeper deeper(*this);
  if (!deeper) return;
  const std::size_t begin = ++position_;
  std::size_t end = begin;
  bool escaped = false;
  while (end < text_.size() && text_[end] != '`') {
    escaped |= text_[end] == '\\';
    end += text_[end] == '\\' ? 2 : 1;
  }
  if (end >= text_.size()) {
    position_ = text_.size();
    return fail("a backtick is not closed");
  }
  std::string_view body = text_.substr(begin, end - begin);
  if (escaped) {
    std::string plain;
    for (std::size_t i = 0; i < body.size(); ++i) {
      const char next = i + 1 < body.size() ? body[i + 1] : '\0';
      if (body[i] == '\\' &&
          (next == '`' || next == '\\' || next == '$' || (quoted && next == '"'))) {
        ++i;
      }
      plain += body[i];
    }
    body = arena_.keep(plain);
  }
  position_ = end + 1;
  Piece* piece = append(pieces, PieceKind::Command, quoted);
  const Inside inside(*this, body);
  piece->list = parse_list();
  if (!at_end()) fail("a command substitution ends too early");
  read_heredocs();
}

// At `(` of $( , <( or >(.
void Parser::parse_command_substitution(Pieces& pieces, PieceKind kind, bool quoted) {
  const Deeper deeper(*this);
  if (!deeper) return;
  ++position_;
  Piece* piece = append(pieces, kind, quoted);
  piece->list = parse_list();
  if (!take(")")) fail("a command substitution is not closed");
}

// After `$((` or `$[`.
void Parser::parse_arithmetic(Pieces& pieces, bool quoted, bool old_form) {
  const Deeper deeper(*this);
  if (!deeper) return;
  Piece* piece = append(pieces, PieceKind::Arithmetic, quoted);
  piece->inner = parse_pieces(old_form ? Mode::OldArithmetic : Mode::Arithmetic);
  if (!take(old_form ? "]" : "))")) fail("an arithmetic expansion is not closed");
}

// At `(` after `name=`.
void Parser::parse_array(Pieces& pieces) {
  const Deeper deeper(*this);
  if (!deeper) return;
  ++position_;
  Piece* piece = append(pieces, PieceKind::Array, false);
  WordNode** last = &piece->words;
  for (skip_separators(); !at_end() && peek() != ')'; skip_separators()) {
    const std::size_t before = position_;
    *last = parse_word();
    last = &(*last)->next;
    if (position_ == before) return fail("an array holds something that is no word");
  }
  if (!take(")")) fail("an array is not closed");
}

// At `(` of @(a|b) and its relatives: a pattern, whatever it holds.
void Parser::parse_pattern_list(Pieces& pieces) {
  const Deeper deeper(*this);
  if (!deeper) return;
  ++position_;
  append_text(pieces, "(", false);
  while (!at_end() && peek() != ')') {
    if (peek() == '(') {
      parse_pattern_list(pieces);
    } else {
      parse_piece(pieces, Mode::Plain);
    }
  }
  append_text(pieces, ")", false);
  if (!take(")")) fail("a pattern is not closed");
}

}  // namespace prodaccess::shell
