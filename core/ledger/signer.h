// The keys that sign checkpoints.
//
// A durable key lives in the DurableStore. Without one, a key made for this boot is kept where it
// vanishes with the boot (EphemeralStore); without that too, a key of this process. Only the first
// can be trusted by whoever noted its public half; the others tie records to a boot or a process.
//
// Errors: Error{Keyring} from the stores.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/ed25519.h"
#include "core/os/clock.h"
#include "core/os/store.h"

namespace prodaccess {

struct CheckpointSigner {
  std::shared_ptr<const Ed25519Key> key;
  std::string scope;  // "durable", "boot" or "process"
};

// Asked only when a ledger is made and when a checkpoint is due: it may open a keyring.
using SignerSource = std::function<CheckpointSigner()>;

CheckpointSigner signer_from(DurableStore& store);
CheckpointSigner signer_from(EphemeralStore& store, const Clock& clock);
CheckpointSigner process_signer();

}  // namespace prodaccess
