#include "core/command/pack/condition.h"

#include <algorithm>
#include <charconv>

#include "core/base/text.h"
#include "core/command/pack/json_body.h"
#include "core/command/pack/resource.h"

namespace prodaccess::pack {
namespace {

Truth from(bool value) { return value ? Truth::Yes : Truth::No; }

Truth opposite(Truth truth) {
  if (truth == Truth::Maybe) return truth;
  return from(truth == Truth::No);
}

// 0, 00, 0.0, -0, 0%, 0s
bool is_zero(std::string_view text) {
  const bool only = text.find_first_not_of("+-0.%smhd") == std::string_view::npos;
  return only && text.find('0') != std::string_view::npos;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  const std::string lower = to_lower(text);
  return std::find(words.begin(), words.end(), lower) != words.end();
}

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return number;
}

// Whether one of `globs`, parted by `|`, is that of the member: of its whole path where the glob
// has a dot, else of its own name.
bool is_named(const Member& member, std::string_view globs) {
  while (!globs.empty()) {
    const std::string_view glob = globs.substr(0, globs.find('|'));
    globs.remove_prefix(std::min(globs.size(), glob.size() + 1));
    std::string_view name = member.path;
    if (glob.find('.') == std::string_view::npos) name.remove_prefix(member.name);
    if (glob_match(glob, name)) return true;
  }
  return false;
}

bool is_glob(std::string_view text) { return text.find_first_of("*?\\") != std::string_view::npos; }

}  // namespace

template <class TermTruth>
Truth Conditions::any_of_all(const ConditionRecord& condition, TermTruth truth) const {
  Truth any = Truth::No;
  for (const Range& range : blob_.ranges(condition.conjunctions)) {
    Truth all = Truth::Yes;
    for (const TermRecord& one : blob_.terms(range)) {
      all = std::min(all, truth(one));
      if (all == Truth::No) break;
    }
    any = std::max(any, all);
    if (any == Truth::Yes) break;
  }
  return any;
}

Truth Conditions::holds(const ConditionRecord& condition, Purpose purpose) const {
  return any_of_all(condition, [&](const TermRecord& one) { return term(one, purpose); });
}

bool Conditions::holds_surely(const ConditionRecord& condition) const {
  const Truth truth = any_of_all(condition, [this](const TermRecord& one) {
    const Truth raises = term(one, Purpose::Raise);
    return one.negated && raises == Truth::Maybe ? Truth::Yes : raises;
  });
  return truth == Truth::Yes;
}

// An unknown word that was not quoted may be no word at all.
bool Conditions::may_vanish(const Value& value) const {
  const Word& word = (*arguments_.words)[value.word];
  return word.splits && word.text.empty();
}

Truth Conditions::term(const TermRecord& term, Purpose purpose) const {
  if (term.negated) {
    purpose = purpose == Purpose::Raise ? Purpose::Lower : Purpose::Raise;
  }
  Truth truth = Truth::No;
  switch (term.source.type) {
    case SourceType::Option: truth = option_term(term, purpose); break;
    case SourceType::Kind: truth = kind_term(term); break;
    case SourceType::Verb: truth = verb_term(term); break;
    case SourceType::Member: truth = member_term(term); break;
    case SourceType::Environment: truth = environment_term(term); break;
    case SourceType::StandardInput: truth = from(inner_.standard_input().has_value()); break;
    case SourceType::Literal: break;
    default: truth = operand_term(term, purpose);
  }
  return term.negated ? opposite(truth) : truth;
}

Truth Conditions::option_term(const TermRecord& term, Purpose purpose) const {
  const auto& uses = arguments_.options;
  const auto truth_of = [&](const OptionUse& use) {
    if (use.off) return Truth::No;
    if (term.comparison == Comparison::Present)
      return use.certain || use.has_value ? Truth::Yes : Truth::Maybe;
    const Truth truth = compare(term, use.value, purpose);
    const bool ambiguous = purpose == Purpose::Raise && !use.has_value && use.next.word != 0;
    return ambiguous ? std::max(truth, compare(term, use.next, purpose)) : truth;
  };
  const Truth unseen = arguments_.hidden ? Truth::Maybe : Truth::No;
  if (purpose == Purpose::Raise) {
    Truth any = unseen;
    for (const OptionUse& use : uses) {
      if (use.id == term.source.option) any = std::max(any, truth_of(use));
    }
    return any;
  }
  for (auto use = uses.rbegin(); use != uses.rend(); ++use) {
    if (use->id != term.source.option) continue;
    const Truth last = truth_of(*use);
    if (last == Truth::Yes && (!use->certain || arguments_.hidden)) return Truth::Maybe;
    return last;
  }
  return unseen;
}

