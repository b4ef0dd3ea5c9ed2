// Words: what expansions and word splitting make of them.
#include "core/command/shell/arithmetic.h"
#include "core/command/shell/brace.h"
#include "core/command/shell/evaluator.h"
#include "core/command/shell/parameter.h"

namespace prodaccess::shell {

struct Evaluator::Field {
  Word word;
  bool started = false;
  bool bracket = false;  // an unquoted [ waits for its ]

  void add(std::string_view text, bool quoted) {
    started = true;
    word.text += text;
    if (quoted) {
      word.quoted = true;
      return;
    }
    for (std::size_t at = text.find_first_of("*?[]"); at != std::string_view::npos;
         at = text.find_first_of("*?[]", at + 1)) {
      if (text[at] == '[') {
        bracket = true;
      } else if (text[at] != ']' || bracket) {
        word.glob = true;
      }
    }
  }
};

void Evaluator::finish(Field& field, Words& out) {
  if (field.started) out.push_back(std::move(field.word));
  field = Field{};
}

void Evaluator::fields(const WordNode* word, Words& out) {
  if (word->plain) {
    out.emplace_back(std::string(word->pieces->text));
    return;
  }
  if (!word->braces) return fields_of(word->pieces, out);
  std::vector<Piece*> expanded;
  if (!expand_braces(word->pieces, arena_, expanded)) {
    problem("braces expand to too many words");
    Word unknown = single(word->pieces);
    unknown.known = false;
    unknown.splits = true;
    out.push_back(std::move(unknown));
    return;
  }
  for (const Piece* pieces : expanded) {
    if (!step()) return;
    fields_of(pieces, out);
  }
}

void Evaluator::fields_of(const Piece* pieces, Words& out) {
  Field field;
  add_pieces(field, out, expand_tilde(pieces), false);
  finish(field, out);
}

// `splits`: unquoted text is split too, since it came out of an expansion.
void Evaluator::add_pieces(Field& field, Words& out, const Piece* pieces, bool splits) {
  for (const Piece* piece = pieces; piece != nullptr; piece = piece->next) {
    switch (piece->kind) {
      case PieceKind::Literal:
        if (splits && !piece->quoted) {
          add_split(field, out, piece->text);
        } else {
          field.add(piece->text, piece->quoted);
        }
        break;
      case PieceKind::Process:
        walk_process(piece->list);
        field.add("/dev/fd/63", false);
        field.word.known = false;
        break;
      case PieceKind::Parameter: add_parameter(field, out, *piece); break;
      default: add_value(field, out, value_of(*piece), piece->quoted); break;
    }
  }
}

void Evaluator::add_parameter(Field& field, Words& out, const Piece& piece) {
  const Parameter& parameter = *piece.parameter;
  const bool all = parameter.name == "@" || parameter.name == "*" ||
                   (parameter.subscripted && parameter.subscript != nullptr &&
                    (parameter.subscript->text == "@" || parameter.subscript->text == "*"));
  if (all && !parameter.length) return add_arguments(field, out, parameter, piece.quoted);
  // The quotes inside ${x:-"a b"} hold there too.
  if (!piece.quoted && uses_operand(parameter)) {
    return add_pieces(field, out, expand_tilde(parameter.operand), true);
  }
  add_value(field, out, value_of(piece), piece.quoted);
}

// Whether ${x-w} or ${x+w} is certain to stand for w.
bool Evaluator::uses_operand(const Parameter& parameter) {
  if (parameter.op != Operator::Default && parameter.op != Operator::Alternative) return false;
  if (parameter.indirect || parameter.length || parameter.subscripted) return false;
  const Value value = plain_value(parameter);
  if (!value.is_known()) return false;
  const bool missing =
      value.knowledge == Value::Knowledge::Unset || (parameter.colon && value.text.empty());
  return missing == (parameter.op == Operator::Default);
}

// One word, without splitting: an assignment's value, a redirect's target, a heredoc. `splits` says
// here that an unknown part may hold blanks.
Word Evaluator::single(const Piece* pieces) {
  Field field;
  for (const Piece* piece = expand_tilde(pieces); piece != nullptr; piece = piece->next) {
    if (piece->kind == PieceKind::Literal) {
      field.add(piece->text, piece->quoted);
      continue;
    }
    if (piece->kind == PieceKind::Process) {
      walk_process(piece->list);
      field.add("/dev/fd/63", false);
      field.word.known = false;
      continue;
    }
    const Value value = value_of(*piece);
    if (value.is_known()) {
      field.add(value.text, true);
      if (!piece->quoted) field.word.quoted = false;
    } else {
      field.word.known = false;
      field.word.splits |= value.knowledge != Value::Knowledge::OneWord;
    }
  }
  if (field.word.text.size() > kMostExpanded) field.word.known = false;
  return std::move(field.word);
}

void Evaluator::add_value(Field& field, Words& out, const Value& value, bool quoted) {
  expanded_ += value.text.size();
  const bool too_long = expanded_ > kMostExpanded || field.word.text.size() > kLongestValue;
  if (!value.is_known() || too_long) {
    field.started = true;
    field.word.known = false;
    field.word.quoted |= quoted;
    field.word.splits |= !quoted && (too_long || value.knowledge != Value::Knowledge::OneWord);
  } else if (quoted) {
    field.add(value.text, true);
  } else {
    add_split(field, out, value.text);
  }
}

// Splits what an unquoted expansion gave (POSIX 2.6.5).
void Evaluator::add_split(Field& field, Words& out, std::string_view text) {
  if (text.empty()) return;
  const Value separators = variables_.separators();
  if (!separators.is_known()) {
    field.started = true;
    field.word.known = false;
    field.word.splits = true;
    return;
  }
  const auto separates = [&](char c) { return separators.text.find(c) != std::string::npos; };
  const auto is_space = [&](char c) { return (is_blank(c) || c == '\n') && separates(c); };
  std::size_t at = 0;
  while (at < text.size()) {
    if (separates(text[at])) {
      // Blanks around one other separator make one boundary.
      bool hard = false;
      while (at < text.size() && separates(text[at]) && (is_space(text[at]) || !hard)) {
        hard |= !is_space(text[at]);
        ++at;
      }
      if (hard) field.started = true;
      finish(field, out);
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && !separates(text[end])) ++end;
    field.add(text.substr(at, end - at), false);
    at = end;
  }
}

// "$@", "${a[@]}" and their relatives.
void Evaluator::add_arguments(Field& field, Words& out, const Parameter& parameter, bool quoted) {
  std::vector<Value> values;
  bool known = parameter.op == Operator::None && !parameter.indirect;
  if (parameter.operand != nullptr) single(parameter.operand);
  bool joined = false;
  if (parameter.subscripted) {
    const Value array = variables_.get(parameter.name);
    known &= array.is_known();
    joined = parameter.subscript->text == "*";
    for (const std::string& item : array.items) values.push_back(Value::known(item));
    if (array.items.empty() && array.knowledge == Value::Knowledge::Known) values.push_back(array);
  } else {
    known &= arguments_.has_value();
    joined = parameter.name == "*";
    if (known) values = *arguments_;
  }
  if (!known) {
    field.started = true;
    field.word.known = false;
    field.word.splits = true;
    field.word.quoted |= quoted;
    return;
  }
  const Value separators = variables_.separators();
  if (quoted && joined && !separators.is_known()) field.word.known = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0 && quoted && joined) {
      field.add(std::string_view(separators.text).substr(0, 1), true);
    } else if (i != 0) {
      finish(field, out);
    }
    if (quoted && values[i].is_known()) field.started = true;
    add_value(field, out, values[i], quoted);
  }
}

