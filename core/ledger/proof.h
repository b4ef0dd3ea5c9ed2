// Proofs that a stranger can check with a public key alone: that a record is in the ledger that a
// checkpoint signs (inclusion), and that one checkpoint's ledger is the beginning of another's
// (consistency). RFC 6962, section 2.1; as JSON:
//
//   {"kind":"inclusion","record":LINE,"index":11,"path":[HEX...],"checkpoint":NOTE}
//   {"kind":"consistency","old_size":64,"old_root":HEX,"path":[HEX...],"checkpoint":NOTE}
//
// Errors: Error{Ledger} where the ledger cannot give the proof; Error{Usage} for text that is none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/ledger/checkpoint.h"

namespace prodaccess {

// Against the ledger's last checkpoint.
Json make_inclusion_proof(const std::filesystem::path& folder, std::uint64_t record);
Json make_consistency_proof(const std::filesystem::path& folder, std::uint64_t old_size);

struct ProofVerdict {
  bool holds = false;
  bool trusted = false;  // the checkpoint is signed by one of the keys
  std::string says;      // in words
};
ProofVerdict check_proof(std::string_view text, const std::vector<VerifierKey>& keys);

}  // namespace prodaccess
