#include "core/policy/rule_index.h"

#include <algorithm>
#include <limits>

namespace prodaccess {
namespace {

constexpr std::size_t kLongestPrefix = 64;

// What a glob is filed under: its text up to the first wildcard, with what `\` quotes unquoted.
struct FiledKey {
  std::string text;
  bool whole = true;
};

FiledKey key_of(std::string_view glob) {
  FiledKey key;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '*' || glob[i] == '?') {
      key.whole = false;
      break;
    }
    if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
    key.text += glob[i];
  }
  if (!key.whole && key.text.size() > kLongestPrefix) key.text.resize(kLongestPrefix);
  return key;
}

using Frequencies = std::array<std::unordered_map<std::string, std::size_t>, kDimensionCount>;

constexpr std::size_t kCannotFile = std::numeric_limits<std::size_t>::max();

// The most rules that share a key with these globs.
std::size_t crowd(const std::vector<std::string>& globs,
                  const std::unordered_map<std::string, std::size_t>& frequencies) {
  if (globs.empty()) return kCannotFile;
  std::size_t most = 0;
  for (const std::string& glob : globs) {
    const FiledKey key = key_of(glob);
    if (!key.whole && key.text.empty()) return kCannotFile;
    most = std::max(most, frequencies.at(key.text));
  }
  return most;
}

}  // namespace

RuleIndex::RuleIndex(const std::vector<Rule>& rules) {
  Frequencies frequencies;
  for (const Rule& rule : rules) {
    for (std::size_t i = 0; i < kDimensionCount; ++i) {
      for (const std::string& glob : rule.globs[i]) ++frequencies[i][key_of(glob).text];
    }
  }
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const auto position = static_cast<std::uint32_t>(r);
    std::size_t best = kDimensionCount;
    std::size_t best_crowd = kCannotFile;
    for (std::size_t i = 0; i < kDimensionCount; ++i) {
      const std::size_t candidate = crowd(rules[r].globs[i], frequencies[i]);
      if (candidate < best_crowd) {
        best_crowd = candidate;
        best = i;
      }
    }
    if (best == kDimensionCount) {
      everywhere_.push_back(position);
    } else {
      shelve(best, rules[r].globs[best], position);
    }
  }
}

void RuleIndex::shelve(std::size_t dimension, const std::vector<std::string>& globs,
                       std::uint32_t rule) {
  Shelf& shelf = shelves_[dimension];
  shelf.all.push_back(rule);
  for (const std::string& glob : globs) {
    FiledKey key = key_of(glob);
    if (key.whole) {
      shelf.whole[key.text].push_back(rule);
      continue;
    }
    const std::size_t length = key.text.size();
    shelf.prefix[std::move(key.text)].push_back(rule);
    const auto at = std::lower_bound(shelf.lengths.begin(), shelf.lengths.end(), length);
    if (at == shelf.lengths.end() || *at != length) shelf.lengths.insert(at, length);
  }
}

}  // namespace prodaccess
