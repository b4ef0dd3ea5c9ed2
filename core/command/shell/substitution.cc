// Command and process substitution: what runs, and what it gives.
#include "core/command/shell/evaluator.h"

namespace prodaccess::shell {
namespace {

std::string_view plain_text(const WordNode* word) {
  return word != nullptr && word->plain ? word->pieces->text : std::string_view{};
}

// The command if the list is one simple command.
const Node* only_command(const Node* list) {
  if (list == nullptr || list->next != nullptr || list->kind != NodeKind::Simple) return nullptr;
  return list->words != nullptr && list->words->plain ? list : nullptr;
}

// `which X`, `command -v X`: the program X, wherever it is.
std::string_view looked_up_program(const Node* list) {
  const Node* node = only_command(list);
  if (node == nullptr) return {};
  const std::string_view name = plain_text(node->words);
  const WordNode* word = node->words->next;
  if (name == "command" && plain_text(word) == "-v") {
    word = word->next;
  } else if (name == "type" && (plain_text(word) == "-P" || plain_text(word) == "-p")) {
    word = word->next;
  } else if (name != "which") {
    return {};
  }
  const std::string_view program = plain_text(word);
  return word != nullptr && word->next == nullptr && is_name(program) ? program
                                                                      : std::string_view{};
}

// Whether the command prints one word without blanks.
bool prints_one_word(const Node* list) {
  if (list != nullptr && list->next == nullptr && list->kind == NodeKind::Pipeline) {
    const Node* last = list->first;
    while (last->next != nullptr) last = last->next;
    return only_command(last) != nullptr && plain_text(last->words) == "wc" &&
           plain_text(last->words->next) == "-l" && last->words->next->next == nullptr;
  }
  const Node* node = only_command(list);
  if (node == nullptr) return false;
  const std::string_view name = plain_text(node->words);
  const std::string_view first = plain_text(node->words->next);
  if (name == "date") {
    const WordNode* format = node->words->next;
    while (format != nullptr && plain_text(format).substr(0, 1) == "-") format = format->next;
    return !plain_text(format).empty() && plain_text(format)[0] == '+';
  }
  if (name == "id") return first == "-u" || first == "-un" || first == "-g" || first == "-gn";
  if (name == "uname") return first != "-a";
  if (name == "git") return first == "rev-parse" || first == "describe";
  for (const std::string_view known :
       {"hostname", "whoami", "nproc", "mktemp", "uuidgen", "arch", "tty", "logname"}) {
    if (name == known) return true;
  }
  return false;
}

}  // namespace

Value Evaluator::substitution(const Node* tree) {
  Output written;
  Output* const output = output_;
  const bool to_pipe = to_pipe_;
  output_ = &written;
  to_pipe_ = true;
  if (++level_ > kDeepestWalk) {
    problem("commands nested deeper than " + std::to_string(kDeepestWalk) + " levels");
    written.known = false;
  } else {
    subshell([&] { list(tree); });
  }
  --level_;
  output_ = output;
  to_pipe_ = to_pipe;
  if (const std::string_view program = looked_up_program(tree); !program.empty()) {
    return Value::known(std::string(program));
  }
  if (!written.known || exhausted_) return prints_one_word(tree) ? Value::one_word() : Value{};
  while (!written.text.empty() && written.text.back() == '\n') written.text.pop_back();
  return Value::known(std::move(written.text));
}

void Evaluator::walk_process(const Node* tree) {
  Output* const output = output_;
  output_ = nullptr;
  if (++level_ <= kDeepestWalk) {
    maybe([&] { list(tree); });
  } else {
    problem("commands nested deeper than " + std::to_string(kDeepestWalk) + " levels");
  }
  --level_;
  output_ = output;
}

}  // namespace prodaccess::shell
