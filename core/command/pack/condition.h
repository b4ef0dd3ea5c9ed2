// Evaluation of a pack's conditions and sources over the words of one command.
//
// A condition is No, Maybe or Yes: what hangs on a word that is not on the line is Maybe. A rule
// that makes a command worse counts from Maybe on, one that makes it milder only where it is Yes.
// The two also read repeated options differently: the first looks at every use, the second at the
// one that is in force, the last. A raising rule that is "sure" wants what it names to be on the
// line; what it wants to be absent counts as absent unless it surely is there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/command/inner.h"
#include "core/command/pack/arguments.h"
#include "core/command/pack/members.h"

namespace prodaccess::pack {

enum class Truth { No, Maybe, Yes };
enum class Purpose { Raise, Lower };

class Conditions {
 public:
  Conditions(const PackBlob& blob, const ToolRecord& tool, const Arguments& arguments, Inner& inner)
      : blob_(blob), tool_(tool), arguments_(arguments), inner_(inner) {}

  Truth holds(const ConditionRecord& condition, Purpose purpose) const;
  // Whether what is on the line makes a "sure" rule hold.
  bool holds_surely(const ConditionRecord& condition) const;

  // The values that a source gives: option values, operands. Not for Environment and Kind.
  std::vector<Value> values(const SourceRecord& source) const;
  // The values as text, those of Environment and of a JSON place too; absent: one is not known.
  std::optional<std::vector<std::string>> texts(const SourceRecord& source) const;
  // What stands at `path` inside a value: JSON, shorthand, or a file of it. Absent: unreadable.
  std::optional<std::vector<std::string>> inside(const Value& value, std::string_view path) const;

 private:
  template <class TermTruth>
  Truth any_of_all(const ConditionRecord& condition, TermTruth truth) const;
  Truth term(const TermRecord& term, Purpose purpose) const;
  Truth option_term(const TermRecord& term, Purpose purpose) const;
  Truth operand_term(const TermRecord& term, Purpose purpose) const;
  Truth verb_term(const TermRecord& term) const;
  Truth kind_term(const TermRecord& term) const;
  Truth member_term(const TermRecord& term) const;
  Truth environment_term(const TermRecord& term) const;
  Truth compare(const TermRecord& term, const Value& value, Purpose purpose) const;
  Truth compare_text(const TermRecord& term, std::string_view text) const;
  Truth compare_path(const TermRecord& term, const Value& value) const;
  Truth contains(const TermRecord& term, const Value& value) const;
  Word word_of(const Value& value) const;
  bool may_vanish(const Value& value) const;
  bool is_given(std::uint32_t option) const;

  const PackBlob& blob_;
  const ToolRecord& tool_;
  const Arguments& arguments_;
  Inner& inner_;
  mutable std::optional<Members> members_;  // made when first asked for
};

}  // namespace prodaccess::pack
