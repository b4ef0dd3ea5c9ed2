// Anchor: the last durable head, kept outside the ledger's folder, so that cutting the file's tail
// is seen. It is written after the record and may lag behind; it is never ahead of the disk.
//
// It stands in two places: a file beside the ledger's folder, and the kernel's keyring, which
// restoring files does not turn back. The keyring's names the folder that both lie in by its inode
// and its time of birth: whoever removes that whole folder begins anew.
//
// The one line: "prodaccess-anchor 1 LEDGER SEQUENCE HASH VKEY CHECKSUM". In the keyring, where
// space is scarce, without the last two words: "LEDGER SEQUENCE HASH".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/sha256.h"
#include "core/os/append_file.h"
#include "core/os/kernel_note.h"

namespace prodaccess {

struct Anchor {
  std::string ledger;
  std::uint64_t sequence = 0;
  Digest hash{};
  std::string key;  // the vkey that signs the ledger; "" for none
};

std::string format_anchor(const Anchor& anchor);
std::optional<Anchor> parse_anchor(std::string_view text);

// FOLDER.anchor, beside the ledger's folder.
std::filesystem::path anchor_path(const std::filesystem::path& ledger_folder);

// That file's content; absent where there is none or it cannot be read (a copy has none).
std::optional<Anchor> read_anchor_beside(const std::filesystem::path& ledger_folder);

// The keyring's, for the ledger whose anchor file is `name` in the folder `above`.
class KeyringAnchor {
 public:
  KeyringAnchor(const AppendFolder& above, const std::string& name);
  void put(const Anchor& anchor);
  std::optional<Anchor> get();
  void erase();

 private:
  std::optional<KernelNote> note_;
};

// All that are known of this ledger on this machine.
std::vector<Anchor> read_anchors(const std::filesystem::path& ledger_folder);

}  // namespace prodaccess
