// Checkpoint: a signed head of the ledger, in the form of a transparency log's checkpoint
// (https://c2sp.org/tlog-checkpoint), which is a signed note (https://c2sp.org/signed-note):
//
//   prodaccess-ledger/5d1f...            the origin: the ledger's name
//   1184                                 how many records
//   n4Bq...=                             the Merkle root over them, base64
//   number 37                            ours: which checkpoint this is
//   time 2026-02-12T03:20:11Z            and when it was made
//
//   - prodaccess-ledger/5d1f... Xk9a...= (an em dash, the key's name, key id and signature)
//
// A public key travels as a "vkey": name+hex of the key id+base64(0x01, 32 bytes).
//
// Pure. Parsing returns std::nullopt for whatever is not exactly of this form; printing what was
// parsed gives the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ed25519.h"
#include "core/base/sha256.h"
#include "core/base/time.h"

namespace prodaccess {

struct VerifierKey {
  std::string name;
  std::string public_key;  // 32 bytes

  std::string id() const;    // 4 bytes
  std::string text() const;  // the vkey
  bool operator==(const VerifierKey& other) const = default;
};

// The name under which the ledger `ledger` signs.
std::string origin_of(const std::string& ledger);

std::optional<VerifierKey> parse_vkey(std::string_view text);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};
  std::uint64_t number = 0;
  WallTime time{};
  std::string key_id;     // 4 bytes
  std::string signature;  // 64 bytes; the note's one signature

  std::string body() const;  // what is signed
  std::string text() const;  // the whole note
  bool signed_by(const VerifierKey& key) const;
};

void sign_checkpoint(Checkpoint& checkpoint, const Ed25519Key& key);
std::optional<Checkpoint> parse_checkpoint(std::string_view text);

}  // namespace prodaccess