Truth Conditions::operand_term(const TermRecord& term, Purpose purpose) const {
  bool maybe = arguments_.hidden;
  if (term.source.type == SourceType::Key) {
    maybe = maybe ||
            std::any_of(arguments_.operands.begin(), arguments_.operands.end(),
                        [](const Value& operand) {
                          return !operand.known && operand.text.find('=') == std::string_view::npos;
                        });
  }
  Truth any = maybe ? Truth::Maybe : Truth::No;
  for (const Value& value : values(term.source)) {
    const bool absent = purpose == Purpose::Lower && may_vanish(value);
    const Truth present = absent ? Truth::Maybe : Truth::Yes;
    any = std::max(
        any, term.comparison == Comparison::Present ? present : compare(term, value, purpose));
    const auto equals = value.text.find('=');
    if (purpose == Purpose::Raise && equals != std::string_view::npos &&
        value.text.starts_with("--")) {
      Value name = value;  // --stop=X where the rule says --stop
      name.text = value.text.substr(0, equals);
      any = std::max(any, compare(term, name, purpose));
    }
  }
  return any;
}

Truth Conditions::verb_term(const TermRecord& term) const {
  const std::string_view path = blob_.text(arguments_.verb().path);
  return path.empty() ? Truth::No : compare_text(term, path);
}

Truth Conditions::kind_term(const TermRecord& term) const {
  Truth any = arguments_.hidden ? Truth::Maybe : Truth::No;
  for (const Resource& resource : resources_of(blob_, tool_, arguments_.operands)) {
    any = std::max(any, resource.known ? compare_text(term, resource.kind) : Truth::Maybe);
  }
  return any;
}

Truth Conditions::member_term(const TermRecord& term) const {
  if (!members_) members_ = members_of(arguments_, inner_);
  Truth any = arguments_.hidden || members_->unread ? Truth::Maybe : Truth::No;
  const std::string_view globs = blob_.text(term.source.text);
  for (const Member& member : members_->all) {
    const Truth truth = member.known ? compare_text(term, member.text) : Truth::Maybe;
    if (truth > any && is_named(member, globs)) any = truth;
  }
  return any;
}

Truth Conditions::environment_term(const TermRecord& term) const {
  const auto value = inner_.variable(blob_.text(term.source.text));
  if (!value) return Truth::No;
  return term.comparison == Comparison::Present ? Truth::Yes : compare_text(term, *value);
}

Truth Conditions::compare(const TermRecord& term, const Value& value, Purpose purpose) const {
  if (term.comparison == Comparison::Contains) return contains(term, value);
  if (term.source.path.length != 0) return compare_path(term, value);
  if (value.known) return compare_text(term, value.text);
  // What stands before the unknown part may already decide: s3://$BUCKET against s3://*.
  const bool begins_so = purpose == Purpose::Raise && !value.text.empty() &&
                         term.comparison == Comparison::Matches &&
                         compare_text(term, value.text) == Truth::Yes;
  return begins_so ? Truth::Yes : Truth::Maybe;
}

Truth Conditions::compare_text(const TermRecord& term, std::string_view text) const {
  switch (term.comparison) {
    case Comparison::Present: return Truth::Yes;
    case Comparison::Zero: return from(is_zero(text));
    case Comparison::False:
      return from(is_one_of(text, {"false", "no", "off", "0", "f", "disabled", "none"}));
    case Comparison::True: return from(is_one_of(text, {"true", "yes", "on", "1", "t", "enabled"}));
    case Comparison::Less:
    case Comparison::More: {
      const auto number = to_number(text);
      if (!number) return Truth::Maybe;
      return from(term.comparison == Comparison::Less ? *number < term.number
                                                      : *number > term.number);
    }
    case Comparison::Contains:
    case Comparison::Matches: break;
  }
  for (const Text& choice : blob_.texts(term.values)) {
    const std::string_view glob = blob_.text(choice);
    if (is_glob(glob) ? glob_match(glob, text) : glob == text) return Truth::Yes;
  }
  return Truth::No;
}

