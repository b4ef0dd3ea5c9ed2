// Parser: a shell line's text to its syntax tree, by recursive descent.
//
// It never throws. The first thing that cannot be read stops it and is told in `problem`; what was
// read until then stays in the tree, so that it is judged too. Nesting is limited, so the stack is;
// every character is read a bounded number of times.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/command/shell/arena.h"
#include "core/command/shell/syntax.h"

namespace prodaccess::shell {

constexpr int kDeepest = 100;                          // substitutions, compounds and eval together
constexpr std::size_t kLongestLine = 4U << 20U;        // bytes
constexpr std::size_t kFarthestLookahead = 8U << 20U;  // bytes scanned for `))`, in all

class Parser {
 public:
  // `text` must outlive the tree. `depth`: levels already entered.
  Parser(std::string_view text, Arena& arena, int depth);

  Node* parse();  // the list; null where there is no command
  const std::string& problem() const { return problem_; }  // "" where all was understood

 private:
  class Deeper;
  class Inside;
  enum class Mode : std::uint8_t {
    Plain,          // a word of a command
    Double,         // "..."
    Operand,        // ${x-...}
    QuotedOperand,  // "${x-...}"
    Pattern,        // ${x/...: also ends at `/`
    Subscript,      // ${x[...
    Heredoc,        // to the end of the text
    Arithmetic,     // to `))`
    OldArithmetic,  // $[...]
    Regex,          // the right side of =~: parentheses and bars are ordinary
  };
  struct Pieces {
    Piece* first = nullptr;
    Piece** last = &first;
  };

  // Structure (parser.cc).
  Node* parse_list();
  Node* parse_required_list(std::string_view what);
  Node* parse_pipeline();
  Node* parse_command();
  Node* parse_compound(std::string_view keyword);
  Node* parse_simple();
  Node* parse_if();
  Node* parse_loop();
  Node* parse_for(bool select);
  Node* parse_case();
  Node* parse_clause();
  Node* parse_function(std::string_view name);
  Node* parse_condition();
  Node* parse_coprocess();
  Node* parse_parenthesis();
  Node* parse_body();
  void parse_redirects(Node* node);
  bool parse_redirect(RedirectNode**& last);
  void read_redirect_target(RedirectNode* redirect);
  void read_heredocs();
  std::string_view read_heredoc_body(const RedirectNode& redirect);
  bool take_assignment(WordNode* word, AssignNode**& last);

  // Tokens (parser.cc).
  void skip_blanks();
  void skip_separators();
  void take_newline();
  bool at_end() const { return failed_ || position_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  bool looking_at(std::string_view token) const {
    return text_.substr(position_, token.size()) == token;
  }
  bool take(std::string_view token);
  std::string_view keyword() const;
  bool starts_compound() const;
  bool take_keyword(std::string_view word);
  void expect_keyword(std::string_view word);
  void fail(std::string message);
  bool closes_double_parenthesis(std::size_t from);

  // Words (word_parser.cc).
  WordNode* parse_word(Mode mode = Mode::Plain);
  Piece* parse_pieces(Mode mode);
  bool ends_word(Mode mode, char c) const;
  void parse_piece(Pieces& pieces, Mode mode);
  void parse_escape(Pieces& pieces, Mode mode);
  void parse_single_quotes(Pieces& pieces);
  void parse_double_quotes(Pieces& pieces);
  void parse_ansi_quotes(Pieces& pieces);
  void parse_dollar(Pieces& pieces, Mode mode);
  void parse_braced(Pieces& pieces, bool quoted);
  void parse_operator(Parameter& parameter, bool quoted);
  void parse_backticks(Pieces& pieces, bool quoted);
  void parse_command_substitution(Pieces& pieces, PieceKind kind, bool quoted);
  void parse_arithmetic(Pieces& pieces, bool quoted, bool old_form);
  void parse_array(Pieces& pieces);
  void parse_pattern_list(Pieces& pieces);
  Piece* append(Pieces& pieces, PieceKind kind, bool quoted);
  void append_text(Pieces& pieces, std::string_view text, bool quoted);

  std::string_view text_;
  std::size_t position_ = 0;
  Arena& arena_;
  int depth_;
  bool failed_ = false;
  std::size_t lookahead_ = 0;
  std::string problem_;
  std::vector<RedirectNode*> pending_;  // heredocs whose bodies come after the next newline
};

}  // namespace prodaccess::shell
