#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/ledger/checkpoint.h"
#include "core/ledger/merkle.h"

using namespace prodaccess;

namespace {

Digest leaf(std::uint64_t number) {
  return Sha256().update(std::string_view("\0", 1)).update(std::to_string(number)).finish();
}

// RFC 6962, section 2.1, as it is written there.
Digest plain_root(std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return sha256("");
  if (end - begin == 1) return leaf(begin);
  std::uint64_t half = 1;
  while (half * 2 < end - begin) half *= 2;
  return merkle_node(plain_root(begin, begin + half), plain_root(begin + half, end));
}

MerkleTree tree_of(std::uint64_t size) {
  MerkleTree tree;
  for (std::uint64_t i = 0; i < size; ++i) tree.append(leaf(i));
  return tree;
}

}  // namespace

TEST_CASE("merkle: the incremental root is the RFC's") {
  for (std::uint64_t size = 0; size < 70; ++size) {
    CAPTURE(size);
    const MerkleTree tree = tree_of(size);
    CHECK(hex(tree.root()) == hex(plain_root(0, size)));
    const auto again = MerkleTree::from_peaks(size, tree.peaks());
    REQUIRE(again);
    CHECK(again->root() == tree.root());
    std::vector<Digest> too_many = tree.peaks();
    too_many.push_back(leaf(1));
    CHECK_FALSE(MerkleTree::from_peaks(size, too_many));
  }
}

TEST_CASE("merkle: the leaf and root of the empty string are those of the RFC's test vectors") {
  CHECK(hex(MerkleTree().root()) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(Sha256().update(std::string_view("\0", 1)).finish()) ==
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST_CASE("merkle: every proof holds, and none of another leaf, size or root") {
  for (std::uint64_t size = 1; size < 34; ++size) {
    const Digest root = tree_of(size).root();
    for (std::uint64_t index = 0; index < size; ++index) {
      ProofBuilder builder = ProofBuilder::inclusion(index, size);
      for (std::uint64_t i = 0; i < size; ++i) builder.append(leaf(i));
      const std::vector<Digest> proof = builder.proof();
      CHECK(inclusion_holds(leaf(index), index, size, proof, root));
      CHECK_FALSE(inclusion_holds(leaf(index + 1), index, size, proof, root));
      CHECK_FALSE(inclusion_holds(leaf(index), index, size, proof, tree_of(size + 1).root()));
    }
    for (std::uint64_t old_size = 0; old_size <= size; ++old_size) {
      ProofBuilder builder = ProofBuilder::consistency(old_size, size);
      for (std::uint64_t i = 0; i < size; ++i) builder.append(leaf(i));
      CAPTURE(old_size);
      CAPTURE(size);
      const Digest old_root = tree_of(old_size).root();
      CHECK(consistency_holds(old_size, old_root, size, root, builder.proof()));
      if (old_size == 0) continue;
      CHECK_FALSE(consistency_holds(old_size, leaf(99), size, root, builder.proof()));
      CHECK_FALSE(consistency_holds(old_size, old_root, size, leaf(99), builder.proof()));
    }
  }
}

TEST_CASE("checkpoint: what is printed parses back, and nothing else does") {
  const Ed25519Key key(Secret(std::string(32, 'k')));
  Checkpoint checkpoint;
  checkpoint.origin = origin_of("00112233445566778899aabbccddeeff");
  checkpoint.size = 1184;
  checkpoint.root = tree_of(7).root();
  checkpoint.number = 37;
  checkpoint.time = *parse_rfc3339("2026-02-12T03:20:11Z");
  sign_checkpoint(checkpoint, key);
  const std::string text = checkpoint.text();
  const auto parsed = parse_checkpoint(text);
  REQUIRE(parsed);
  CHECK(parsed->text() == text);
  const VerifierKey verifier{checkpoint.origin, key.public_key()};
  CHECK(parsed->signed_by(verifier));
  CHECK(parse_vkey(verifier.text()) == verifier);
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto other = parse_checkpoint(damaged);
    const bool proven = other && other->signed_by(verifier);
    CHECK_FALSE(proven);
  }
}