Word Conditions::word_of(const Value& value) const {
  Word word{std::string(value.text)};
  word.known = value.known;
  return word;
}

std::optional<std::vector<std::string>> Conditions::inside(const Value& value,
                                                           std::string_view path) const {
  if (!value.known) return std::nullopt;
  for (const std::string_view scheme : {"file://", "fileb://"}) {
    if (!value.text.starts_with(scheme)) continue;
    const auto content = inner_.file(Word{std::string(value.text.substr(scheme.size()))});
    return content ? json_values(*content, path) : std::nullopt;
  }
  return json_values(value.text, path);
}

Truth Conditions::compare_path(const TermRecord& term, const Value& value) const {
  const auto found = inside(value, blob_.text(term.source.path));
  if (!found) return Truth::Maybe;
  Truth any = Truth::No;
  for (const std::string& text : *found) any = std::max(any, compare_text(term, text));
  return any;
}

Truth Conditions::contains(const TermRecord& term, const Value& value) const {
  if (!value.known) return Truth::Maybe;
  std::string body(value.text);
  const auto content = value.text == "-" ? inner_.standard_input() : inner_.file(word_of(value));
  if (content) {
    body = *content;
  } else if (term.source.type != SourceType::Option || value.text.find('\n') == std::string::npos) {
    return Truth::Maybe;
  }
  for (const Text& choice : blob_.texts(term.values)) {
    if (body.find(blob_.text(choice)) != std::string::npos) return Truth::Yes;
  }
  return Truth::No;
}

bool Conditions::is_given(std::uint32_t option) const {
  return std::any_of(arguments_.options.begin(), arguments_.options.end(),
                     [&](const OptionUse& use) { return use.id == option && !use.off; });
}

std::vector<Value> Conditions::values(const SourceRecord& source) const {
  std::vector<Value> found;
  const auto& operands = arguments_.operands;
  const auto size = static_cast<std::ptrdiff_t>(operands.size());
  std::ptrdiff_t first = source.number > 0 ? source.number - 1 : size + source.number;
  std::ptrdiff_t last = first + 1;
  switch (source.type) {
    case SourceType::Option:
      for (const OptionUse& use : arguments_.options) {
        if (use.id == source.option && use.has_value && !use.off) found.push_back(use.value);
      }
      return found;
    case SourceType::Key: {
      const std::string_view key = blob_.text(source.text);
      for (const Value& operand : operands) {
        if (!operand.text.starts_with(key) || operand.text.substr(key.size(), 1) != "=") continue;
        Value value = operand;
        value.text.remove_prefix(key.size() + 1);
        found.push_back(value);
      }
      return found;
    }
    case SourceType::Operand: break;
    case SourceType::OperandsFrom:
      if (source.option != 0 && is_given(source.option)) --first;
      last = size;
      break;
    case SourceType::AfterDashes:
      if (arguments_.after_dashes == std::string::npos) return found;
      first = static_cast<std::ptrdiff_t>(arguments_.after_dashes);
      last = size;
      break;
    default: return found;
  }
  for (std::ptrdiff_t i = first; i >= 0 && i < last && i < size; ++i) {
    found.push_back(operands[static_cast<std::size_t>(i)]);
  }
  return found;
}

std::optional<std::vector<std::string>> Conditions::texts(const SourceRecord& source) const {
  std::vector<std::string> found;
  if (source.type == SourceType::Literal) return std::vector{std::string(blob_.text(source.text))};
  if (source.type == SourceType::Environment) {
    if (auto value = inner_.variable(blob_.text(source.text))) found.push_back(std::move(*value));
    return found;
  }
  for (const Value& value : values(source)) {
    if (!value.known) return std::nullopt;
    if (source.path.length == 0) {
      found.emplace_back(value.text);
      continue;
    }
    const auto texts_inside = inside(value, blob_.text(source.path));
    if (!texts_inside) return std::nullopt;
    found.insert(found.end(), texts_inside->begin(), texts_inside->end());
  }
  return found;
}

}  // namespace prodaccess::pack
