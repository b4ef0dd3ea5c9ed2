// The compound commands: groups, conditionals, loops, functions.
#include "core/command/shell/nesting.h"
#include "core/command/shell/parser.h"

namespace prodaccess::shell {

// After the reserved word.
Node* Parser::parse_compound(std::string_view keyword) {
  if (keyword == "if") return parse_if();
  if (keyword == "while" || keyword == "until") return parse_loop();
  if (keyword == "for") return parse_for(false);
  if (keyword == "select") return parse_for(true);
  if (keyword == "case") return parse_case();
  if (keyword == "[[") return parse_condition();
  if (keyword == "function") {
    skip_blanks();
    const WordNode* word = parse_word();
    const std::string_view name = text_.substr(word->begin, word->end - word->begin);
    skip_blanks();
    const std::size_t before = position_;
    if (take("(")) {
      skip_blanks();
      if (!take(")")) position_ = before;  // function f (body)
    }
    return parse_function(name);
  }
  Node* node = arena_.make<Node>();  // {
  node->kind = NodeKind::Group;
  node->first = parse_required_list("in { }");
  expect_keyword("}");
  return node;
}

// At `(`: a subshell, or (( )).
Node* Parser::parse_parenthesis() {
  Node* node = arena_.make<Node>();
  if (peek(1) == '(' && closes_double_parenthesis(position_ + 2)) {
    position_ += 2;
    node->kind = NodeKind::Arithmetic;
    node->words = parse_word(Mode::Arithmetic);
    if (!take("))")) fail("(( is not closed");
    return node;
  }
  ++position_;
  node->kind = NodeKind::Subshell;
  node->first = parse_required_list("in ( )");
  if (!take(")")) fail("a parenthesis is not closed");
  return node;
}

Node* Parser::parse_if() {
  const Deeper deeper(*this);
  Node* node = arena_.make<Node>();
  node->kind = NodeKind::If;
  if (!deeper) return node;
  node->first = parse_required_list("after if");
  expect_keyword("then");
  node->second = parse_required_list("after then");
  skip_separators();
  if (take_keyword("elif")) {
    node->third = parse_if();  // takes the `fi` of all
    return node;
  }
  if (take_keyword("else")) node->third = parse_required_list("after else");
  expect_keyword("fi");
  return node;
}

Node* Parser::parse_loop() {
  Node* node = arena_.make<Node>();
  node->kind = NodeKind::Loop;
  node->first = parse_required_list("after while");
  node->second = parse_body();
  return node;
}

// do ... done, or { ... }.
Node* Parser::parse_body() {
  skip_separators();
  const bool braces = take_keyword("{");
  if (!braces) expect_keyword("do");
  Node* body = parse_required_list("in a loop");
  expect_keyword(braces ? "}" : "done");
  return body;
}

Node* Parser::parse_for(bool select) {
  Node* node = arena_.make<Node>();
  skip_blanks();
  if (!select && take("((")) {
    node->kind = NodeKind::Loop;
    node->words = parse_word(Mode::Arithmetic);
    if (!take("))")) fail("(( is not closed");
    skip_blanks();
    take(";");
    node->second = parse_body();
    return node;
  }
  node->kind = NodeKind::For;
  node->select = select;
  const std::size_t length = name_length(text_.substr(position_));
  if (length == 0) fail("a loop has no variable");
  node->name = text_.substr(position_, length);
  position_ += length;
  skip_separators();
  node->over_arguments = !take_keyword("in");
  WordNode** last = &node->words;
  if (!node->over_arguments) {
    for (skip_blanks(); !at_end() && !ends_word(Mode::Plain, peek()); skip_blanks()) {
      *last = parse_word();
      last = &(*last)->next;
    }
    skip_blanks();
    if (!at_end() && peek() != ';' && peek() != '\n') fail("a loop's words end too early");
  }
  if (peek() == ';') ++position_;
  node->second = parse_body();
  return node;
}

Node* Parser::parse_case() {
  Node* node = arena_.make<Node>();
  node->kind = NodeKind::Case;
  skip_blanks();
  node->words = parse_word();
  expect_keyword("in");
  Node** last = &node->first;
  for (skip_separators(); !at_end() && keyword() != "esac"; skip_separators()) {
    *last = parse_clause();
    last = &(*last)->next;
  }
  expect_keyword("esac");
  return node;
}

Node* Parser::parse_clause() {
  Node* clause = arena_.make<Node>();
  clause->kind = NodeKind::Clause;
  take("(");
  WordNode** last = &clause->words;
  do {
    skip_blanks();
    if (at_end() || ends_word(Mode::Plain, peek())) break;
    *last = parse_word();
    last = &(*last)->next;
    skip_blanks();
  } while (take("|"));
  if (clause->words == nullptr || !take(")")) fail("a case has no pattern");
  clause->first = parse_list();
  skip_blanks();
  if (!take(";;&") && !take(";;") && !take(";&") && keyword() != "esac") {
    fail("a clause of a case is not closed");
  }
  return clause;
}

// After NAME ().
Node* Parser::parse_function(std::string_view name) {
  const Deeper deeper(*this);
  Node* node = arena_.make<Node>();
  node->kind = NodeKind::Function;
  node->name = name;
  if (!deeper) return node;
  skip_separators();
  if (!starts_compound()) {
    fail("a function has no body");
    return node;
  }
  node->first = parse_command();
  return node;
}

Node* Parser::parse_coprocess() {
  Node* node = arena_.make<Node>();
  node->kind = NodeKind::Coprocess;
  skip_blanks();
  // coproc NAME { ... }: the name stands only before a compound command.
  const std::size_t length = name_length(text_.substr(position_));
  const bool compound = starts_compound();
  if (!compound && length != 0 && is_blank(peek(length))) {
    const std::size_t before = position_;
    position_ += length;
    skip_blanks();
    if (!starts_compound()) position_ = before;
  }
  node->first = parse_command();
  return node;
}

// [[ ... ]]: only the words matter, for what they expand.
Node* Parser::parse_condition() {
  Node* node = arena_.make<Node>();
  node->kind = NodeKind::Condition;
  WordNode** last = &node->words;
  bool closed = false;
  bool regex = false;
  for (skip_separators(); !at_end(); skip_separators()) {
    if (looking_at("]]") && (position_ + 2 >= text_.size() || ends_word(Mode::Plain, peek(2)))) {
      position_ += 2;
      closed = true;
      break;
    }
    const char c = peek();
    if (!regex && ends_word(Mode::Plain, c)) {
      if (c == ';') fail("';' stands in [[ ]]");
      ++position_;
      continue;
    }
    const std::size_t before = position_;
    *last = parse_word(regex ? Mode::Regex : Mode::Plain);
    last = &(*last)->next;
    regex = text_.substr(before, position_ - before) == "=~";
  }
  if (!closed || node->words == nullptr) fail("[[ is not closed");
  return node;
}

}  // namespace prodaccess::shell
