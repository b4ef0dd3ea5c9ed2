#include "core/command/pack/matcher.h"

#include <algorithm>
#include <charconv>

#include "core/base/text.h"
#include "core/command/language/http.h"
#include "core/command/pack/alias_file.h"
#include "core/command/pack/arguments.h"
#include "core/command/pack/condition.h"
#include "core/command/pack/environment_options.h"
#include "core/command/pack/inner_commands.h"
#include "core/command/pack/preview_maker.h"
#include "core/command/pack/target_maker.h"
#include "core/command/path_effect.h"

namespace prodaccess::pack {
namespace {

// "/etc/passwd" of "host:/etc/passwd".
std::string_view without_host(std::string_view path) {
  const std::size_t colon = path.find(':');
  return colon < path.find('/') ? path.substr(colon + 1) : path;
}

class Matcher {
 public:
  Matcher(const PackBlob& blob, const ToolRecord& tool, const Words& words, Arguments arguments,
          Inner& inner)
      : blob_(blob),
        tool_(tool),
        words_(words),
        arguments_(std::move(arguments)),
        inner_(inner),
        conditions_(blob, tool, arguments_, inner) {}

  Invocation run() {
    describe();
    if (quiet(&DetailRecord::help, "asks for help")) return std::move(result_);
    add_attributes();
    const bool dry = quiet(&DetailRecord::dry_run, "a dry run that this command really has");
    if (!dry) {
      judge();
      if (run_inner()) return std::move(result_);
    }
    result_.targets = make_targets(blob_, tool_, arguments_, conditions_);
    if (wants_preview()) add_preview(result_);
    for (Invocation& part : result_.parts) complete(part);
    return std::move(result_);
  }

 private:
  template <class Visit>
  void each_detail(Visit visit) const {
    for (const VerbRecord* verb : arguments_.path) {
      if (verb->detail != kNone) visit(blob_.detail(verb->detail), verb == arguments_.path.back());
    }
  }

  void describe() {
    const VerbRecord& verb = arguments_.verb();
    result_.argv.reserve(words_.size());
    for (const Word& word : words_) result_.argv.push_back(word.text);
    result_.tool = blob_.text(tool_.name);
    result_.action = blob_.text(verb.path);
    result_.effect = verb.effect;
    if (verb.kind != kNone) result_.kind = blob_.text_at(verb.kind);
  }

  // Whether the tool will do nothing but print: its help, or what it would do.
  bool quiet(Range DetailRecord::*conditions, const char* reason) {
    if (!arguments_.unknown.empty()) return false;
    bool holds = false;
    each_detail([&](const DetailRecord& detail, bool) {
      for (const ConditionRecord& condition : blob_.conditions(detail.*conditions)) {
        holds = holds || conditions_.holds(condition, Purpose::Lower) == Truth::Yes;
      }
    });
    if (!holds) return false;
    result_.effect = Effect::Read;
    result_.reasons.emplace_back(reason);
    return true;
  }

  void worsen(Effect effect, OpaqueCause cause, std::string reason) {
    if (effect == Effect::Opaque) result_.opaque_cause = std::max(result_.opaque_cause, cause);
    result_.effect = worse(result_.effect, effect);
    raised_ = worse(raised_, effect);
    result_.reasons.push_back(std::move(reason));
  }

