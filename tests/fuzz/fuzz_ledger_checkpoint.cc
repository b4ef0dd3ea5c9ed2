// Checkpoints, lock lists, keys, anchors, heads: what parses prints the same, and nothing that was
// not signed is taken as signed.
#include <cstdint>
#include <cstdlib>

#include "core/ledger/anchor.h"
#include "core/ledger/checkpoint.h"
#include "core/ledger/head.h"
#include "core/ledger/locks.h"

using namespace prodaccess;

namespace {

// Its private half is known to nobody here: bytes that are a point on the curve.
const VerifierKey& stranger() {
  static const VerifierKey key{"prodaccess-ledger/0123456789abcdef0123456789abcdef",
                               Ed25519Key(Secret(std::string(32, 's'))).public_key()};
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto checkpoint = parse_checkpoint(text)) {
    if (checkpoint->text() != text) std::abort();
    if (checkpoint->signed_by(stranger())) std::abort();
  }
  if (const auto list = parse_lock_list(text)) {
    if (list->text() != text) std::abort();
    if (list->signed_by(stranger())) std::abort();
  }
  if (const auto key = parse_vkey(text)) {
    if (key->text() != text) std::abort();
  }
  if (const auto anchor = parse_anchor(text)) {
    if (text.substr(0, format_anchor(*anchor).size()) != format_anchor(*anchor)) std::abort();
  }
  if (const auto head = parse_head(text)) {
    if (text.substr(0, format_head(*head).size()) != format_head(*head)) std::abort();
  }
  return 0;
}
