#include "core/ledger/anchor.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/line.h"

namespace prodaccess {
namespace {

constexpr std::size_t kNameDigits = 24;

std::filesystem::path folder_above(const std::filesystem::path& anchor) {
  return anchor.has_parent_path() ? anchor.parent_path() : std::filesystem::path(".");
}

}  // namespace

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
    const AppendFolder above(folder_above(path), AppendFolder::Access::Read);
    const auto file = above.open(path.filename().string());
    return file ? parse_anchor(file->read(0, 4096)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

KeyringAnchor::KeyringAnchor(const AppendFolder& above, const std::string& name) {
  const std::string identity = above.identity();
  if (identity.empty()) return;
  note_.emplace("prodaccess-anchor:" + sha256_hex(identity + "/" + name).substr(0, kNameDigits));
}

void KeyringAnchor::put(const Anchor& anchor) {
  if (!note_) return;
  note_->put(anchor.ledger + " " + std::to_string(anchor.sequence) + " " + hex(anchor.hash));
}

std::optional<Anchor> KeyringAnchor::get() {
  const auto text = note_ ? note_->get() : std::nullopt;
  if (!text) return std::nullopt;
  const std::vector<std::string> words = split(*text, ' ');
  if (words.size() != 3) return std::nullopt;
  const auto hash = parse_digest(words[2]);
  if (!hash) return std::nullopt;
  return Anchor{words[0], std::strtoull(words[1].c_str(), nullptr, 10), *hash, ""};
}

void KeyringAnchor::erase() {
  if (note_) note_->erase();
}

std::vector<Anchor> read_anchors(const std::filesystem::path& ledger_folder) {
  std::vector<Anchor> anchors;
  if (auto beside = read_anchor_beside(ledger_folder)) anchors.push_back(std::move(*beside));
  const std::filesystem::path path = anchor_path(ledger_folder);
  try {
    const AppendFolder above(folder_above(path), AppendFolder::Access::Read);
    if (auto kept = KeyringAnchor(above, path.filename().string()).get()) {
      anchors.push_back(std::move(*kept));
    }
  } catch (const Error&) {
    return anchors;  // a folder that cannot be looked into has no anchor in the keyring
  }
  return anchors;
}

}  // namespace prodaccess