  void judge() {
    const VerbRecord& verb = arguments_.verb();
    const DetailRecord* own = verb.detail == kNone ? nullptr : &blob_.detail(verb.detail);
    std::string reason(own != nullptr ? blob_.text(own->why) : "");
    if (reason.empty()) {
      reason = result_.tool + (result_.action.empty() ? "" : " " + result_.action) + ": " +
               std::string(effect_name(verb.effect));
    }
    if (own != nullptr) lower(*own, verb.effect, reason);
    if (result_.effect == Effect::Opaque) result_.opaque_cause = OpaqueCause::Program;
    if (own == nullptr || own->runnable) result_.reasons.push_back(std::move(reason));
    each_detail([&](const DetailRecord& detail, bool deepest) {
      for (const RuleRecord& rule : blob_.rules(detail.rules)) {
        raise(rule, deepest ? verb.effect : Effect::Read);
      }
    });
    each_detail([&](const DetailRecord& detail, bool) {
      for (const SourceRecord& source : blob_.sources(detail.reads)) {
        judge_files(source, reading_from, Effect::Read);
      }
      if (result_.effect == Effect::Read) return;
      for (const SourceRecord& source : blob_.sources(detail.writes)) {
        judge_files(source, writing_to, Effect::Write);
      }
    });
    each_detail([&](const DetailRecord& detail, bool) { judge_request(detail); });
    judge_hidden_verb();
    if (!arguments_.unknown.empty()) {
      worsen(Effect::Opaque, OpaqueCause::Unknown, arguments_.unknown);
    }
  }

  // Files that hold secrets, or decide who may do what, as far as their names tell.
  void judge_files(const SourceRecord& source, PathFinding (*of_path)(std::string_view),
                   Effect usual) {
    for (const Value& value : conditions_.values(source)) {
      const PathFinding finding = of_path(without_host(value.text));
      if (finding.effect <= usual) continue;
      worsen(finding.effect, OpaqueCause::Program,
             std::string(value.text) + " " + std::string(finding.why));
    }
  }

  // What an address and a body say beyond the method, which the pack's rules judge.
  void judge_request(const DetailRecord& detail) {
    const auto first = [&](Range sources) {
      for (const SourceRecord& source : blob_.sources(sources)) {
        const auto values = conditions_.values(source);
        if (!values.empty()) return std::optional(values.back().text);
      }
      return std::optional<std::string_view>();
    };
    if (detail.http_url.count == 0) return;
    HttpCall request;
    request.body = first(detail.http_body);
    request.has_body = request.body.has_value() && result_.effect > Effect::Read;
    request.method = first(detail.http_method).value_or("");
    for (const SourceRecord& source : blob_.sources(detail.http_url)) {
      for (const Value& url : conditions_.values(source)) {
        request.url = url.text;
        HttpFinding finding = classify_http(request);
        if (finding.effect <= result_.effect) continue;
        worsen(finding.effect, OpaqueCause::Program, std::move(finding.reason));
      }
    }
  }

  // A verb's own rules may make it milder, where they hold for certain.
  void lower(const DetailRecord& detail, Effect base, std::string& reason) {
    for (const RuleRecord& rule : blob_.rules(detail.rules)) {
      if (!rule.has_effect || rule.effect >= base) continue;
      if (conditions_.holds(rule.when, Purpose::Lower) != Truth::Yes) continue;
      result_.effect = rule.effect;
      if (rule.kind.length != 0) result_.kind = blob_.text(rule.kind);
      if (rule.why.length != 0) reason = blob_.text(rule.why);
      apply_attributes(rule);
      return;
    }
  }

  void raise(const RuleRecord& rule, Effect base) {
    if (rule.has_effect && rule.effect < base) return;
    const Truth truth =
        rule.sure ? surely(rule.when) : conditions_.holds(rule.when, Purpose::Raise);
    if (truth == Truth::No) return;
    if (!rule.has_effect) return apply_attributes(rule);
    std::string why(blob_.text(rule.why));
    if (truth == Truth::Maybe) {
      if (rule.effect <= result_.effect || result_.opaque_cause == OpaqueCause::Hidden) return;
      const std::string what = why.empty() ? std::string(effect_name(rule.effect)) : why;
      worsen(std::min(rule.effect, Effect::Opaque), OpaqueCause::Hidden,
             "a word that is not on the line may make it worse: " + what);
      return;
    }
    if (why.empty()) why = "its arguments make it " + std::string(effect_name(rule.effect));
    if (rule.effect > result_.effect && rule.kind.length != 0) result_.kind = blob_.text(rule.kind);
    worsen(rule.effect, OpaqueCause::Program, std::move(why));
    apply_attributes(rule);
  }