Value Evaluator::array_value(const Piece& piece) {
  Words words;
  for (const WordNode* word = piece.words; word != nullptr; word = word->next) fields(word, words);
  std::vector<std::string> items;
  for (const Word& word : words) {
    if (!word.known || word.glob || (word.text[0] == '[' && !word.quoted)) return {};
    items.push_back(word.text);
  }
  if (items.empty() || items.size() > 1024) return {};
  return Value::array(std::move(items));
}

Value Evaluator::value_of(const Piece& piece) {
  switch (piece.kind) {
    case PieceKind::Literal: return Value::known(std::string(piece.text));
    case PieceKind::Parameter: return parameter_value(*piece.parameter);
    case PieceKind::Command: return substitution(piece.list);
    case PieceKind::Process: walk_process(piece.list); return Value{};
    case PieceKind::Arithmetic: return arithmetic(piece.inner);
    case PieceKind::Array: array_value(piece); return Value{};
  }
  return {};
}

Value Evaluator::parameter_value(const Parameter& parameter) {
  if (parameter.subscript != nullptr) single(parameter.subscript);
  Value value = plain_value(parameter);
  const Word operand = single(parameter.operand);
  const Word replacement = single(parameter.replacement);
  if (parameter.indirect) {
    if (value.knowledge != Value::Knowledge::Known || !is_name(value.text)) return {};
    value = variables_.get(value.text);
  }
  if (parameter.length) return Value::one_word();
  const bool missing = value.knowledge == Value::Knowledge::Unset ||
                       (parameter.colon && value.is_known() && value.text.empty());
  const Value given = operand.known    ? Value::known(operand.text)
                      : operand.splits ? Value{}
                                       : Value::one_word();
  switch (parameter.op) {
    case Operator::None: return value;
    case Operator::Default:
    case Operator::Error: return value.is_known() && missing ? given : value;
    case Operator::Assign:
      if (!value.is_known()) {
        variables_.forget(parameter.name);
      } else if (missing) {
        variables_.assign(parameter.name, given);
        return given;
      }
      return value;
    case Operator::Alternative:
      if (!value.is_known()) return {};
      return missing ? Value::known("") : given;
    default: break;
  }
  if (parameter.op == Operator::Transform && value.is_known() &&
      value.text.find_first_of("$`") != std::string::npos) {
    problem("a transformation may run what a variable holds");  // ${x@P}
  }
  if (!value.is_known() || !operand.known || !replacement.known) return {};
  if (is_pattern(operand.text)) {
    pattern_work_ += value.text.size() * value.text.size() + 1;
    if (operand.quoted || pattern_work_ > kMostPatternWork) return {};
  }
  const std::optional<std::string> result =
      apply_operator(parameter, value.text, operand.text, replacement.text);
  return result ? Value::known(*result) : Value{};
}

