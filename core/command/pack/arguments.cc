#include "core/command/pack/arguments.h"

#include <algorithm>

#include "core/base/text.h"

namespace prodaccess::pack {
namespace {

bool is_false(std::string_view value) {
  const std::string lower = to_lower(value);
  return lower == "false" || lower == "0" || lower == "f" || lower == "no";
}

bool is_true(std::string_view value) {
  const std::string lower = to_lower(value);
  return lower == "true" || lower == "1" || lower == "t" || lower == "yes";
}

bool is_assignment(std::string_view word) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

class Parser {
 public:
  // `verb`: found by an earlier reading; its options are then known from the first word on.
  Parser(const PackBlob& blob, const ToolRecord& tool, const Words& words,
         std::vector<const VerbRecord*> verb)
      : blob_(blob), tool_(tool), words_(words), verb_(std::move(verb)) {
    result_.words = &words;
    result_.path.push_back(&blob.verb(tool.root));
    result_.options.reserve(8);
    result_.operands.reserve(8);
  }

  Arguments run(std::string_view dashed_verb) {
    if (!dashed_verb.empty()) verb_or_operand({dashed_verb, true, false, 0});
    if (words_.size() > 1 && (tool_.style & kBundleFirst) != 0 && words_[1].text.front() != '-') {
      next_ = 2;
      cluster(1, words_[1].text);
    }
    while (next_ < words_.size()) take_word();
    return std::move(result_);
  }

 private:
  bool style(StyleFlag flag) const { return (tool_.style & flag) != 0; }

  const DetailRecord* detail_of(const VerbRecord& verb) const {
    return verb.detail == kNone ? nullptr : &blob_.detail(verb.detail);
  }

  void unknown(std::string why) {
    if (result_.unknown.empty()) result_.unknown = std::move(why);
  }

  // Whether options that the pack does not list change nothing here.
  bool is_open() const {
    const auto& path = verb_.empty() ? result_.path : verb_;
    return std::any_of(path.begin(), path.end(), [this](const VerbRecord* verb) {
      const DetailRecord* detail = detail_of(*verb);
      return detail != nullptr && detail->open_options;
    });
  }

  void take_word() {
    const std::size_t at = next_++;
    const Word& word = words_[at];
    const std::string_view text = word.text;
    if (word.splits && text.empty()) result_.hidden = true;
    if (only_operands_ || style(kNoOptions) || !looks_like_option(text)) {
      verb_or_operand({text, word.known, word.glob, at});
    } else if (text == "--" && word.known) {
      only_operands_ = true;
      result_.dashes = at;
      result_.after_dashes = result_.operands.size();
    } else if (text.starts_with("--") || style(kSingleDashLong) || text.front() == '+' ||
               text.size() == 1) {
      long_option(at, text);
    } else if (style(kClusters)) {
      if (!known_single(at, text)) cluster(at, text.substr(1));
    } else {
      long_option(at, text);
    }
  }

  // A lone `-` and words with `+` only where the pack lists them: `su -`, `sh +x`.
  bool looks_like_option(std::string_view text) const {
    if (text.size() > 1 && text.front() == '-') return true;
    return (text == "-" || text.starts_with('+')) && find_exact(text) != nullptr;
  }

  void verb_or_operand(const Value& value) {
    const VerbRecord& here = result_.verb();
    const DetailRecord* detail = detail_of(here);
    if (!only_operands_ && result_.operands.empty() && here.children.count != 0) {
      if (descend(here, value)) return;
      result_.verb_hidden = result_.verb_hidden || !value.known;
      if (detail != nullptr && !detail->runnable) {
        unknown(value.known ? "'" + std::string(value.text) + "' is no verb that is known"
                            : "the verb is not on the line");
        return;
      }
    }
    if (detail != nullptr && detail->assignments && result_.operands.empty() &&
        is_assignment(value.text)) {
      result_.assignments.push_back(value.word);
      return;
    }
    result_.operands.push_back(value);
    if (detail != nullptr && detail->stop_after != 0 &&
        result_.operands.size() >= detail->stop_after) {
      only_operands_ = true;
    }
  }

  bool descend(const VerbRecord& here, const Value& value) {
    if (!value.known) return false;
    const auto children = blob_.verbs(here.children);
    const auto found = std::lower_bound(children.begin(), children.end(), value.text,
                                        [this](const VerbRecord& verb, std::string_view name) {
                                          return blob_.text(verb.name) < name;
                                        });
    if (found == children.end() || blob_.text(found->name) != value.text) return false;
    result_.path.push_back(&*found);
    const DetailRecord* detail = detail_of(*found);
    only_operands_ = detail != nullptr && detail->no_options;
    return true;
  }