  Truth surely(const ConditionRecord& condition) const {
    return conditions_.holds_surely(condition) ? Truth::Yes : Truth::No;
  }

  // The worst that a verb beneath `verb` may be.
  Effect worst_beneath(const VerbRecord& verb) const {
    Effect worst = Effect::Read;
    for (const VerbRecord& child : blob_.verbs(verb.children)) {
      worst = worse(worse(worst, child.effect), worst_beneath(child));
      if (child.detail == kNone) continue;
      for (const RuleRecord& rule : blob_.rules(blob_.detail(child.detail).rules)) {
        if (rule.has_effect) worst = worse(worst, rule.effect);
      }
    }
    return worst;
  }

  void judge_hidden_verb() {
    if (!arguments_.verb_hidden || worst_beneath(arguments_.verb()) <= result_.effect) return;
    worsen(Effect::Opaque, OpaqueCause::Hidden, "a word that is not on the line may be its verb");
  }

  void apply_attributes(const RuleRecord& rule) {
    if (rule.reversible != Flag::Unset) result_.reversible = rule.reversible == Flag::Yes;
    if (rule.interactive != Flag::Unset) result_.interactive = rule.interactive == Flag::Yes;
    if (!rule.has_effect && rule.kind.length != 0) result_.kind = blob_.text(rule.kind);
  }

  void add_attributes() {
    each_detail([&](const DetailRecord& detail, bool deepest) {
      if (deepest || detail.reversible != Flag::Unset) set_reversible(detail.reversible);
      result_.runs_project_code = result_.runs_project_code || detail.runs_project_code;
      if (detail.usually_takes != 0) result_.usually_takes = detail.usually_takes;
      result_.interactive = result_.interactive || (deepest && detail.interactive);
      for (const SourceRecord& source : blob_.sources(detail.secrets)) {
        for (const Value& value : conditions_.values(source)) {
          result_.secret_words.push_back(value.word);
        }
      }
      for (const SourceRecord& source : blob_.sources(detail.count)) add_count(source);
      for (const SourceRecord& source : blob_.sources(detail.scale)) add_scale(source);
    });
  }

  void set_reversible(Flag flag) {
    if (flag != Flag::Unset) result_.reversible = flag == Flag::Yes;
  }

  // How many values there are; unknown where one may stand for several.
  void add_count(const SourceRecord& source) {
    const auto values = conditions_.values(source);
    const bool certain =
        !arguments_.hidden && std::all_of(values.begin(), values.end(), [this](const Value& value) {
          return !value.glob && !words_[value.word].splits;
        });
    if (certain && !values.empty()) result_.count = static_cast<std::int64_t>(values.size());
  }

  void add_scale(const SourceRecord& source) {
    for (const Value& value : conditions_.values(source)) {
      std::int64_t number = 0;
      const char* end = value.text.data() + value.text.size();
      const auto result = std::from_chars(value.text.data(), end, number);
      if (value.known && result.ec == std::errc{} && result.ptr == end) result_.scale = number;
    }
  }

  // True: the command was a wrapper, and the result is now that of what it wraps.
  bool run_inner() {
    bool wrapper = false;
    each_detail([&](const DetailRecord& detail, bool deepest) {
      wrapper = wrapper || (deepest && detail.wrapper);
    });
    InnerCommands commands(blob_, words_, arguments_, conditions_, inner_);
    std::vector<Invocation> parts;
    each_detail([&](const DetailRecord& detail, bool) {
      for (const InnerRecord& record : blob_.inners(detail.inners)) commands.run(record, parts);
    });
    if (parts.empty()) return false;
    if (wrapper && parts.size() == 1) {
      become(std::move(parts.front()), commands.first_word());
      return true;
    }
    // What was opaque for want of the inner text is now judged by it.
    if (result_.effect == Effect::Opaque && raised_ < Effect::Opaque) {
      result_.effect = raised_;
      result_.opaque_cause = OpaqueCause::NotOpaque;
      result_.interactive = false;
      result_.reasons.clear();
    }
    result_.parts = std::move(parts);
    return false;
  }