// The variable itself, without operators.
Value Evaluator::plain_value(const Parameter& parameter) {
  const std::string_view name = parameter.name;
  if (name.empty()) return Value::one_word();  // an endless sequence of braces
  if (is_digit(name[0])) {
    if (!arguments_ || name.size() > 4 || name == "0") return {};
    const auto index = static_cast<std::size_t>(std::stoul(std::string(name)));
    return index <= arguments_->size() ? (*arguments_)[index - 1] : Value::unset();
  }
  if (name == "?" || name == "$" || name == "!" || name == "#") return Value::one_word();
  if (!is_name_start(name[0])) return {};
  if (name == "IFS") return variables_.separators();
  Value value = variables_.get(name);
  if (parameter.subscripted) {
    const std::string_view index =
        parameter.subscript == nullptr ? std::string_view{} : parameter.subscript->text;
    if (!value.is_known() || index.size() != 1 || !is_digit(index[0])) return {};
    const auto at = static_cast<std::size_t>(index[0] - '0');
    return at < value.items.size() ? Value::known(value.items[at]) : Value{};
  }
  if (value.knowledge == Value::Knowledge::Unknown) {
    for (const std::string_view number : {"RANDOM", "SECONDS", "LINENO", "PPID", "UID", "EUID",
                                          "BASHPID", "EPOCHSECONDS", "HOSTNAME", "USER"}) {
      if (name == number) return Value::one_word();
    }
  }
  return value;
}

// An expression: what it expands, the variables it may set, and its value.
Value Evaluator::arithmetic(const Piece* expression) {
  const Word word = single(expression);
  const std::string& text = word.text;
  check_subscripts(text);
  if (text.find('=') == std::string::npos && text.find("++") == std::string::npos &&
      text.find("--") == std::string::npos) {
    const auto number_of = [this](std::string_view name) {
      const Value value = variables_.get(name);
      return value.knowledge == Value::Knowledge::Known ? decimal(value.text) : std::nullopt;
    };
    const auto number = word.known ? evaluate_arithmetic(text, number_of) : std::nullopt;
    return number ? Value::known(std::to_string(*number)) : Value::one_word();
  }
  if (!word.known) {
    variables_.forget_all();
    return Value::one_word();
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = name_length(std::string_view(text).substr(at));
    if (length != 0) variables_.forget(std::string_view(text).substr(at, length));
    at += length == 0 ? 1 : length;
  }
  return Value::one_word();
}

// Where bash takes a text for an expression or a variable's name, it runs the substitutions in a
// subscript even if they were quoted: let 'a[$(rm x)]'. The value of a variable named there is such
// a text too.
void Evaluator::check_subscripts(std::string_view text) {
  const auto runs_something = [](std::string_view part) {
    const std::size_t bracket = part.find('[');
    return bracket != std::string_view::npos &&
           (part.find("$(", bracket) != std::string_view::npos ||
            part.find('`', bracket) != std::string_view::npos);
  };
  bool runs = runs_something(text);
  for (std::size_t at = 0; at < text.size() && !runs;) {
    const std::size_t length = name_length(text.substr(at));
    if (length != 0) runs = runs_something(variables_.get(text.substr(at, length)).text);
    at += length == 0 ? 1 : length;
  }
  if (runs) problem("a subscript holds a command substitution");
}

const Piece* Evaluator::expand_tilde(const Piece* pieces) {
  if (pieces == nullptr || pieces->kind != PieceKind::Literal || pieces->quoted ||
      pieces->text.empty() || pieces->text[0] != '~') {
    return pieces;
  }
  const bool home = pieces->text.size() == 1 ? pieces->next == nullptr : pieces->text[1] == '/';
  const Value value = home ? variables_.get("HOME") : Value{};
  if (value.knowledge != Value::Knowledge::Known) return pieces;
  Piece* rest = arena_.make<Piece>();
  *rest = *pieces;
  rest->text.remove_prefix(1);
  Piece* first = arena_.make<Piece>();
  first->text = arena_.keep(value.text);
  first->quoted = true;
  first->next = rest;
  return first;
}

}  // namespace prodaccess::shell