  // The scopes in which an option may be listed, the innermost first.
  template <class Visit>
  void each_scope(Visit visit, bool asking_for_help = false) const {
    const auto& path = verb_.empty() ? result_.path : verb_;
    for (std::size_t i = path.size(); i-- > 0;) {
      const bool before_verb = path.size() == 1 || asking_for_help;
      if (i == 0 && !before_verb && style(kGlobalsFirst)) return;
      const DetailRecord* detail = detail_of(*path[i]);
      const bool by_row = path[i]->options.count != 0;
      if (by_row && visit(blob_.options(path[i]->options))) return;
      if (!by_row && detail != nullptr && visit(blob_.options(detail->options))) return;
    }
  }

  std::span<const OptionRecord>::iterator lower(std::span<const OptionRecord> options,
                                                std::string_view name) const {
    return std::lower_bound(options.begin(), options.end(), name,
                            [this](const OptionRecord& option, std::string_view n) {
                              return blob_.text(option.name) < n;
                            });
  }

  const OptionRecord* find_exact(std::string_view name) const {
    const OptionRecord* found = nullptr;
    each_scope(
        [&](std::span<const OptionRecord> options) {
          const auto at = lower(options, name);
          if (at != options.end() && blob_.text(at->name) == name) found = &*at;
          return found != nullptr;
        },
        name == "--help");
    return found;
  }

  // The options that `name` is the beginning of: the first of them, and whether there are more.
  std::pair<const OptionRecord*, bool> begin_so(std::string_view name) const {
    const OptionRecord* found = nullptr;
    bool several = false;
    each_scope([&](std::span<const OptionRecord> options) {
      for (auto at = lower(options, name);
           at != options.end() && blob_.text(at->name).starts_with(name); ++at) {
        if (found != nullptr && found->id != at->id) several = true;
        if (found == nullptr) found = &*at;
      }
      return several;
    });
    return {found, several};
  }

  const OptionRecord* find_option(std::string_view name) const {
    const OptionRecord* found = find_exact(name);
    if (found == nullptr && style(kAbbreviate) && name.starts_with("--") && name.size() > 2) {
      const auto [first, several] = begin_so(name);
      if (!several) found = first;
    }
    if (found == nullptr && style(kSingleDashLong)) {
      found = find_exact(name.starts_with("--") ? std::string(name.substr(1))
                                                : "-" + std::string(name));
    }
    return found;
  }

  void long_option(std::size_t at, std::string_view text) {
    const Word& word = words_[at];
    const auto equals = text.find('=');
    OptionUse use;
    use.name = text.substr(0, equals);
    use.word = at;
    use.certain = word.known;
    if (!word.known && equals == std::string_view::npos) {
      result_.hidden = true;
      unknown("the option '" + std::string(text) + "' is not all on the line");
      return;
    }
    const OptionRecord* option = find_option(use.name);
    if (option == nullptr && style(kNegation) && use.name.starts_with("--no-")) {
      option = find_option("--" + std::string(use.name.substr(5)));
      if (option != nullptr) {
        use.id = option->id;
        use.option = blob_.text(option->name);
        use.off = true;
        result_.options.push_back(use);
        return;
      }
    }
    if (equals != std::string_view::npos) {
      use.has_value = true;
      use.value = {text.substr(equals + 1), word.known, word.glob, at};
    }
    if (option != nullptr) return add(use, *option);
    if (is_open() && !style(kUnknownTakesValues)) {
      result_.options.push_back(use);
      return;
    }
    const DetailRecord* here = detail_of(result_.verb());
    const bool before_verb = here != nullptr && !here->runnable;
    const bool all_listed = result_.verb().options.count != 0 && !is_open();
    const bool ambiguous = style(kAbbreviate) && begin_so(use.name).second;
    if (!style(kUnknownTakesValues) || !use.name.starts_with("--") || before_verb || all_listed ||
        ambiguous) {
      unknown("'" + std::string(use.name) + "' is no option that is known here");
      return;
    }
    add(use, OptionRecord{{}, 0, Arity::Many});
  }

  // A word like `-name` that is listed as it stands (java, find, -it as one name).
  bool known_single(std::size_t at, std::string_view text) {
    if (text.size() < 3) return false;
    const OptionRecord* option = find_exact(text.substr(0, text.find('=')));
    if (option == nullptr) return false;
    long_option(at, text);
    return true;
  }