  // What is previewed is run as the command would be: as that user, in that environment.
  void wrap_preview(Preview& preview, std::size_t first_word) const {
    if (preview.kind == PreviewKind::None) return;
    std::vector<std::string> wrapper;
    for (std::size_t i = 0; i < std::min(first_word, words_.size()); ++i) {
      if (!words_[i].known || words_[i].glob) {
        preview = Preview{};
        return;
      }
      wrapper.push_back(words_[i].text);
    }
    for (std::vector<std::string>* argv :
         {&preview.argv, &preview.show_argv, &preview.apply_argv}) {
      if (!argv->empty()) argv->insert(argv->begin(), wrapper.begin(), wrapper.end());
    }
  }

  void become(Invocation part, std::size_t first_word) {
    std::string text;
    for (std::size_t i = 0; i < std::min(first_word, words_.size()); ++i) {
      text += (i == 0 ? "" : " ") + shell_quote(words_[i].text);
    }
    part.wrappers.insert(part.wrappers.begin(), std::move(text));
    wrap_preview(part.preview, first_word);
    if (raised_ > part.effect) {
      part.effect = raised_;
      part.opaque_cause = result_.opaque_cause;
      part.reasons.insert(part.reasons.end(), result_.reasons.begin(), result_.reasons.end());
    }
    result_ = std::move(part);
  }

  // What destroys, and what is opaque until its plan has been read.
  bool wants_preview() const {
    if (result_.effect == Effect::Destructive) return true;
    const PreviewRecord* record = preview_record();
    return result_.effect == Effect::Opaque && record != nullptr &&
           static_cast<PreviewKind>(record->kind) == PreviewKind::Plan;
  }

  const PreviewRecord* preview_record() const {
    for (auto verb = arguments_.path.rbegin(); verb != arguments_.path.rend(); ++verb) {
      if ((*verb)->detail == kNone) continue;
      const std::uint32_t index = blob_.detail((*verb)->detail).preview;
      if (index != kNone) return &blob_.preview(index);
    }
    return nullptr;
  }

  // A text in a query language acts on what its client was pointed at.
  void complete(Invocation& part) const {
    if (!part.tool.empty() || !part.argv.empty()) return;
    if (part.targets.empty()) part.targets = result_.targets;
    if (part.effect == Effect::Destructive && part.preview.kind == PreviewKind::None) {
      add_preview(part);
    }
  }

  void add_preview(Invocation& invocation) const {
    const PreviewRecord* record = preview_record();
    if (record != nullptr) invocation.preview = make_preview(blob_, *record, arguments_);
  }

  const PackBlob& blob_;
  const ToolRecord& tool_;
  const Words& words_;
  Arguments arguments_;
  Inner& inner_;
  Conditions conditions_;
  Invocation result_;
  Effect raised_ = Effect::Read;  // by rules and by what is not understood, the verb's own aside
};

}  // namespace

Invocation match_tool(const PackBlob& blob, const ToolRecord& tool, const Words& words,
                      std::string_view dashed_verb, Inner& inner) {
  if (auto aliased = aliased_command(blob, tool, words, inner)) return std::move(*aliased);
  Arguments arguments = parse_arguments(blob, tool, words, dashed_verb);
  const EnvironmentOptions added(blob, arguments, inner);
  if (added.empty()) {
    return Matcher(blob, tool, words, std::move(arguments), inner).run();
  }
  const Words all = added.joined(words, arguments.dashes);
  Invocation result =
      Matcher(blob, tool, all, parse_arguments(blob, tool, all, dashed_verb), inner).run();
  result.reasons.emplace_back("a variable of its environment adds options");
  result.argv.clear();
  for (const Word& word : words) result.argv.push_back(word.text);
  return result;
}

}  // namespace prodaccess::pack
