// Simple commands: their words, assignments and redirects, and calls of functions and aliases.
#include "core/command/shell/evaluator.h"
#include "core/command/shell/known_output.h"

namespace prodaccess::shell {
namespace {

constexpr std::size_t kMostAliasText = 64U << 10U;

bool is_declaration(std::string_view name) {
  return name == "export" || name == "declare" || name == "typeset" || name == "local" ||
         name == "readonly";
}

bool looks_like_assignment(const WordNode& word) {
  const Piece* piece = word.pieces;
  if (piece == nullptr || piece->quoted || piece->kind != PieceKind::Literal) return false;
  const std::size_t length = name_length(piece->text);
  return length != 0 && length < piece->text.size() &&
         (piece->text[length] == '=' || piece->text.substr(length, 2) == "+=");
}

// What an unquoted assignment keeps of a word.
Value value_from(const Word& word) {
  if (word.known) return Value::known(word.text);
  Value value = word.splits ? Value{} : Value::one_word();
  value.text = word.text;  // the known parts around the unknown
  return value;
}

Word word_from(const Value& value) {
  Word word;
  word.known = value.is_known();
  word.text = value.text;
  return word;
}

}  // namespace

void Evaluator::simple(const Node* node) {
  if (node->words == nullptr && node->assigns == nullptr && node->redirects == nullptr) return;
  SimpleCommand out;
  words_of(node, out.words);
  take_assignments(node, out);
  redirects_of(node->redirects, out);
  if (!out.words.empty()) {
    if (!aliases_.empty()) use_alias(node);
    if (call(out) || state_builtin(out)) return;
  }
  write(out);
  emit(std::move(out));
}

void Evaluator::words_of(const Node* node, Words& words) {
  bool declaration = false;
  bool command_position = true;
  for (const WordNode* word = node->words; word != nullptr; word = word->next) {
    if (declaration && looks_like_assignment(*word)) {
      words.push_back(single(word->pieces));
      continue;
    }
    fields(word, words);
    if (!command_position || words.empty()) continue;
    const Word& last = words.back();
    command_position = last.text == "command" || last.text == "builtin";
    declaration = last.known && is_declaration(last.text);
  }
}

void Evaluator::take_assignments(const Node* node, SimpleCommand& out) {
  if (node->assigns == nullptr) return;
  for (const AssignNode* assign = node->assigns; assign != nullptr; assign = assign->next) {
    Value value;
    if (assign->value != nullptr && assign->value->kind == PieceKind::Array) {
      value = array_value(*assign->value);
    } else if (assign->value == nullptr) {
      value = Value::known("");
    } else {
      value = value_from(single(assign->value));
    }
    if (assign->append || assign->subscripted) {
      Value before = variables_.get(assign->name);
      const bool follows = assign->append && !assign->subscripted && before.is_known() &&
                           value.is_known() && before.text.size() < kLongestValue;
      if (!follows) {
        value = {};
      } else if (!value.items.empty() || !before.items.empty()) {
        before.items.insert(before.items.end(), value.items.begin(), value.items.end());
        value = value.items.empty() || before.items.size() > 1024
                    ? Value{}
                    : Value::array(std::move(before.items));
      } else {
        value.text.insert(0, before.text);
      }
    }
    out.assignments.emplace_back(std::string(assign->name), word_from(value));
    if (out.words.empty()) variables_.assign(assign->name, std::move(value));
  }
}

void Evaluator::redirects_of(const RedirectNode* redirect, SimpleCommand& out) {
  out.input = input_.text;
  out.from_pipe = input_.from_pipe;
  out.to_pipe = to_pipe_;
  for (; redirect != nullptr; redirect = redirect->next) {
    Redirect result;
    result.kind = redirect->kind;
    result.descriptor = redirect->descriptor;
    result.both = redirect->both;
    if (redirect->kind == Redirect::Kind::Heredoc) {
      result.target = single(redirect->body);
    } else {
      result.target = single(redirect->target == nullptr ? nullptr : redirect->target->pieces);
    }
    if (redirect->kind == Redirect::Kind::HereString) result.target.text += '\n';
    if (redirect->descriptor == 0) {
      out.input.reset();
      out.from_pipe = false;
      if (redirect->kind == Redirect::Kind::Heredoc ||
          redirect->kind == Redirect::Kind::HereString) {
        out.input = result.target;
      }
    }
    out.redirects.push_back(std::move(result));
  }
}

void Evaluator::add_environment(SimpleCommand& out) {
  std::vector<Variables::Exported> exported = variables_.exported();
  if (exported.empty()) return;
  std::vector<std::pair<std::string, Word>> all;
  for (const Variables::Exported& variable : exported) {
    all.emplace_back(std::string(variable.name), word_from(*variable.value));
  }
  all.insert(all.end(), std::make_move_iterator(out.assignments.begin()),
             std::make_move_iterator(out.assignments.end()));
  out.assignments = std::move(all);
}

void Evaluator::emit(SimpleCommand&& out) {
  if (silent_ != 0 || exhausted_) return;
  if (script_.commands.size() >= kMostCommands) {
    exhausted_ = true;
    return problem("more than " + std::to_string(kMostCommands) + " commands");
  }
  if (!out.words.empty()) add_environment(out);
  script_.commands.push_back(std::move(out));
}

// Adds what the command writes to what is asked for.
void Evaluator::write(const SimpleCommand& out) {
  if (output_ == nullptr || !output_->known) return;
  for (const Redirect& redirect : out.redirects) {
    if (redirect.descriptor == 1) return;
  }
  const std::optional<std::string> text = known_output(out);
  append(*output_, text ? &*text : nullptr);
}

// The call of a function that the line defines. False: none, or one that may not be defined, so
// that the program of the same name may run as well.
bool Evaluator::call(const SimpleCommand& out) {
  if (functions_.empty() || !out.words[0].known) return false;
  const auto found = functions_.find(out.words[0].text);
  if (found == functions_.end()) return false;
  if (is_active(found->second)) {
    problem("the function " + found->first + " calls itself");
    return true;
  }
  const Function function = found->second;
  if (function.certain) {
    call_function(function, out);
    return true;
  }
  maybe([&] { call_function(function, out); });
  return false;
}

bool Evaluator::is_active(const Function& function) const {
  return std::find(active_functions_.begin(), active_functions_.end(), function.body) !=
         active_functions_.end();
}

void Evaluator::call_function(const Function& function, const SimpleCommand& out) {
  if (!out.redirects.empty()) {
    SimpleCommand group = out;
    group.group = true;
    group.words.clear();
    group.assignments.clear();
    emit(std::move(group));
  }
  const Variables::Mark mark = variables_.mark();
  std::vector<std::string> locals;
  for (const auto& [variable, word] : out.assignments) {
    locals.push_back(variable);
    variables_.assign(variable, value_from(word));
    variables_.mark_exported(variable);
  }
  std::vector<Value> arguments;
  bool known = true;
  for (std::size_t i = 1; i < out.words.size(); ++i) {
    known &= !out.words[i].splits && !out.words[i].glob;
    arguments.push_back(value_from(out.words[i]));
  }
  std::optional<std::vector<Value>> outer = std::move(arguments_);
  arguments_.reset();
  if (known) arguments_ = std::move(arguments);
  const Input input = input_;
  input_ = {out.input, out.from_pipe};
  std::vector<std::string>* const outer_locals = locals_;
  locals_ = &locals;
  active_functions_.push_back(function.body);
  command(function.body);
  active_functions_.pop_back();
  locals_ = outer_locals;
  input_ = input;
  arguments_ = std::move(outer);
  variables_.restore_only(mark, locals);
}

// An alias of the line may stand for the command's word, or not (only interactive shells, and sh,
// use it, and only from the next line on): both are listed.
void Evaluator::use_alias(const Node* node) {
  if (node->words == nullptr || !node->words->plain) return;
  const auto found = aliases_.find(node->words->pieces->text);
  if (found == aliases_.end()) return;
  if (std::find(active_aliases_.begin(), active_aliases_.end(), found->first) !=
      active_aliases_.end()) {
    return;
  }
  const std::string text = found->second + std::string(node->rest);
  if (text.size() > kMostAliasText) return problem("an alias grows too long to follow");
  active_aliases_.push_back(found->first);
  maybe([&] { run_text(text, "alias"); });
  active_aliases_.pop_back();
}

}  // namespace prodaccess::shell