  // -abc, -ovalue, -o value, -n=value. `letters` is without the dash.
  void cluster(std::size_t at, std::string_view letters) {
    const Word& word = words_[at];
    for (std::size_t i = 0; i < letters.size() && result_.unknown.empty(); ++i) {
      const char name[] = {'-', letters[i]};
      const OptionRecord* option = find_exact({name, 2});
      OptionUse use;
      use.name = letters.substr(i, 1);
      use.word = at;
      use.certain = word.known;
      if (option == nullptr && is_open()) {
        result_.options.push_back(use);
        return;
      }
      if (option == nullptr) {
        unknown("'-" + std::string(use.name) + "' is no option that is known here");
        return;
      }
      std::string_view rest = letters.substr(i + 1);
      const bool equals = style(kBoolValues) && rest.starts_with('=');
      if (equals) rest.remove_prefix(1);
      const bool bundle = at == 1 && words_[1].text.front() != '-';
      const bool takes = option->arity != Arity::None;
      if ((takes && !rest.empty() && !bundle) || equals) {
        use.has_value = true;
        use.value = {rest, word.known, word.glob, at};
        add(use, *option);
        return;
      }
      if (!word.known && rest.empty() && takes) {  // -o$X
        use.has_value = true;
        use.value = {rest, false, false, at};
        add(use, *option);
        return;
      }
      add(use, *option);
    }
    if (!word.known) {
      result_.hidden = true;
      unknown("the option '-" + std::string(letters) + "' is not all on the line");
    }
  }

  void add(OptionUse use, const OptionRecord& option) {
    use.id = option.id;
    use.option = option.id == 0 ? use.name : blob_.text(option.name);
    use.structured = option.structured;
    switch (option.arity) {
      case Arity::None: take_no_value(use); break;
      case Arity::Last: only_operands_ = true; [[fallthrough]];
      case Arity::Required:
        if (!use.has_value) take_value(use);
        break;
      case Arity::Optional:
        if (!use.has_value && next_ < words_.size()) {
          const Word& word = words_[next_];
          use.next = {word.text, word.known, word.glob, next_};
        }
        break;
      case Arity::Many:
        if (!use.has_value) return take_many(use);
        break;
      case Arity::Semicolon: take_command(use); break;
    }
    result_.options.push_back(use);
  }

  // A value that a flag cannot have may be meant as a word of its own, so it counts as one, too.
  void take_no_value(OptionUse& use) {
    if (!use.has_value) return;
    use.off = use.value.known && is_false(use.value.text);
    if (style(kBoolValues) && (use.off || !use.value.known || is_true(use.value.text))) return;
    unknown("'" + std::string(use.name) + "' takes no such value");
    verb_or_operand(use.value);
  }

  void take_value(OptionUse& use) {
    if (next_ >= words_.size()) {
      unknown("'" + std::string(use.name) + "' lacks its value");
      return;
    }
    const Word& word = words_[next_];
    use.has_value = true;
    use.value = {word.text, word.known, word.glob, next_++};
  }

  // One use for each value, or one without.
  void take_many(OptionUse use) {
    const std::size_t before = next_;
    while (next_ < words_.size() && !(words_[next_].text.starts_with("--"))) {
      if (words_[next_].splits && words_[next_].text.empty()) result_.hidden = true;
      take_value(use);
      result_.options.push_back(use);
    }
    if (next_ == before) result_.options.push_back(use);
  }

  void take_command(OptionUse& use) {
    use.value.word = next_;
    while (next_ < words_.size()) {
      const std::string& text = words_[next_++].text;
      const bool plus = text == "+" && use.value_count > 0 && words_[next_ - 2].text == "{}";
      if (text == ";" || plus) break;
      ++use.value_count;
    }
    use.has_value = true;
  }

  const PackBlob& blob_;
  const ToolRecord& tool_;
  const Words& words_;
  const std::vector<const VerbRecord*> verb_;
  Arguments result_;
  std::size_t next_ = 1;
  bool only_operands_ = false;
};

}  // namespace

Arguments parse_arguments(const PackBlob& blob, const ToolRecord& tool, const Words& words,
                          std::string_view dashed_verb) {
  Arguments arguments = Parser(blob, tool, words, {}).run(dashed_verb);
  const bool again =
      !arguments.unknown.empty() && arguments.path.size() > 1 && (tool.style & kGlobalsFirst) == 0;
  return again ? Parser(blob, tool, words, arguments.path).run(dashed_verb) : arguments;
}

}  // namespace prodaccess::pack
