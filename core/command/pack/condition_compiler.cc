#include "core/command/pack/condition_compiler.h"

#include <charconv>
#include <stdexcept>

#include "core/base/text.h"
#include "core/command/pack/word_list.h"

namespace prodaccess::pack {
namespace {

std::int64_t number_of(std::string_view text, std::string_view where) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
    throw std::invalid_argument("'" + std::string(where) + "': not a number");
  }
  return number;
}

// $1, $-1, $2.., $--
SourceRecord operand_source(const std::string& written) {
  SourceRecord source;
  std::string_view number = std::string_view(written).substr(1);
  if (number == "--") {
    source.type = SourceType::AfterDashes;
    return source;
  }
  source.type = SourceType::Operand;
  if (number.ends_with("..")) {
    source.type = SourceType::OperandsFrom;
    number.remove_suffix(2);
  }
  const std::int64_t value = number_of(number, written);
  if (value == 0 || value < -9 || value > 99) {
    throw std::invalid_argument("'" + written + "': operands count from 1, or -1 from the end");
  }
  source.number = static_cast<std::int16_t>(value);
  return source;
}

}  // namespace

std::uint32_t ConditionCompiler::option(const std::string& name) {
  const auto id = find_option_(name);
  if (!id) throw std::invalid_argument("no option named '" + name + "'");
  return *id;
}

SourceRecord ConditionCompiler::source(const std::string& written) {
  if (written.empty()) throw std::invalid_argument("an empty source");
  const auto hash = written.find('#', 1);
  const std::string head = written.substr(0, hash);
  SourceRecord source;
  if (head.front() == '$') {
    // $2../-e: from the first where -e was given, which stands for that operand.
    const auto slash = head.find('/');
    source = operand_source(head.substr(0, slash));
    if (slash != std::string::npos) source.option = option(head.substr(slash + 1));
  } else if ((head.front() == '-' || head.front() == '+') && head.size() > 1) {
    source.type = SourceType::Option;
    source.option = option(head);
  } else if (head.front() == '@') {
    source.type = SourceType::Key;
    source.text = builder_.text(head.substr(1));
  } else if (head == "%kind") {
    source.type = SourceType::Kind;
  } else if (head == "%verb") {
    source.type = SourceType::Verb;
  } else if (head.starts_with("env:")) {
    source.type = SourceType::Environment;
    source.text = builder_.text(head.substr(4));
  } else if (head.starts_with("member:")) {
    source.type = SourceType::Member;
    source.text = builder_.text(head.substr(7));
  } else if (head == "stdin") {
    source.type = SourceType::StandardInput;
  } else {
    source.text = builder_.text(head.front() == '\'' ? head.substr(1) : head);
  }
  if (hash != std::string::npos) source.path = builder_.text(written.substr(hash + 1));
  return source;
}

void ConditionCompiler::compare(TermRecord& term, char sign, const std::string& value) {
  switch (sign) {
    case '<':
    case '>':
      term.comparison = sign == '<' ? Comparison::Less : Comparison::More;
      term.number = number_of(value, value);
      return;
    case '~': term.comparison = Comparison::Contains; break;
    default:
      if (value == "@zero") term.comparison = Comparison::Zero;
      if (value == "@false") term.comparison = Comparison::False;
      if (value == "@true") term.comparison = Comparison::True;
      if (term.comparison != Comparison::Present) return;
      term.comparison = Comparison::Matches;
  }
  std::vector<Text> texts;
  for (const std::string& choice : split(value, '|')) texts.push_back(builder_.text(choice));
  term.values = builder_.append(builder_.texts, texts);
}

TermRecord ConditionCompiler::term(std::string written) {
  TermRecord term;
  if (written.front() == '!') {
    term.negated = true;
    written.erase(0, 1);
  }
  const auto sign = written.find_first_of("=<>~", 1);
  term.source = source(written.substr(0, sign));
  if (term.source.type == SourceType::Literal) {
    throw std::invalid_argument("'" + written + "' is neither option nor operand");
  }
  if (sign != std::string::npos) compare(term, written[sign], written.substr(sign + 1));
  return term;
}

ConditionRecord ConditionCompiler::condition(const std::vector<std::string>& written) {
  std::vector<Range> conjunctions;
  for (const std::string& line : written) {
    std::vector<TermRecord> terms;
    for (std::string& word : word_list(line)) {
      if (word != "always") terms.push_back(term(std::move(word)));
    }
    conjunctions.push_back(builder_.append(builder_.terms, terms));
  }
  return {builder_.append(builder_.ranges, conjunctions)};
}

}  // namespace prodaccess::pack
