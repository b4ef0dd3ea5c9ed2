#include "core/os/store_probe.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/encrypted_file.h"
#include "core/os/kernel_keyring.h"
#include "core/os/memory_store.h"

namespace prodaccess {
namespace {

const std::string kOnce = "without any keyring: prodaccess exec --once --role ROLE -- COMMAND";
const std::string kAskForFile =
    "ask for the encrypted file: [stores] durable = \"file\", passphrase_from = "
    "\"key-file:/ABSOLUTE/PATH\"; where nothing is configured yet, prodaccess init writes that";

void require_same(const std::optional<Secret>& found, const std::string& written) {
  if (!found || found->view() != written) {
    throw Error(ErrorCode::Keyring, "what was written is not what is read back");
  }
}

// Runs `trial`; what it throws becomes the finding.
StoreFinding try_store(const std::string& name, bool durable, const std::function<void()>& trial) {
  StoreFinding finding;
  finding.name = name;
  finding.durable = durable;
  try {
    trial();
    finding.works = true;
  } catch (const Error& error) {
    finding.detail = error.what();
    finding.hints = error.hints();
  }
  return finding;
}

[[noreturn]] void fail_none(const std::string& what, const std::vector<StoreFinding>& findings,
                            const std::string& way_out) {
  std::vector<std::string> reasons;
  std::vector<std::string> hints{way_out};
  for (const StoreFinding& finding : findings) {
    reasons.push_back(finding.name + ": " + finding.detail);
    for (const std::string& hint : finding.hints) {
      if (std::find(hints.begin(), hints.end(), hint) == hints.end()) hints.push_back(hint);
    }
  }
  throw Error(ErrorCode::Keyring, what + " (" + join(reasons, "; ") + ")", hints);
}

}  // namespace

Stores::Stores(Files& files, const Clock& clock, Random& random, StoreOptions options)
    : files_(files), clock_(clock), random_(random), options_(std::move(options)) {}

EphemeralStore& Stores::ephemeral_named(const std::string& name) {
  std::unique_ptr<EphemeralStore>& store = ephemeral_[name];
  if (store) return *store;
  if (name == "kernel") {
    store = std::make_unique<KernelKeyring>(clock_);
  } else if (name == "secret-service") {
    store = std::make_unique<ServiceEphemeralStore>(service_, clock_);
  } else if (name == "memory") {
    store = std::make_unique<MemoryStore>(clock_);
  } else {
    throw Error(ErrorCode::Keyring,
                "there is no store for credentials called " + escape_for_terminal(name),
                {"[stores] ephemeral is auto, kernel, secret-service or memory"});
  }
  return *store;
}

DurableStore& Stores::durable_named(const std::string& name) {
  std::unique_ptr<DurableStore>& store = durable_[name];
  if (store) return *store;
  if (name == "secret-service") {
    store = std::make_unique<ServiceDurableStore>(service_);
  } else if (name == "file") {
    store = std::make_unique<EncryptedFile>(
        files_, random_, options_.file,
        make_store_key(options_.passphrase_from, files_, options_.ask, options_.agent_socket));
  } else {
    throw Error(ErrorCode::Keyring, "there is no durable store called " + escape_for_terminal(name),
                {"[stores] durable is auto, secret-service or file"});
  }
  return *store;
}

StoreFinding Stores::probe_ephemeral(const std::string& name) {
  return try_store(name, false, [&] {
    const std::string key = "probe-" + hex(random_.bytes(8));
    const std::string value = hex(random_.bytes(16));
    EphemeralStore& store = ephemeral_named(name);
    store.put(key, value, clock_.wall_now() + Seconds{60});
    const std::optional<Secret> found = store.get(key);
    store.erase(key);
    require_same(found, value);
  });
}

StoreFinding Stores::probe_durable(const std::string& name) {
  return try_store(name, true, [&] {
    const std::string key = "probe-" + hex(random_.bytes(8));
    const std::string value = hex(random_.bytes(16));
    DurableStore& store = durable_named(name);
    store.put(key, value);
    const std::optional<Secret> found = store.get(key);
    store.erase(key);
    require_same(found, value);
  });
}

EphemeralStore& Stores::ephemeral() {
  if (chosen_ephemeral_.empty() && options_.ephemeral != "auto") {
    chosen_ephemeral_ = options_.ephemeral;
  }
  if (!chosen_ephemeral_.empty()) return ephemeral_named(chosen_ephemeral_);
  std::vector<StoreFinding> findings;
  for (const char* name : {"kernel", "secret-service"}) {
    findings.push_back(probe_ephemeral(name));
    if (!findings.back().works) continue;
    chosen_ephemeral_ = name;
    return ephemeral_named(name);
  }
  fail_none("no keyring works here", findings, kOnce);
}

std::vector<std::string> Stores::durable_candidates() const {
  if (options_.durable != "auto") return {options_.durable};
  if (options_.passphrase_from.empty()) return {"secret-service"};
  return {"secret-service", "file"};
}

DurableStore& Stores::durable() {
  if (chosen_durable_.empty() && options_.durable != "auto") chosen_durable_ = options_.durable;
  if (!chosen_durable_.empty()) return durable_named(chosen_durable_);
  std::vector<StoreFinding> findings;
  for (const std::string& name : durable_candidates()) {
    findings.push_back(probe_durable(name));
    if (findings.back().works) {
      chosen_durable_ = name;
      return durable_named(name);
    }
    if (name == "secret-service" && !service_.absent()) break;
  }
  fail_none("no durable store works here", findings, kAskForFile);
}

std::vector<StoreFinding> Stores::examine() {
  std::vector<StoreFinding> findings{probe_ephemeral("kernel"), probe_ephemeral("secret-service"),
                                     probe_durable("secret-service")};
  const std::vector<std::string> candidates = durable_candidates();
  if (std::find(candidates.begin(), candidates.end(), "file") != candidates.end()) {
    findings.push_back(probe_durable("file"));
  }
  const auto choose = [&](bool durable, const std::string& configured) {
    for (StoreFinding& finding : findings) {
      if (finding.durable != durable) continue;
      finding.chosen = configured == "auto" ? finding.works : finding.name == configured;
      if (finding.chosen) return;
    }
  };
  choose(false, options_.ephemeral);
  choose(true, options_.durable);
  return findings;
}

}  // namespace prodaccess
