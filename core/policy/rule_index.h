// RuleIndex: finds the rules that may match without looking at all of them.
//
// Each rule stands under the dimension in which its globs are rarest among all rules: under the
// whole text where they hold no wildcard, else under what stands before the first one. A look-up
// asks for the subject's value and its prefixes of the lengths in use: its cost does not grow with
// the number of rules that do not match. Threads: const members only read.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/policy/rule.h"

namespace prodaccess {

class RuleIndex {
 public:
  RuleIndex() = default;
  explicit RuleIndex(const std::vector<Rule>& rules);

  // Calls `visit` with the position of every rule that may match, perhaps more than once.
  template <typename Visit>
  void for_each_candidate(const Subject& subject, Visit&& visit) const {
    for (const std::uint32_t rule : everywhere_) visit(rule);
    for (std::size_t i = 0; i < kDimensionCount; ++i) {
      if (shelves_[i].all.empty()) continue;
      const Subject::Values& values = subject.values[i];
      if (values.unknown) {
        for (const std::uint32_t rule : shelves_[i].all) visit(rule);
      } else if (values.is_list) {
        for (const std::string_view value : values.many) shelves_[i].look_up(value, visit);
      } else {
        shelves_[i].look_up(values.one, visit);
      }
    }
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Bucket = std::vector<std::uint32_t>;
  using Map = std::unordered_map<std::string, Bucket, Hash, std::equal_to<>>;

  // The rules that stand under one dimension.
  struct Shelf {
    Map whole;
    Map prefix;
    std::vector<std::size_t> lengths;  // of the prefixes, sorted
    Bucket all;

    template <typename Visit>
    void look_up(std::string_view value, Visit&& visit) const {
      if (const auto found = whole.find(value); found != whole.end()) {
        for (const std::uint32_t rule : found->second) visit(rule);
      }
      for (const std::size_t length : lengths) {
        if (length > value.size()) break;
        const auto found = prefix.find(value.substr(0, length));
        if (found == prefix.end()) continue;
        for (const std::uint32_t rule : found->second) visit(rule);
      }
    }
  };

  void shelve(std::size_t dimension, const std::vector<std::string>& globs, std::uint32_t rule);

  Bucket everywhere_;  // rules that name nothing to look them up by
  std::array<Shelf, kDimensionCount> shelves_;
};

}  // namespace prodaccess
