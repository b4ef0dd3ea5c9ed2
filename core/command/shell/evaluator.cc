#include "core/command/shell/evaluator.h"

#include "core/base/text.h"
#include "core/command/shell/parser.h"

namespace prodaccess::shell {

void Evaluator::run(std::string_view text) {
  Parser parser(text, arena_, 0);
  const Node* tree = parser.parse();
  if (!parser.problem().empty()) problem(parser.problem());
  list(tree);
  if (variables_.overflowed()) {
    problem("more than " + std::to_string(kMostVariables) + " variables");
  }
}

void Evaluator::problem(std::string text) {
  std::vector<std::string>& problems = script_.problems;
  if (std::find(problems.begin(), problems.end(), text) == problems.end() && problems.size() < 16) {
    problems.push_back(std::move(text));
  }
}

// Counts a unit of work; false where there was too much of it.
bool Evaluator::step() {
  if (++steps_ > kMostSteps && !exhausted_) {
    exhausted_ = true;
    problem("it takes too many steps to follow");
  }
  return !exhausted_;
}

void Evaluator::list(const Node* item) {
  while (item != nullptr && step()) {
    if (!item->background) {
      item = chain(item);
      continue;
    }
    const Node* after = nullptr;
    maybe([&] { after = chain(item); });
    item = after;
  }
}

// a && b && c || d: what follows && may build on what && led to, but nothing may build on what
// stands behind ||. Returns the item after the chain.
const Node* Evaluator::chain(const Node* item) {
  command(item);
  item = item->next;
  while (item != nullptr && item->connector != Connector::Sequence) {
    maybe([&] {
      const bool alternative = item->connector == Connector::Or;
      command(item);
      item = item->next;
      while (!alternative && item != nullptr && item->connector == Connector::And) {
        command(item);
        item = item->next;
      }
    });
  }
  return item;
}

void Evaluator::command(const Node* node) {
  if (!step()) return;
  if (node->kind == NodeKind::Simple) return simple(node);
  if (++level_ > kDeepestWalk) {
    problem("commands nested deeper than " + std::to_string(kDeepestWalk) + " levels");
  } else if (node->redirects == nullptr) {
    compound(node);
  } else {
    SimpleCommand group;
    group.group = true;
    redirects_of(node->redirects, group);
    Output* const output = output_;
    Input input = input_;
    for (const Redirect& redirect : group.redirects) {
      if (redirect.descriptor == 0) input_ = {};
      if (redirect.descriptor == 1) output_ = nullptr;
    }
    if (group.input) input_.text = group.input;
    emit(std::move(group));
    compound(node);
    input_ = std::move(input);
    output_ = output;
  }
  --level_;
}

void Evaluator::compound(const Node* node) {
  switch (node->kind) {
    case NodeKind::Simple: break;
    case NodeKind::Pipeline: return pipeline(node);
    case NodeKind::Group: return list(node->first);
    case NodeKind::Subshell: return subshell([&] { list(node->first); });
    case NodeKind::If:
      list(node->first);
      maybe([&] { list(node->second); });
      if (node->third != nullptr) maybe([&] { list(node->third); });
      return;
    case NodeKind::Loop: return loop(node);
    case NodeKind::For: return for_loop(node);
    case NodeKind::Case: return case_clauses(node);
    case NodeKind::Clause: return list(node->first);
    case NodeKind::Coprocess: return maybe([&] { command(node->first); });
    case NodeKind::Function:
      if (node->first == nullptr) return;
      functions_.insert_or_assign(std::string(node->name), Function{node->first, uncertain_ == 0});
      return;
    case NodeKind::Arithmetic: arithmetic(node->words->pieces); return;
    case NodeKind::Condition: {
      for (const WordNode* word = node->words; word != nullptr; word = word->next) {
        check_subscripts(single(word->pieces).text);
      }
      SimpleCommand out;
      out.words.emplace_back("[[");
      return emit(std::move(out));
    }
  }
}

void Evaluator::pipeline(const Node* node) {
  Output* const output = output_;
  const Input input = input_;
  const bool to_pipe = to_pipe_;
  for (const Node* part = node->first; part != nullptr; part = part->next) {
    const bool last = part->next == nullptr;
    Output here;
    to_pipe_ = last ? to_pipe : true;
    maybe([&] {
      output_ = last && output == nullptr ? nullptr : &here;
      command(part);
      output_ = output;
    });
    if (last) {
      if (output != nullptr) append(*output, here.known ? &here.text : nullptr);
      break;
    }
    input_ = {};
    input_.from_pipe = true;
    if (here.known) input_.text = Word(std::move(here.text));
  }
  input_ = input;
  to_pipe_ = to_pipe;
}

// Adds `text`, null if it is unknown, to what is written.
void Evaluator::append(Output& output, const std::string* text) {
  output.known &= text != nullptr && output.text.size() + text->size() <= kLongestValue;
  if (output.known) output.text += *text;
}

void Evaluator::loop(const Node* node) {
  const auto once = [&] {
    if (node->words != nullptr) arithmetic(node->words->pieces);
    list(node->first);
    list(node->second);
  };
  rehearse(once);
  maybe(once);
}

void Evaluator::iterate(const Node* node, Value value) {
  maybe([&] {
    variables_.assign(node->name, std::move(value));
    list(node->second);
  });
}

void Evaluator::for_loop(const Node* node) {
  Words words;
  bool known = true;
  if (node->over_arguments) {
    known = false;
  } else {
    for (const WordNode* word = node->words; word != nullptr; word = word->next) {
      fields(word, words);
    }
  }
  bool one_word = !node->over_arguments;
  for (const Word& word : words) {
    known &= word.known && !word.glob;
    one_word &= word.known ? is_one_word(Value::known(word.text)) || word.glob : !word.quoted;
  }
  if (known && words.empty()) return;
  if (node->select || !known || words.size() > kMostUnrolled || steps_ > kMostSteps / 16) {
    const Value value = one_word ? Value::one_word() : Value{};
    rehearse([&] { iterate(node, value); });
    iterate(node, value);
  } else {
    for (const Word& word : words) iterate(node, Value::known(word.text));
  }
  variables_.forget(node->name);
}

void Evaluator::case_clauses(const Node* node) {
  single(node->words->pieces);
  for (const Node* clause = node->first; clause != nullptr && step(); clause = clause->next) {
    for (const WordNode* word = clause->words; word != nullptr; word = word->next) {
      single(word->pieces);
    }
    maybe([&] { list(clause->first); });
  }
}

// A text that the line itself gives to be run: eval, trap, an alias.
void Evaluator::run_text(const std::string& text, std::string_view origin) {
  if (++level_ > kDeepestWalk) {
    problem("commands nested deeper than " + std::to_string(kDeepestWalk) + " levels");
  } else {
    expanded_ += text.size();
    Parser parser(arena_.keep(text), arena_, level_ / 4);
    const Node* tree = parser.parse();
    if (!parser.problem().empty()) problem(std::string(origin) + ": " + parser.problem());
    if (expanded_ > kMostExpanded) {
      problem("it grows too long to follow");
    } else {
      list(tree);
    }
  }
  --level_;
}

}  // namespace prodaccess::shell

namespace prodaccess {

Script parse_shell(std::string_view line,
                   const std::map<std::string, std::string, std::less<>>& environment) {
  Script script;
  if (line.find('\0') != std::string_view::npos) script.problems.push_back("it holds a NUL byte");
  if (!is_utf8(line)) script.problems.push_back("it is not valid UTF-8");
  shell::Arena arena;
  shell::Evaluator(environment, arena, script).run(line);
  return script;
}

}  // namespace prodaccess
