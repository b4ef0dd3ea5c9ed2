#include "core/os/store_key.h"

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"
#include "core/os/ssh_agent_client.h"

namespace prodaccess {
namespace {

constexpr std::size_t kShortestPassphrase = 8;
constexpr std::size_t kShortestKeyFile = 32;

class PassphraseKey final : public StoreKey {
 public:
  explicit PassphraseKey(AskSecret ask) : ask_(std::move(ask)) {}

  std::string kind() const override { return "passphrase"; }

  Secret derive(std::string_view salt, ScryptCost cost, StoreFile file) override {
    const Secret passphrase =
        file == StoreFile::New ? ask_twice() : ask_("Passphrase of the secret store");
    return key_from_passphrase(passphrase.view(), salt, cost);
  }

  std::string wrong_key_words() const override { return "the passphrase is wrong"; }

 private:
  Secret ask_twice() {
    Secret passphrase = ask_("New passphrase for the secret store");
    if (passphrase.size() < kShortestPassphrase) {
      throw Error(ErrorCode::Keyring, "a passphrase needs at least 8 characters",
                  {"run it again with a longer one"});
    }
    if (!equal_in_constant_time(ask_("The same passphrase again").view(), passphrase.view())) {
      throw Error(ErrorCode::Keyring, "the two passphrases differ",
                  {"run it again, and type the same twice"});
    }
    return passphrase;
  }

  AskSecret ask_;
};

class FileKey final : public StoreKey {
 public:
  FileKey(Files& files, std::filesystem::path path) : files_(files), path_(std::move(path)) {}

  std::string kind() const override { return "key-file"; }

  Secret derive(std::string_view salt, ScryptCost, StoreFile) override {
    const std::optional<Secret> content = files_.read_secret(path_, 1U << 16);
    const std::string shown = escape_for_terminal(path_.string());
    const std::string make =
        "(umask 077; head -c 32 /dev/urandom | base64 > " + shell_quote(shown) + ")";
    if (!content) {
      throw Error(ErrorCode::Keyring, "there is no key file " + shown + " for the secret store",
                  {"make one, and keep a copy: " + make});
    }
    if (content->size() < kShortestKeyFile) {
      throw Error(ErrorCode::Keyring,
                  "the key file " + shown + " is too short: 32 bytes at least, and random ones",
                  {"make a new one: " + make});
    }
    return key_from_secret(content->view(), salt, "prodaccess store: key file");
  }

  std::string wrong_key_words() const override {
    return "the key file " + escape_for_terminal(path_.string()) + " is another one";
  }

 private:
  Files& files_;
  std::filesystem::path path_;
};

class SshKey final : public StoreKey {
 public:
  SshKey(std::string socket, std::string fingerprint)
      : socket_(std::move(socket)), fingerprint_(std::move(fingerprint)) {}

  std::string kind() const override { return "ssh-agent"; }

  Secret derive(std::string_view salt, ScryptCost, StoreFile file) override {
    SshAgentClient agent(socket_);
    const AgentKey key = find(agent);
    const std::string text = "prodaccess secret store v1\n" + hex(salt) + "\n";
    const Secret signature = sign(agent, key, text);
    if (file == StoreFile::New && sign(agent, key, text).view() != signature.view()) {
      fail_kind("signs");
    }
    return key_from_secret(signature.view(), salt, "prodaccess store: ssh signature");
  }

  std::string wrong_key_words() const override {
    return "the ssh key " + shown() + " is another one";
  }

 private:
  std::string shown() const { return escape_for_terminal(fingerprint_); }

  [[noreturn]] void fail_kind(const std::string& what) const {
    throw Error(ErrorCode::Keyring,
                "the ssh key " + shown() + " " + what + " differently each time",
                {"use an ed25519 or RSA key: ssh-keygen -t ed25519"});
  }

  static Secret sign(SshAgentClient& agent, const AgentKey& key, const std::string& text) {
    std::string signature = agent.sign(key, text);
    Secret kept(signature);
    wipe(signature.data(), signature.size());
    return kept;
  }

  AgentKey find(SshAgentClient& agent) const {
    for (AgentKey& key : agent.keys()) {
      if (ssh_fingerprint(key.blob) != fingerprint_) continue;
      const std::string type(SshReader(key.blob).string());
      if (type != kSshEd25519 && type != "ssh-rsa") {
        fail_kind("is of type " + escape_for_terminal(type) + " and signs");
      }
      return std::move(key);
    }
    throw Error(ErrorCode::Keyring, "the ssh-agent does not hold the key " + shown(),
                {"see what it holds: ssh-add -l", "add it: ssh-add FILE"});
  }

  std::string socket_;
  std::string fingerprint_;
};

}  // namespace

std::unique_ptr<StoreKey> make_store_key(const std::string& passphrase_from, Files& files,
                                         AskSecret ask, const std::string& agent_socket) {
  const auto after = [&](std::string_view prefix) -> std::optional<std::string> {
    if (!passphrase_from.starts_with(prefix)) return std::nullopt;
    return passphrase_from.substr(prefix.size());
  };
  if (passphrase_from == "prompt") return std::make_unique<PassphraseKey>(std::move(ask));
  if (const auto fingerprint = after("ssh-agent:")) {
    return std::make_unique<SshKey>(agent_socket, *fingerprint);
  }
  const auto path = after("key-file:");
  if (path && std::filesystem::path(*path).is_absolute()) {
    return std::make_unique<FileKey>(files, *path);
  }
  throw Error(ErrorCode::Keyring,
              passphrase_from.empty()
                  ? "the encrypted file store needs to know what opens it"
                  : "passphrase_from says no known way: " + escape_for_terminal(passphrase_from),
              {"[stores] passphrase_from = \"key-file:/ABSOLUTE/PATH\"",
               "or \"prompt\", or \"ssh-agent:SHA256:FINGERPRINT\" (ssh-add -l shows it)"});
}

}  // namespace prodaccess
