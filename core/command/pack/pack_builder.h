// PackBuilder: collects records and lays them out as a blob. Used by the compiler alone.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/command/pack/pack_blob.h"

namespace prodaccess::pack {

class PackBuilder {
 public:
  Text text(std::string_view value);  // equal texts share their characters

  template <class T>
  Range append(std::vector<T>& array, const std::vector<T>& items) {
    const Range range{static_cast<std::uint32_t>(array.size()),
                      static_cast<std::uint32_t>(items.size())};
    array.insert(array.end(), items.begin(), items.end());
    return range;
  }

  std::string_view view(Text text) const { return {characters_.data() + text.offset, text.length}; }

  // The blob's bytes; a multiple of 8 long.
  std::string finish() const;

  std::vector<ToolName> names;
  std::vector<ToolRecord> tools;
  std::vector<VerbRecord> verbs;
  std::vector<DetailRecord> details;
  std::vector<OptionRecord> options;
  std::vector<RuleRecord> rules;
  std::vector<ConditionRecord> conditions;
  std::vector<Range> ranges;
  std::vector<TermRecord> terms;
  std::vector<InnerRecord> inners;
  std::vector<TargetRecord> targets;
  std::vector<TargetPart> target_parts;
  std::vector<SourceRecord> sources;
  std::vector<PreviewRecord> previews;
  std::vector<KindRecord> kinds;
  std::vector<Text> texts;

 private:
  std::string characters_;
  std::unordered_map<std::string, Text> known_;
};

}  // namespace prodaccess::pack
