#include "core/command/pack/preview_maker.h"

#include <algorithm>
#include <charconv>

#include "core/base/text.h"
#include "core/command/pack/word_list.h"

namespace prodaccess::pack {
namespace {

class Template {
 public:
  Template(const PackBlob& blob, const Arguments& arguments)
      : blob_(blob), arguments_(arguments), words_(*arguments.words) {}

  // Absent: a word that the template needs is missing or not wholly known.
  std::optional<std::vector<std::string>> fill(std::string_view written) {
    for (const std::string& word : word_list(written)) {
      const auto open = word.find('{');
      const auto close = word.find('}', open == std::string::npos ? 0 : open);
      if (open == std::string::npos || close == std::string::npos || word == "{plan}") {
        argv_.push_back(word);
        continue;
      }
      const std::string inside = word.substr(open + 1, close - open - 1);
      if (open == 0 && close + 1 == word.size()) {
        if (!whole(inside)) return std::nullopt;
      } else if (inside == "plan") {
        argv_.push_back(word);
      } else {
        const auto value = one_value(inside);
        if (!value) return std::nullopt;
        argv_.push_back(word.substr(0, open) + *value + word.substr(close + 1));
      }
    }
    return std::move(argv_);
  }

  // Absent: there is none, there are several, or it is not wholly on the line.
  std::optional<std::string> one_value(std::string_view name) const {
    const auto values = values_of(name);
    if (!values || values->size() != 1 || !values->front().known || values->front().glob) {
      return std::nullopt;
    }
    return std::string(values->front().text);
  }

  bool uses_any(std::string_view names) const {
    const std::vector<std::string> listed = word_list(names);
    return std::any_of(listed.begin(), listed.end(), [this](const std::string& name) {
      return std::any_of(arguments_.options.begin(), arguments_.options.end(),
                         [&](const OptionUse& use) { return matches(use, name); });
    });
  }

  bool is_given(std::string_view name) const {
    const auto values = values_of(name);
    return values && !values->empty();
  }

 private:
  bool whole(const std::string& name) {
    const std::size_t tail = std::min(arguments_.dashes, words_.size());
    if (name == "program") return copy(0, 1);
    if (name == "command") return copy(0, tail);
    if (name == "rest") return copy(tail, words_.size());
    if (name == "globals") return globals();
    if (name.starts_with('+')) return typed(name.substr(1));
    const auto values = values_of(name);
    if (!values || values->empty()) return false;
    for (const Value& value : *values) {
      if (!usable(value)) return false;
      argv_.emplace_back(value.text);
    }
    return true;
  }

  static bool usable(const Value& value) {
    return value.known && !value.glob && !value.text.starts_with('-');
  }

  bool copy(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      if (!words_[i].known || words_[i].glob) return false;
      argv_.push_back(words_[i].text);
    }
    return true;
  }

  // An option's word and the words that hold its values.
  bool copy_use(const OptionUse& use) {
    const bool separate = use.has_value && use.value.word != use.word;
    return copy(use.word, use.word + 1) && (!separate || copy(use.value.word, use.value.word + 1));
  }

  bool is_named(const OptionUse& use, const VerbRecord& verb, std::string_view name) const {
    if (verb.detail == kNone) return false;
    for (const OptionRecord& option : blob_.options(blob_.detail(verb.detail).options)) {
      if (option.id == use.id && (name.empty() || blob_.text(option.name) == name)) return true;
    }
    return false;
  }

  bool globals() {
    std::size_t last = 0;  // a cluster holds several uses in one word
    for (const OptionUse& use : arguments_.options) {
      if (use.word == last || !is_named(use, *arguments_.path.front(), "")) continue;
      last = use.word;
      if (!copy_use(use)) return false;
    }
    return true;
  }

  bool typed(const std::string& name) {
    for (const OptionUse& use : arguments_.options) {
      if (matches(use, name) && !copy_use(use)) return false;
    }
    return true;
  }

