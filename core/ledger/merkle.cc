#include "core/ledger/merkle.h"

#include <bit>

namespace prodaccess {
namespace {

std::uint64_t largest_power_below(std::uint64_t size) { return std::bit_floor(size - 1); }

}  // namespace

Digest merkle_node(const Digest& left, const Digest& right) {
  return Sha256()
      .update(std::string_view("\1", 1))
      .update(bytes_of(left))
      .update(bytes_of(right))
      .finish();
}

std::optional<MerkleTree> MerkleTree::from_peaks(std::uint64_t size, std::vector<Digest> peaks) {
  if (static_cast<std::size_t>(std::popcount(size)) != peaks.size()) return std::nullopt;
  MerkleTree tree;
  tree.size_ = size;
  tree.peaks_ = std::move(peaks);
  return tree;
}

void MerkleTree::append(const Digest& leaf_hash) {
  Digest node = leaf_hash;
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    node = merkle_node(peaks_.back(), node);
    peaks_.pop_back();
  }
  peaks_.push_back(node);
  ++size_;
}

Digest MerkleTree::root() const {
  if (peaks_.empty()) return sha256("");
  Digest node = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) node = merkle_node(peaks_[i], node);
  return node;
}

ProofBuilder ProofBuilder::inclusion(std::uint64_t index, std::uint64_t size) {
  ProofBuilder builder;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + largest_power_below(end - begin);
    if (index < middle) {
      builder.add(middle, end);
      end = middle;
    } else {
      builder.add(begin, middle);
      begin = middle;
    }
  }
  std::reverse(builder.ranges_.begin(), builder.ranges_.end());
  return builder;
}

ProofBuilder ProofBuilder::consistency(std::uint64_t old_size, std::uint64_t size) {
  ProofBuilder builder;
  if (old_size == 0 || old_size >= size) return builder;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  bool whole = true;  // the old tree itself is a subtree that both sides know
  while (old_size != end) {
    const std::uint64_t middle = begin + largest_power_below(end - begin);
    if (old_size <= middle) {
      builder.add(middle, end);
      end = middle;
    } else {
      builder.add(begin, middle);
      begin = middle;
      whole = false;
    }
  }
  if (!whole) builder.add(begin, end);
  std::reverse(builder.ranges_.begin(), builder.ranges_.end());
  return builder;
}

void ProofBuilder::add(std::uint64_t begin, std::uint64_t end) {
  ranges_.push_back({begin, end, MerkleTree()});
}

void ProofBuilder::append(const Digest& leaf_hash) {
  for (Range& range : ranges_) {
    if (fed_ >= range.begin && fed_ < range.end) range.tree.append(leaf_hash);
  }
  ++fed_;
}

std::vector<Digest> ProofBuilder::proof() const {
  std::vector<Digest> hashes;
  hashes.reserve(ranges_.size());
  for (const Range& range : ranges_) hashes.push_back(range.tree.root());
  return hashes;
}

bool inclusion_holds(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                     const std::vector<Digest>& proof, const Digest& root) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Digest hash = leaf_hash;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = merkle_node(sibling, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = merkle_node(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool consistency_holds(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                       const Digest& root, const std::vector<Digest>& proof) {
  if (old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (old_size == 0) return proof.empty();
  std::size_t next = 0;
  const bool whole = std::has_single_bit(old_size);
  if (!whole && proof.empty()) return false;
  Digest old_hash = whole ? old_root : proof[next++];
  Digest new_hash = old_hash;
  std::uint64_t node = old_size - 1;
  std::uint64_t last = size - 1;
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  for (; next < proof.size(); ++next) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      old_hash = merkle_node(proof[next], old_hash);
      new_hash = merkle_node(proof[next], new_hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      new_hash = merkle_node(new_hash, proof[next]);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == old_root && new_hash == root;
}

}  // namespace prodaccess
