// ParseTree: libpg_query's JSON parse tree, flat and in order, so that a walk over any part of it
// is a loop and needs no stack however deep the tree is.
//
// Reads the JSON once, copies nothing: the tree refers to the text it was made from. The text comes
// from a library and not from outside; one that is not JSON gives no tree. Linear time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess {

class ParseTree {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = 0xffffffff;

  struct Node {
    std::string_view key;  // of the member; "" for elements of arrays
    std::string_view raw;  // a scalar as written, strings without their quotes
    Index end = 0;         // one past the last node below this one
    bool container = false;
  };

  static std::optional<ParseTree> read(std::string_view json);

  const Node& operator[](Index index) const { return nodes_[index]; }
  Index size() const { return static_cast<Index>(nodes_.size()); }

  // The first member or element, and the one after `index`; kNone at the end of `parent`.
  Index first(Index parent) const;
  Index after(Index index, Index parent) const;

  // The member `key`, or the one at the end of a path of keys; kNone where absent.
  Index member(Index parent, std::string_view key) const;
  Index member(Index parent, std::string_view key, std::string_view below) const;
  // A scalar member's text with escapes undone; "" where absent.
  std::string text(Index parent, std::string_view key) const;
  std::string text(Index scalar) const;
  bool flag(Index parent, std::string_view key) const;  // a member that is `true`
  // For a wrapped node {"Kind": {...}}: the inner node, whose key is the kind.
  Index unwrap(Index wrapped) const { return first(wrapped); }

 private:
  std::vector<Node> nodes_;
};

}  // namespace prodaccess
