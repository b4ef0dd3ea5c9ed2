// CodeJudge: walks over the tokens of inline code and judges what it calls: commands, files, the
// network, the environment; code inside its strings, too.
//
// Threads: none shared. Cost: linear in the number of tokens.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/command/inner.h"
#include "core/command/language/code_lexer.h"
#include "core/command/language/code_names.h"

namespace prodaccess {

class CodeJudge {
 public:
  CodeJudge(Language language, const CodeNames& names, Inner& inner, SqlFinding& finding, int depth)
      : language_(language), names_(names), inner_(inner), finding_(finding), depth_(depth) {}

  void judge(std::string_view code);

  std::set<std::string, std::less<>> variables;  // names that the code itself gives

 private:
  bool symbol_at(std::size_t i, char c) const { return i < tokens_.size() && tokens_[i].symbol(c); }
  bool word_at(std::size_t i, std::string_view word) const {
    return i < tokens_.size() && tokens_[i].is(word);
  }

  // Whether the word at `i` is a member: after `.`, `->` or `::`.
  bool member(std::size_t i) const;

  // The word before the `.`, `->` or `::` of a member; "" where it is no plain word.
  std::string_view head_of(std::size_t i) const;

  void collect_variables();

  // `(a, b) =>`, `x =>`, `lambda a, b:`.
  bool arrow_parameter(std::size_t i) const;

  // Parameters between `lambda` and `:`, names between `for` and `in`, `a, b = ...`.
  bool listed(std::size_t i) const;

  void token(std::size_t i);

  void inner_code(const std::string& code);

  void command_text(const CodeToken& token, std::string_view why);

  // Calls of what is looked up at run time.
  void symbol(std::size_t i);

  bool called(std::size_t i) const {
    return symbol_at(i + 1, '(') || (names_.bare_calls && !symbol_at(i + 1, '='));
  }

  void word(std::size_t i);

  // A hash key, a label, a keyword argument, a symbol, a file test.
  bool is_key(std::size_t i) const;

  void keyword(std::size_t i);

  bool flagged(std::string_view name) const;

  void judge_name(std::size_t i, std::string_view name, bool is_member);

  // Names whose meaning depends on what stands before or after them.
  bool special(std::size_t i, std::string_view name, bool is_member);

  void unknown_call(std::size_t i, std::string_view name);

  // The tokens of a call's arguments: inside its parentheses, or to the end of the statement;
  // looked for only so far, so that nesting costs no more.
  std::pair<std::size_t, std::size_t> arguments(std::size_t i);

  void text_evidence(std::size_t i);

  void file_target(std::size_t i);

  // A text for the shell, or a program with its words.
  void shell_call(std::size_t i);
  void program_call(std::size_t i) {
    const auto [begin, end] = arguments(i);
    run_words(begin, end);
  }

  // Groovy: "command".execute().
  void receiver_command(std::size_t i);

  void run_words(std::size_t begin, std::size_t end);

  void ask(const Words& words, bool constant, bool through_shell);

  // open(FILE, MODE), open(my $f, ">", FILE), open("| command").
  void open_call(std::size_t i);

  void open_text(const CodeToken& token, bool is_name, int commas);

  // `import a, b.c as d`, `from a import b`, `require "x"`, `use X`.
  void import(std::size_t i);

  bool from_before(std::size_t i) const;

  void import_names(std::size_t i, std::size_t at);

  void allowed_module(std::string_view name);

  // The child of prodaccess has credentials in its environment.
  void environment(std::size_t i);
  void path(std::string_view name, bool writes);

  Language language_;
  const CodeNames& names_;
  Inner& inner_;
  SqlFinding& finding_;
  int depth_;
  CodeTokens tokens_;
};

}  // namespace prodaccess
