#include "core/os/encrypted_file.h"

#include <charconv>

#include "core/base/error.h"
#include "core/base/netstring.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kFormat = "prodaccess-store 1";
constexpr std::string_view kAnyFormat = "prodaccess-store ";
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kLargestFile = 16U << 20;
constexpr Milliseconds kLockPatience = Seconds{10};

std::optional<std::uint32_t> parse_number(const std::string& text) {
  std::uint32_t value = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string format_cost(ScryptCost cost) {
  return std::to_string(cost.log_n) + " " + std::to_string(cost.block) + " " +
         std::to_string(cost.parallel);
}

std::optional<ScryptCost> parse_cost(std::string_view text) {
  const std::vector<std::string> parts = split(text, ' ');
  if (parts.size() != 3) return std::nullopt;
  const auto log_n = parse_number(parts[0]);
  const auto block = parse_number(parts[1]);
  const auto parallel = parse_number(parts[2]);
  if (!log_n || !block || !parallel) return std::nullopt;
  const ScryptCost cost{*log_n, *block, *parallel};
  if (!cost.acceptable() || format_cost(cost) != text) return std::nullopt;
  return cost;
}

std::string header_of(const SealedFile& file) {
  return std::string(
      encode_netstrings({kFormat, file.kind, format_cost(file.cost), file.salt, file.nonce})
          .view());
}

}  // namespace

SealedFile SealedFile::parse(std::string_view bytes, const std::string& path) {
  const auto parts = decode_netstrings(bytes);
  if (parts && !parts->empty() && parts->front() != kFormat &&
      parts->front().starts_with(kAnyFormat)) {
    throw Error(ErrorCode::Keyring,
                path + " was written by a newer prodaccess (" +
                    escape_for_terminal(parts->front().substr(0, 40)) + ")",
                {"upgrade prodaccess"});
  }
  const auto cost = parts && parts->size() == 6 ? parse_cost((*parts)[2]) : std::nullopt;
  if (!cost || parts->front() != kFormat || (*parts)[3].size() != kSaltSize ||
      (*parts)[4].size() != kSealNonceSize || (*parts)[5].size() < kSealTagSize) {
    throw Error(ErrorCode::Keyring, path + " is no secret store of prodaccess",
                {"put a copy of it back, or move it away to begin anew: mv " + shell_quote(path) +
                 " " + shell_quote(path + ".old")});
  }
  SealedFile file;
  file.kind = (*parts)[1];
  file.cost = *cost;
  file.salt = (*parts)[3];
  file.nonce = (*parts)[4];
  file.sealed = (*parts)[5];
  return file;
}

std::string SealedFile::serialise() const {
  return header_of(*this) + std::string(encode_netstrings({sealed}).view());
}

void SealedFile::close(const Secret& key, const SecretItems& items) {
  std::vector<std::string_view> parts;
  for (const auto& [name, secret] : items) {
    parts.emplace_back(name);
    parts.push_back(secret.view());
  }
  sealed = seal(key, nonce, header_of(*this), encode_netstrings(parts).view());
}

std::optional<SecretItems> SealedFile::open(const Secret& key) const {
  const std::optional<Secret> plain = unseal(key, nonce, header_of(*this), sealed);
  if (!plain) return std::nullopt;
  const auto parts = decode_netstrings(plain->view());
  if (!parts || parts->size() % 2 != 0) return std::nullopt;
  SecretItems items;
  for (std::size_t i = 0; i < parts->size(); i += 2) {
    items.insert_or_assign(std::string((*parts)[i]), Secret((*parts)[i + 1]));
  }
  return items;
}

EncryptedFile::EncryptedFile(Files& files, Random& random, std::filesystem::path path,
                             std::unique_ptr<StoreKey> key)
    : files_(files), random_(random), path_(std::move(path)), key_(std::move(key)) {}

std::optional<SealedFile> EncryptedFile::read_file() {
  const auto bytes = files_.read(path_, Owner::Me, kLargestFile);
  if (!bytes) return std::nullopt;
  SealedFile file = SealedFile::parse(*bytes, escape_for_terminal(path_.string()));
  if (file.kind != key_->kind()) {
    throw Error(ErrorCode::Keyring,
                escape_for_terminal(path_.string()) + " is opened by " +
                    escape_for_terminal(file.kind) + ", not by " + key_->kind(),
                {"set [stores] passphrase_from to what it was made with"});
  }
  return file;
}

const Secret& EncryptedFile::key_for(const SealedFile& file, StoreFile is_new) {
  if (derived_.empty() || derived_salt_ != file.salt) {
    derived_ = key_->derive(file.salt, file.cost, is_new);
    derived_salt_ = file.salt;
  }
  return derived_;
}

SecretItems EncryptedFile::open(const SealedFile& file) {
  auto items = file.open(key_for(file, StoreFile::Existing));
  if (items) return std::move(*items);
  derived_ = Secret();
  throw Error(ErrorCode::Keyring,
              escape_for_terminal(path_.string()) + " does not open: " + key_->wrong_key_words() +
                  ", or the file was changed",
              {"the passphrase, key file or key of [stores] passphrase_from must be the one it was "
               "made with"});
}

SecretItems EncryptedFile::items() {
  const auto file = read_file();
  return file ? open(*file) : SecretItems();
}

bool EncryptedFile::try_change(SealedFile& known, const std::function<void(SecretItems&)>& change) {
  const auto lock = files_.lock(path_.string() + ".lock", kLockPatience);
  std::optional<SealedFile> current = read_file();
  if (current && current->salt != known.salt) {
    known = std::move(*current);
    return false;
  }
  SecretItems items = current ? open(*current) : SecretItems();
  change(items);
  known.nonce = random_.bytes(kSealNonceSize);
  known.close(derived_, items);
  files_.write(path_, known.serialise());
  return true;
}

void EncryptedFile::change(const std::function<void(SecretItems&)>& change) {
  files_.make_folder(path_.parent_path());
  std::optional<SealedFile> found = read_file();
  StoreFile is_new = found ? StoreFile::Existing : StoreFile::New;
  SealedFile file = found ? std::move(*found) : SealedFile{};
  if (is_new == StoreFile::New) {
    file.kind = key_->kind();
    file.salt = random_.bytes(kSaltSize);
  }
  // Once more where another process made the file meanwhile.
  for (int attempt = 0; attempt < 3; ++attempt) {
    key_for(file, is_new);
    if (try_change(file, change)) return;
    is_new = StoreFile::Existing;
  }
  throw Error(ErrorCode::Keyring, escape_for_terminal(path_.string()) + " keeps being replaced");
}

void EncryptedFile::put(const std::string& key, std::string_view secret) {
  change([&](SecretItems& items) { items.insert_or_assign(key, Secret(secret)); });
}

std::optional<Secret> EncryptedFile::get(const std::string& key) {
  SecretItems all = items();
  const auto found = all.find(key);
  if (found == all.end()) return std::nullopt;
  return std::move(found->second);
}

void EncryptedFile::erase(const std::string& key) {
  if (!read_file()) return;
  change([&](SecretItems& items) { items.erase(key); });
}

std::vector<std::string> EncryptedFile::keys() {
  std::vector<std::string> names;
  for (const auto& [name, ignored] : items()) names.push_back(name);
  return names;
}

}  // namespace prodaccess
