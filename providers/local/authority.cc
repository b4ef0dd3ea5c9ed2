#include "providers/local/authority.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr const char* kItem = "local-authority";
constexpr std::string_view kForm = "ed25519-seed-v1:";

Ed25519Key parse_key(std::string_view text) {
  const std::string_view encoded = text.starts_with(kForm) ? text.substr(kForm.size()) : "";
  auto seed = unbase64(encoded);
  if (!seed || seed->size() != Ed25519Key::kSeedSize) {
    throw Error(
        ErrorCode::Keyring,
        std::string("the durable store's item '") + kItem + "' is not an authority key",
        {"it was written by a newer prodaccess, or changed: restore it, or remove it to let "
         "a new authority be made"});
  }
  return Ed25519Key(seal(std::move(*seed)));
}

}  // namespace

Authority::Authority(OpenStore open_store, Files& files, Random& random,
                     std::filesystem::path folder)
    : open_store_(std::move(open_store)),
      files_(files),
      random_(random),
      folder_(std::move(folder)) {}

const Ed25519Key& Authority::key() {
  if (!key_) key_.emplace(load_or_make());
  return *key_;
}

const Ed25519Key* Authority::existing_key() {
  if (!key_) key_ = load();
  return key_ ? &*key_ : nullptr;
}

std::string Authority::ssh_authority_line() {
  return std::string(kSshEd25519) + " " + base64(ssh_key_blob()) + " prodaccess-local-authority";
}

std::string Authority::ssh_key_blob_of(const Ed25519Key& key) {
  return ssh_ed25519_blob(key.public_key());
}

std::optional<Ed25519Key> Authority::load() {
  const auto item = open_store_().get(kItem);
  if (!item) return std::nullopt;
  return parse_key(item->view());
}

Ed25519Key Authority::load_or_make() {
  if (auto found = load()) return std::move(*found);
  files_.make_folder(folder_);
  const auto lock = files_.lock(folder_ / "authority.lock", Milliseconds{10'000});
  if (auto found = load()) return std::move(*found);
  Ed25519Key made(seal(random_.bytes(Ed25519Key::kSeedSize)));
  std::string text(kForm);
  text.reserve(64);
  text += base64(made.seed().view());
  open_store_().put(kItem, seal(std::move(text)).view());
  auto kept = load();
  if (!kept || kept->public_key() != made.public_key()) {
    throw Error(ErrorCode::Keyring, "the durable store did not keep the new authority key");
  }
  return made;
}

}  // namespace prodaccess