  bool matches(const OptionUse& use, std::string_view name) const {
    if (use.id == 0 || use.option == name) return use.option == name;
    for (const VerbRecord* verb : arguments_.path) {
      if (is_named(use, *verb, name)) return true;
    }
    return false;
  }

  std::optional<std::vector<Value>> values_of(std::string_view name) const {
    std::vector<Value> values;
    if (name.starts_with('-')) {
      for (const OptionUse& use : arguments_.options) {
        if (use.has_value && matches(use, name)) values.push_back(use.value);
      }
      return values;
    }
    if (!name.starts_with('$')) return std::nullopt;
    const bool all = name.ends_with("..");
    const std::string_view digits = name.substr(1, name.size() - (all ? 3 : 1));
    int number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const auto& operands = arguments_.operands;
    const std::size_t first = number > 0 ? static_cast<std::size_t>(number) - 1
                                         : operands.size() - static_cast<std::size_t>(-number);
    for (std::size_t i = first; i < operands.size(); ++i) {
      values.push_back(operands[i]);
      if (!all) break;
    }
    return values;
  }

  const PackBlob& blob_;
  const Arguments& arguments_;
  const Words& words_;
  std::vector<std::string> argv_;
};

bool fill_argv(const PackBlob& blob, const PreviewRecord& record, const Arguments& arguments,
               Preview& preview) {
  auto argv = Template(blob, arguments).fill(blob.text(record.argv));
  if (argv) preview.argv = std::move(*argv);
  return argv.has_value();
}

// The variables that added words to this line.
std::vector<std::string> folded_variables(const PackBlob& blob, const Arguments& arguments) {
  std::vector<std::string> names;
  for (const VerbRecord* verb : arguments.path) {
    if (verb->detail == kNone) continue;
    for (const Text& text : blob.texts(blob.detail(verb->detail).environment)) {
      const std::string_view name = blob.text(text);
      const std::size_t open = name.find('{');
      names.push_back(std::string(name.substr(0, open)) +
                      (open == std::string_view::npos ? "" : "*"));
    }
  }
  return names;
}

// A plan that the line names is not made anew.
bool fill_plan(const PackBlob& blob, const PreviewRecord& record, const Arguments& arguments,
               Preview& preview) {
  const Template line(blob, arguments);
  if (const auto saved = blob.text(record.saved); !saved.empty() && line.is_given(saved)) {
    const auto plan = line.one_value(saved);
    const auto folder = blob.text(record.folder);
    const auto base = line.is_given(folder) ? line.one_value(folder) : std::string();
    if (!plan || !base) return false;
    preview.saved_plan = base->empty() || plan->starts_with('/') ? *plan : *base + "/" + *plan;
  } else if (!fill_argv(blob, record, arguments, preview)) {
    return false;
  }
  auto show = Template(blob, arguments).fill(blob.text(record.show));
  auto apply = Template(blob, arguments).fill(blob.text(record.apply));
  if (!show || !apply) return false;
  preview.show_argv = std::move(*show);
  preview.apply_argv = std::move(*apply);
  preview.folded = folded_variables(blob, arguments);
  return true;
}

}  // namespace

Preview make_preview(const PackBlob& blob, const PreviewRecord& record,
                     const Arguments& arguments) {
  Preview preview;
  const auto kind = static_cast<PreviewKind>(record.kind);
  if (kind == PreviewKind::None || arguments.hidden || !arguments.unknown.empty()) return preview;
  if (Template(blob, arguments).uses_any(blob.text(record.unless))) return preview;
  const bool filled = kind == PreviewKind::Plan ? fill_plan(blob, record, arguments, preview)
                                                : fill_argv(blob, record, arguments, preview);
  if (!filled) return Preview{};
  preview.kind = kind;
  preview.wide_tier = record.wide;
  preview.output_is_digest = record.digest;
  preview.success_text = blob.text(record.success);
  preview.denied_text = blob.text(record.denied);
  return preview;
}

}  // namespace prodaccess::pack
