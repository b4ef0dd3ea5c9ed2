#include "core/ledger/anchor.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/line.h"
#include "core/os/append_file.h"

namespace prodaccess {

std::string format_anchor(const Anchor& anchor) {
  const std::string text = "prodaccess-anchor 1 " + anchor.ledger + " " +
                           std::to_string(anchor.sequence) + " " + hex(anchor.hash) + " " +
                           (anchor.key.empty() ? "-" : anchor.key) + " ";
  return text + sha256_hex(text) + "\n";
}

std::optional<Anchor> parse_anchor(std::string_view text) {
  const std::vector<std::string> words = split(text.substr(0, text.find('\n')), ' ');
  if (words.size() != 7) return std::nullopt;
  Anchor anchor;
  anchor.ledger = words[2];
  anchor.sequence = std::strtoull(words[3].c_str(), nullptr, 10);
  anchor.hash = parse_digest(words[4]).value_or(Digest{});
  anchor.key = words[5] == "-" ? "" : words[5];
  const std::string again = format_anchor(anchor);
  if (text.substr(0, again.size()) != again) return std::nullopt;
  return anchor;
}

std::filesystem::path anchor_path(const std::filesystem::path& ledger_folder) {
  std::filesystem::path path = ledger_folder;
  if (!path.has_filename()) path = path.parent_path();
  path += ".anchor";
  return path;
}

std::optional<Anchor> read_anchor_beside(const std::filesystem::path& ledger_folder) {
  const std::filesystem::path path = anchor_path(ledger_folder);
  try {
    const AppendFolder above(path.has_parent_path() ? path.parent_path() : ".",
                             AppendFolder::Access::Read);
    const auto file = above.open(path.filename().string());
    return file ? parse_anchor(file->read(0, 4096)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace prodaccess
