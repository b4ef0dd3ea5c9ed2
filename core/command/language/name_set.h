// NameSet: a sorted set of names in one literal, made at compile time; no pointers, so nothing is
// relocated or built at start-up. A lookup is a binary search.
//
// The literal holds the names in ASCII order, each followed by one blank; a literal out of order
// does not compile. The set refers to the literal, which must have static storage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace prodaccess {

constexpr std::size_t count_names(std::string_view blob) {
  std::size_t count = 0;
  for (const char c : blob) count += c == ' ' ? 1 : 0;
  return count;
}

template <std::size_t N>
class NameSet {
 public:
  consteval explicit NameSet(std::string_view blob) {
    std::size_t begin = 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < blob.size(); ++i) {
      if (blob[i] != ' ') continue;
      begins_[count++] = static_cast<std::uint16_t>(begin);
      begin = i + 1;
    }
    begins_[count] = static_cast<std::uint16_t>(begin);
    for (std::size_t i = 1; i < N; ++i) {
      if (!(name(blob, i - 1) < name(blob, i))) throw "names out of order";
    }
  }

  constexpr bool contains(std::string_view blob, std::string_view wanted) const {
    std::size_t low = 0;
    std::size_t high = N;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      const std::string_view candidate = name(blob, middle);
      if (candidate == wanted) return true;
      if (candidate < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return false;
  }

 private:
  constexpr std::string_view name(std::string_view blob, std::size_t i) const {
    return blob.substr(begins_[i], static_cast<std::size_t>(begins_[i + 1] - begins_[i]) - 1);
  }

  std::array<std::uint16_t, N + 1> begins_{};
};

// Whether `word` is one of the blank-separated `names`; for short lists that need no order.
constexpr bool one_of(std::string_view word, std::string_view names) {
  if (word.empty()) return false;
  for (std::size_t at = names.find(word); at != std::string_view::npos;
       at = names.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || names[at - 1] == ' ';
    if (starts && (end == names.size() || names[end] == ' ')) return true;
  }
  return false;
}

}  // namespace prodaccess
