// The syntax tree of a shell line: what the parser makes and the evaluator walks. Nodes live in an
// Arena and point into it or into the line; siblings are chained by `next`.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/command/shell/script.h"

namespace prodaccess::shell {

struct Node;
struct Piece;

struct WordNode {
  Piece* pieces = nullptr;
  WordNode* next = nullptr;
  bool plain = false;                // one unquoted literal without a brace, tilde or pattern in it
  bool braces = false;               // holds an unquoted `{`
  std::uint32_t begin = 0, end = 0;  // its place in the text it was read from
};

enum class Operator : std::uint8_t {
  None,
  Default,      // ${x-w} ${x:-w}
  Assign,       // ${x=w} ${x:=w}
  Error,        // ${x?w} ${x:?w}
  Alternative,  // ${x+w} ${x:+w}
  Prefix,       // ${x#w} ${x##w}
  Suffix,       // ${x%w} ${x%%w}
  Replace,      // ${x/w/r} and its relatives
  Upper,        // ${x^w} ${x^^w}
  Lower,        // ${x,w} ${x,,w}
  Substring,    // ${x:offset:length}
  Transform,    // ${x@w}
  Invalid,
};

struct Parameter {
  std::string_view name;
  bool bare = false;  // $x, not ${x}: braces behind it may still make its name longer
  Operator op = Operator::None;
  bool colon = false;        // the form with `:` counts an empty value as unset
  char doubled = 0;          // `##`, `%%`, `^^`, `,,`, `//`: the character; `/#`, `/%`: that one
  bool length = false;       // ${#x}
  bool indirect = false;     // ${!x}
  bool subscripted = false;  // ${x[...]}
  Piece* subscript = nullptr;
  Piece* operand = nullptr;
  Piece* replacement = nullptr;
};

enum class PieceKind : std::uint8_t { Literal, Parameter, Command, Process, Arithmetic, Array };

// A run of a word that is treated alike.
struct Piece {
  PieceKind kind = PieceKind::Literal;
  bool quoted = false;
  std::string_view text;  // Literal: the characters, quotes and escapes gone
  Piece* next = nullptr;
  Parameter* parameter = nullptr;
  Node* list = nullptr;       // Command, Process: what runs
  Piece* inner = nullptr;     // Arithmetic: the expression
  WordNode* words = nullptr;  // Array: a=(words)
};

struct AssignNode {
  std::string_view name;
  bool append = false;
  bool subscripted = false;
  Piece* value = nullptr;
  AssignNode* next = nullptr;
};

struct RedirectNode {
  Redirect::Kind kind = Redirect::Kind::Write;
  int descriptor = 1;
  bool both = false;  // &> and >&: standard error too
  WordNode* target = nullptr;
  Piece* body = nullptr;  // Heredoc
  bool strip_tabs = false;
  bool literal_body = false;
  std::string_view delimiter;
  RedirectNode* next = nullptr;
};

enum class NodeKind : std::uint8_t {
  Simple,
  Pipeline,    // first: commands
  Group,       // first: list
  Subshell,    // first: list
  If,          // first: condition, second: then, third: else (an If for elif)
  Loop,        // first: condition, second: body (while, until, for ((;;)))
  For,         // name, words, second: body (also select)
  Case,        // words: subject, first: clauses
  Clause,      // words: patterns, first: body
  Condition,   // [[ words ]]
  Arithmetic,  // (( words ))
  Function,    // name, first: body
  Coprocess,   // first: command
};

enum class Connector : std::uint8_t { Sequence, And, Or };

struct Node {
  NodeKind kind = NodeKind::Simple;
  Connector connector = Connector::Sequence;  // to the item before it in a list
  bool background = false;
  bool over_arguments = false;  // For: no `in`, so over "$@"
  bool select = false;
  std::string_view name;
  std::string_view rest;  // Simple: the text after its first word (for aliases)
  WordNode* words = nullptr;
  AssignNode* assigns = nullptr;
  RedirectNode* redirects = nullptr;
  Node* first = nullptr;
  Node* second = nullptr;
  Node* third = nullptr;
  Node* next = nullptr;
};

constexpr bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_name_char(char c) { return is_name_start(c) || is_digit(c); }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

// How long the variable name at the start of `text` is; 0: none.
constexpr std::size_t name_length(std::string_view text) {
  if (text.empty() || !is_name_start(text[0])) return 0;
  std::size_t length = 1;
  while (length < text.size() && is_name_char(text[length])) ++length;
  return length;
}
constexpr bool is_name(std::string_view text) {
  return !text.empty() && name_length(text) == text.size();
}

}  // namespace prodaccess::shell
