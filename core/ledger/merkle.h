// The Merkle tree of RFC 6962 (section 2.1), over leaf hashes that come one by one.
//
// MerkleTree keeps only the roots of the perfect subtrees that make up the tree so far: at most 64
// hashes, however many leaves. Proofs are made in one pass over the leaves by ProofBuilder and
// checked by the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
//
// Pure; nothing throws.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/sha256.h"

namespace prodaccess {

class MerkleTree {
 public:
  MerkleTree() = default;
  // A tree of `size` leaves from the roots of its perfect subtrees, largest first; absent where
  // their number does not fit.
  static std::optional<MerkleTree> from_peaks(std::uint64_t size, std::vector<Digest> peaks);

  void append(const Digest& leaf_hash);
  std::uint64_t size() const { return size_; }
  const std::vector<Digest>& peaks() const { return peaks_; }
  Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> peaks_;
};

Digest merkle_node(const Digest& left, const Digest& right);

// Collects the hashes of a proof while the leaves of a tree of `size` are fed to it in order.
class ProofBuilder {
 public:
  // That leaf `index` (from 0) is in the tree.
  static ProofBuilder inclusion(std::uint64_t index, std::uint64_t size);
  // That the tree of the first `old_size` leaves is its beginning.
  static ProofBuilder consistency(std::uint64_t old_size, std::uint64_t size);

  void append(const Digest& leaf_hash);
  // Complete once `size` leaves were fed.
  std::vector<Digest> proof() const;

 private:
  struct Range {
    std::uint64_t begin;
    std::uint64_t end;
    MerkleTree tree;
  };
  void add(std::uint64_t begin, std::uint64_t end);
  std::vector<Range> ranges_;  // in the order of the proof
  std::uint64_t fed_ = 0;
};

bool inclusion_holds(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                     const std::vector<Digest>& proof, const Digest& root);
bool consistency_holds(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                       const Digest& root, const std::vector<Digest>& proof);

}  // namespace prodaccess
