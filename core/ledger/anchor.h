// Anchor: the last durable head, kept outside the ledger's folder, so that cutting the file's tail
// is seen. It is written after the record and may lag behind; it is never ahead of the disk.
//
// The file's one line: "prodaccess-anchor 1 LEDGER SEQUENCE HASH VKEY CHECKSUM".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/sha256.h"

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

}  // namespace prodaccess
