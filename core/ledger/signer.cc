#include "core/ledger/signer.h"

#include "core/os/random.h"

namespace prodaccess {
namespace {

constexpr const char* kDurableName = "ledger-signing-key";

Secret fresh_seed() { return Secret(SystemRandom().bytes(Ed25519Key::kSeedSize)); }

CheckpointSigner signer(Secret seed, std::string scope) {
  return {std::make_shared<const Ed25519Key>(std::move(seed)), std::move(scope)};
}

}  // namespace

CheckpointSigner signer_from(DurableStore& store) {
  if (auto seed = store.get(kDurableName)) return signer(std::move(*seed), "durable");
  store.put(kDurableName, fresh_seed().view());
  // Another process may have been faster: what is read back is what counts.
  return signer(store.get(kDurableName).value(), "durable");
}

CheckpointSigner signer_from(EphemeralStore& store, const Clock& clock) {
  const std::string name = "ledger-boot-key-" + clock.boot_id();
  if (auto seed = store.get(name)) return signer(std::move(*seed), "boot");
  constexpr auto kAsLongAsABoot = std::chrono::hours{24 * 3650};
  store.put(name, fresh_seed().view(), clock.wall_now() + kAsLongAsABoot);
  return signer(store.get(name).value(), "boot");
}

CheckpointSigner process_signer() {
  static const CheckpointSigner made = signer(fresh_seed(), "process");
  return made;
}

}  // namespace prodaccess
