#include "core/os/encrypted_file.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/netstring.h"
#include "core/base/text.h"
#include "tests/fakes/memory_files.h"

using namespace prodaccess;

namespace {

// A key that needs nobody.
class GivenKey final : public StoreKey {
 public:
  explicit GivenKey(std::string secret, std::string kind = "key-file")
      : secret_(std::move(secret)), kind_(std::move(kind)) {}
  std::string kind() const override { return kind_; }
  Secret derive(std::string_view salt, ScryptCost, StoreFile) override {
    return key_from_secret(secret_, salt, "test");
  }
  std::string wrong_key_words() const override { return "the key is another one"; }

 private:
  std::string secret_;
  std::string kind_;
};

struct Fixture {
  MemoryFiles files;
  SystemRandom random;
  const std::filesystem::path path = "/state/store";

  EncryptedFile store(const std::string& secret = "s", const std::string& kind = "key-file") {
    return {files, random, path, std::make_unique<GivenKey>(secret, kind)};
  }
};

template <typename Act>
std::string error_of(const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    return std::string(code_name(error.code())) + ": " + error.what();
  }
  return "";
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "secrets are kept, replaced, listed and erased, and never in the clear") {
  CHECK(store().keys().empty());
  CHECK_FALSE(store().get("a"));
  store().erase("a");
  CHECK(files.content.empty());
  store().put("a", "canary-one");
  store().put("b", std::string_view("canary\0two", 10));
  store().put("a", "canary-three");
  CHECK(store().get("a")->view() == "canary-three");
  CHECK(store().get("b")->view() == std::string_view("canary\0two", 10));
  CHECK(store().keys() == std::vector<std::string>{"a", "b"});
  CHECK(files.content.at(path).find("canary") == std::string::npos);
  store().erase("a");
  store().erase("a");
  CHECK(store().keys() == std::vector<std::string>{"b"});
}

TEST_CASE_FIXTURE(Fixture, "no two files are sealed with the same nonce") {
  store().put("a", "x");
  const std::string first = files.content.at(path);
  store().put("a", "x");
  CHECK(files.content.at(path) != first);
  CHECK(SealedFile::parse(files.content.at(path), "f").nonce !=
        SealedFile::parse(first, "f").nonce);
}

TEST_CASE_FIXTURE(Fixture, "another key, or any changed byte, opens nothing") {
  store().put("a", "canary");
  const std::string good = files.content.at(path);
  CHECK(error_of([&] { store("other").get("a"); }) ==
        "keyring_unavailable: /state/store does not open: the key is another one, or the file was "
        "changed");
  CHECK(error_of([&] { store("s", "passphrase").get("a"); }) ==
        "keyring_unavailable: /state/store is opened by key-file, not by passphrase");
  for (std::size_t i = 0; i < good.size(); ++i) {
    CAPTURE(i);
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    files.content[path] = bad;
    CHECK(error_of([&] { store().get("a"); }).starts_with("keyring_unavailable: "));
    CHECK(error_of([&] { store().put("b", "x"); }).starts_with("keyring_unavailable: "));
    CHECK(files.content.at(path) == bad);
    files.content[path] = good.substr(0, i);
    CHECK(error_of([&] { store().get("a"); }).starts_with("keyring_unavailable: "));
  }
}

TEST_CASE_FIXTURE(Fixture, "a newer format is refused in one line") {
  files.put(path, "18:prodaccess-store 2,1:x,");
  CHECK(error_of([&] { store().keys(); }) ==
        "keyring_unavailable: /state/store was written by a newer prodaccess (prodaccess-store 2)");
}

TEST_CASE_FIXTURE(Fixture, "a cost that would take all memory is refused") {
  store().put("a", "x");
  std::string text = files.content.at(path);
  text.replace(text.find("6:16 8 1,"), 9, "6:63 8 1,");
  CHECK(error_of([&] { SealedFile::parse(text, "f"); }) ==
        "keyring_unavailable: f is no secret store of prodaccess");
}

TEST_CASE_FIXTURE(Fixture, "on a full disk the old file stays") {
  store().put("a", "x");
  const std::string good = files.content.at(path);
  files.disk_full = true;
  CHECK(error_of([&] { store().put("a", "y"); }).starts_with("system_failed: "));
  CHECK(files.content.at(path) == good);
}

TEST_CASE_FIXTURE(Fixture,
                  "a passphrase is asked for twice at first, once later, never at a lock") {
  std::vector<std::string> asked;
  std::vector<std::string> answers;
  const auto with_passphrase = [&] {
    return EncryptedFile(files, random, path,
                         make_store_key(
                             "prompt", files,
                             [&](const std::string& question) {
                               CHECK(files.held.empty());
                               asked.push_back(question);
                               const Secret answer(answers.front());
                               answers.erase(answers.begin());
                               return answer.duplicate();
                             },
                             ""));
  };
  answers = {"short"};
  CHECK(error_of([&] { with_passphrase().put("a", "x"); }).find("at least 8") != std::string::npos);
  answers = {"long enough", "long enougH"};
  CHECK(error_of([&] { with_passphrase().put("a", "x"); }).find("differ") != std::string::npos);
  answers = {"long enough", "long enough"};
  auto store = with_passphrase();
  store.put("a", "x");
  store.put("b", "y");
  CHECK(asked.size() == 5);
  answers = {"long enough"};
  CHECK(with_passphrase().get("b")->view() == "y");
  answers = {"wrong one"};
  CHECK(error_of([&] { with_passphrase().get("b"); }).find("the passphrase is wrong") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a key file must be there and long enough") {
  const auto with_file = [&] {
    return EncryptedFile(files, random, path, make_store_key("key-file:/key", files, {}, ""));
  };
  CHECK(error_of([&] { with_file().put("a", "x"); }) ==
        "keyring_unavailable: there is no key file /key for the secret store");
  files.put("/key", std::string(31, 'k'));
  CHECK(error_of([&] { with_file().put("a", "x"); }).find("too short") != std::string::npos);
  files.put("/key", std::string(32, 'k'));
  with_file().put("a", "x");
  CHECK(with_file().get("a")->view() == "x");
  for (const char* bad : {"", "file", "key-file:relative", "key-file:", "PROMPT"}) {
    CAPTURE(bad);
    CHECK(error_of([&] { make_store_key(bad, files, {}, ""); }).starts_with("keyring_unavailable"));
  }
  CHECK(error_of([&] {
          EncryptedFile(files, random, "/state/other",
                        make_store_key("ssh-agent:SHA256:x", files, {}, ""))
              .put("a", "x");
        }).find("ssh-agent is not running") != std::string::npos);
}
