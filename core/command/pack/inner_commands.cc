#include "core/command/pack/inner_commands.h"

#include <algorithm>

#include "core/command/preview_scope.h"

namespace prodaccess::pack {
namespace {

Word word_of(const Value& value, const Words& words) {
  Word word = words[value.word];
  word.text = value.text;
  return word;
}

// A word as redis-cli reads it on a line of its own.
std::string quoted(std::string_view word) {
  constexpr std::string_view kSpecial = " \t\r\n\"'\\";
  if (!word.empty() && word.find_first_of(kSpecial) == std::string_view::npos) {
    return std::string(word);
  }
  std::string text = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

Invocation not_judged(std::string reason) {
  Invocation part;
  part.effect = Effect::Opaque;
  part.opaque_cause = OpaqueCause::Hidden;
  part.reasons.push_back(std::move(reason));
  return part;
}

}  // namespace

void InnerCommands::run(const InnerRecord& record, std::vector<Invocation>& parts) {
  const auto before = static_cast<std::ptrdiff_t>(parts.size());
  find(record, parts);
  if (record.elsewhere) std::for_each(parts.begin() + before, parts.end(), drop_previews);
}

void InnerCommands::find(const InnerRecord& record, std::vector<Invocation>& parts) {
  if (record.when.conjunctions.count != 0) {
    const Truth truth = conditions_.holds(record.when, Purpose::Raise);
    if (truth == Truth::No) return;
    if (truth == Truth::Maybe) parts.push_back(not_judged("what reads it is not on the line"));
  }
  if (record.source.path.length != 0) return inside_json(record, parts);
  if (record.source.type == SourceType::StandardInput) return standard_input(record, parts);
  if (record.form == static_cast<std::uint8_t>(InnerForm::Argv)) return argv(record, parts);
  if (record.joined || record.form == static_cast<std::uint8_t>(InnerForm::Joined)) {
    return joined(record, parts);
  }
  from_values(record, parts);
}

void InnerCommands::from_values(const InnerRecord& record, std::vector<Invocation>& parts) {
  const std::string_view prefix = blob_.text(record.prefix);
  for (Value value : conditions_.values(record.source)) {
    if (value.known && !value.text.starts_with(prefix)) continue;
    value.text.remove_prefix(std::min(prefix.size(), value.text.size()));
    first_word_ = std::min(first_word_, value.word);
    if (record.is_file) {
      content(record, value, parts);
    } else {
      text(record, word_of(value, words_), parts);
    }
  }
}

// The words of a command lie together: after a word, or as the value of -exec.
void InnerCommands::argv(const InnerRecord& record, std::vector<Invocation>& parts) {
  if (record.source.type == SourceType::Option) {
    for (const OptionUse& use : arguments_.options) {
      if (use.id != record.source.option) continue;
      if (use.value_count != 0) {
        argv_between(record, use.value.word, use.value.word + use.value_count, parts);
      } else if (record.rest && use.has_value && use.value.word != use.word) {
        argv_between(record, use.value.word, words_.size(), parts);
      }
    }
    return;
  }
  const auto values = values_until(record);
  if (values.empty()) return;
  argv_between(record, values.front().word, values.back().word + 1, parts);
}

void InnerCommands::argv_between(const InnerRecord& record, std::size_t from, std::size_t to,
                                 std::vector<Invocation>& parts) {
  first_word_ = std::min(first_word_, from);
  Words words;
  for (const std::size_t at : arguments_.assignments) words.push_back(words_[at]);
  for (std::size_t i = from; i < to; ++i) words.push_back(words_[i]);
  if (!replace(record, words) && record.adds_words) {
    Word more;
    more.known = false;
    more.splits = true;
    words.push_back(std::move(more));
  }
  parts.push_back(inner_.command(words));
}

// Whether there was a placeholder in `text`; each is `by` now.
bool InnerCommands::replace(const InnerRecord& record, std::string& text,
                            std::string_view by) const {
  bool any = false;
  for (const Text& one : blob_.texts(record.placeholders)) {
    const std::string_view placeholder = blob_.text(one);
    for (auto at = text.find(placeholder); at != std::string::npos;
         at = text.find(placeholder, at + by.size())) {
      text.replace(at, placeholder.size(), by);
      any = true;
    }
  }
  return any;
}

bool InnerCommands::replace(const InnerRecord& record, Words& words) const {
  bool any = false;
  for (Word& word : words) {
    if (!replace(record, word.text, "")) continue;
    word.known = false;
    any = true;
  }
  return any;
}

std::vector<Value> InnerCommands::values_until(const InnerRecord& record) const {
  std::vector<Value> values = conditions_.values(record.source);
  if (record.until.length == 0) return values;
  const auto end = std::find_if(values.begin(), values.end(), [&](const Value& value) {
    return value.text == blob_.text(record.until);
  });
  values.erase(end, values.end());
  return values;
}

void InnerCommands::joined(const InnerRecord& record, std::vector<Invocation>& parts) {
  const auto values = values_until(record);
  if (values.empty()) return;
  first_word_ = std::min(first_word_, values.front().word);
  Word all;
  for (const Value& value : values) {
    if (!all.text.empty()) all.text += ' ';
    all.text += record.joined ? quoted(value.text) : std::string(value.text);
    all.known = all.known && value.known;
  }
  if (record.joined) return text(record, all, parts);
  const bool complete = replace(record, all.text, "\"$1\"");
  if (record.adds_words && !complete) all.text += " \"$@\"";
  parts.push_back(inner_.shell(all));
}

// What stands at a place within JSON: the lines of a script.
void InnerCommands::inside_json(const InnerRecord& record, std::vector<Invocation>& parts) {
  const auto found = conditions_.texts(record.source);
  if (!found) return parts.push_back(not_judged("the text within an option was not read"));
  std::string all;
  for (const std::string& line : *found) all += line + "\n";
  if (!found->empty()) text(record, Word(all), parts);
}

void InnerCommands::text(const InnerRecord& record, const Word& word,
                         std::vector<Invocation>& parts) {
  if (record.form == static_cast<std::uint8_t>(InnerForm::Shell)) {
    parts.push_back(inner_.shell(word));
    return;
  }
  const auto first = static_cast<std::uint8_t>(InnerForm::FirstLanguage);
  parts.push_back(inner_.code(static_cast<Language>(record.form - first), word));
}

void InnerCommands::content(const InnerRecord& record, const Value& value,
                            std::vector<Invocation>& parts) {
  if (value.text == "-" || value.text == "/dev/stdin") return standard_input(record, parts);
  const auto content = inner_.file(word_of(value, words_));
  if (!content) {
    parts.push_back(not_judged("the file '" + std::string(value.text) + "' was not read"));
    return;
  }
  text(record, Word(*content), parts);
}

void InnerCommands::standard_input(const InnerRecord& record, std::vector<Invocation>& parts) {
  const auto input = inner_.standard_input();
  if (!input) return;  // the verb's own effect stands: what it will read is not on the line
  text(record, Word(*input), parts);
}

}  // namespace prodaccess::pack
