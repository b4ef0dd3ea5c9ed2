// Evaluator: walks the syntax tree as a shell would run it, but through every branch, and lists the
// commands with their words as far as the line tells them.
//
// It follows constants along straight lines; what a branch, loop, function or unknown command may
// have changed is unknown afterwards. Work is limited by kMostSteps and kMostCommands.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/command/shell/arena.h"
#include "core/command/shell/script.h"
#include "core/command/shell/syntax.h"
#include "core/command/shell/variables.h"

namespace prodaccess::shell {

constexpr std::size_t kMostCommands = 16384;
constexpr std::size_t kMostSteps = 1U << 20U;       // nodes walked, words of braces included
constexpr std::size_t kLongestValue = 256U << 10U;  // bytes of one word
constexpr std::size_t kMostExpanded = 16U << 20U;   // bytes of all words
constexpr std::size_t kMostUnrolled = 8;            // values of a `for` walked one by one
constexpr int kDeepestWalk = 250;                   // commands inside commands, calls included
constexpr std::size_t kMostPatternWork = 16U << 20U;

class Evaluator {
 public:
  // All must outlive the evaluator; `script` gets the commands.
  Evaluator(const Environment& environment, Arena& arena, Script& script)
      : arena_(arena), script_(script), variables_(environment) {}

  void run(std::string_view text);

 private:
  // What a command or list writes, as far as somebody asks.
  struct Output {
    bool known = true;
    std::string text;
  };
  struct Input {
    std::optional<Word> text;
    bool from_pipe = false;
  };
  struct Function {
    const Node* body = nullptr;
    bool certain = true;  // defined whatever branch was taken
  };
  struct Field;
  // Structure (evaluator.cc).
  void list(const Node* item);
  const Node* chain(const Node* item);
  void command(const Node* node);
  void compound(const Node* node);
  void pipeline(const Node* node);
  template <class Region>
  void maybe(Region&& region);
  template <class Region>
  void subshell(Region&& region);
  template <class Region>
  void rehearse(Region&& region);
  void loop(const Node* node);
  void iterate(const Node* node, Value value);
  void for_loop(const Node* node);
  void case_clauses(const Node* node);
  void run_text(const std::string& text, std::string_view origin);
  void problem(std::string text);
  bool step();

  // Simple commands (simple_command.cc).
  void simple(const Node* node);
  void words_of(const Node* node, Words& words);
  void take_assignments(const Node* node, SimpleCommand& out);
  void redirects_of(const RedirectNode* redirect, SimpleCommand& out);
  void emit(SimpleCommand&& out);
  void write(const SimpleCommand& out);
  static void append(Output& output, const std::string* text);
  void add_environment(SimpleCommand& out);
  bool call(const SimpleCommand& out);
  void call_function(const Function& function, const SimpleCommand& out);
  bool is_active(const Function& function) const;
  void use_alias(const Node* node);

  // What builtins do to the shell's own state (state_builtins.cc). True: the command is done with.
  bool state_builtin(const SimpleCommand& out);
  void declare(const Words& words, std::size_t at);
  void read_into(const Words& words, std::size_t at);
  void set_arguments(const Words& words, std::size_t at);
  void define_aliases(const Words& words, std::size_t at);
  bool set_trap(const Words& words, std::size_t at);
  void export_functions(const Words& words, std::size_t at);

  // Words (expansion.cc).
  void fields(const WordNode* word, Words& out);
  void fields_of(const Piece* pieces, Words& out);
  Word single(const Piece* pieces);
  void add_pieces(Field& field, Words& out, const Piece* pieces, bool splits);
  void add_parameter(Field& field, Words& out, const Piece& piece);
  bool uses_operand(const Parameter& parameter);
  void add_value(Field& field, Words& out, const Value& value, bool quoted);
  void add_split(Field& field, Words& out, std::string_view text);
  void add_arguments(Field& field, Words& out, const Parameter& parameter, bool quoted);
  Value array_value(const Piece& piece);
  void finish(Field& field, Words& out);
  Value value_of(const Piece& piece);
  Value parameter_value(const Parameter& parameter);
  Value plain_value(const Parameter& parameter);
  Value substitution(const Node* list);
  void walk_process(const Node* list);
  Value arithmetic(const Piece* expression);
  void check_subscripts(std::string_view text);
  void check_variable_words(const Words& words, std::size_t at);
  const Piece* expand_tilde(const Piece* pieces);

  Arena& arena_;
  Script& script_;
  Variables variables_;
  std::map<std::string, Function, std::less<>> functions_;
  std::map<std::string, std::string, std::less<>> aliases_;
  std::vector<const Node*> active_functions_;  // whose bodies are being walked
  std::vector<std::string> active_aliases_;
  std::optional<std::vector<Value>> arguments_;  // $1...; absent: unknown
  std::vector<std::string>* locals_ = nullptr;   // of the function being walked
  Output* output_ = nullptr;                     // absent: nobody asks
  Input input_;
  bool to_pipe_ = false;
  int silent_ = 0;     // walking only to see what changes
  int uncertain_ = 0;  // inside a region that may not run
  std::size_t steps_ = 0;
  std::size_t expanded_ = 0;
  std::size_t pattern_work_ = 0;
  std::size_t argument_changes_ = 0;
  int level_ = 0;
  bool exhausted_ = false;
};

// Walks what may or may not run: what it changes is unknown afterwards, and so is what it writes.
template <class Region>
void Evaluator::maybe(Region&& region) {
  const Variables::Mark mark = variables_.mark();
  const std::size_t changes = argument_changes_;
  const std::size_t written = output_ == nullptr ? 0 : output_->text.size();
  ++uncertain_;
  region();
  --uncertain_;
  variables_.blur(mark);
  if (changes != argument_changes_) arguments_.reset();
  if (output_ != nullptr && output_->text.size() != written) output_->known = false;
}

// Walks what cannot change the shell's own variables.
template <class Region>
void Evaluator::subshell(Region&& region) {
  const Variables::Mark mark = variables_.mark();
  const std::optional<std::vector<Value>> arguments = arguments_;
  ++uncertain_;
  region();
  --uncertain_;
  variables_.restore(mark);
  arguments_ = arguments;
}

// Walks what may run many times, only to see what it changes; that is unknown from the start.
template <class Region>
void Evaluator::rehearse(Region&& region) {
  const Variables::Mark mark = variables_.mark();
  const std::size_t changes = argument_changes_;
  Output* const output = output_;
  output_ = nullptr;
  ++silent_;
  ++uncertain_;
  region();
  --uncertain_;
  --silent_;
  output_ = output;
  variables_.forget_changed(mark);
  if (changes != argument_changes_) arguments_.reset();
}

}  // namespace prodaccess::shell
