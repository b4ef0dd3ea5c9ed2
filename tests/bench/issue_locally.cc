// For the end-to-end tests: the embedded authority with its key in a plain file, so that a test can
// hold what `exec` would never let out of memory.
//
//   issue_locally FOLDER issue NAME SECONDS   role table on stdin; NAME, NAME-cert.pub, NAME.handle
//   issue_locally FOLDER revoke NAME
//   issue_locally FOLDER export               ca.pub, revoked.krl, jwks.json, denied.json
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "providers/local/local_provider.h"
#include "providers/local/signed_token.h"

using namespace prodaccess;

namespace {

std::string read_all(std::istream& from) {
  return {std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
}

void write_all(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
  std::filesystem::permissions(path, std::filesystem::perms(0600));
}

class PlainFileStore final : public DurableStore {
 public:
  explicit PlainFileStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::string name() const override { return "test"; }
  void put(const std::string& key, std::string_view secret) override {
    write_all(folder_ / key, secret);
  }
  std::optional<Secret> get(const std::string& key) override {
    std::ifstream file(folder_ / key, std::ios::binary);
    if (!file) return std::nullopt;
    return Secret(read_all(file));
  }
  void erase(const std::string& key) override { std::filesystem::remove(folder_ / key); }
  std::vector<std::string> keys() override { return {}; }

 private:
  std::filesystem::path folder_;
};

struct Bench {
  explicit Bench(std::filesystem::path where) : folder(std::move(where)) {}
  std::filesystem::path folder;
  PlainFileStore store{folder};
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<Files> files = make_system_files();
  LocalProvider provider{[this]() -> DurableStore& { return store; }, *files, clock, random,
                         folder / "state"};
};

void issue(Bench& bench, const std::string& name, long seconds) {
  Role role;
  role.name = "test";
  role.parameters = parse_toml(read_all(std::cin), "stdin", ErrorCode::Config);
  IssueRequest request{
      role, {}, "ana", "0123456789abcdef", Tier::Wide, bench.clock.wall_now() + Seconds{seconds}};
  request.access.reason = "INC-42";
  const Issued issued = bench.provider.issue(request, [](const std::string&) {});
  write_all(bench.folder / (name + ".handle"), issued.credential.handle);
  for (const auto& [field, value] : issued.credential.fields) {
    const std::string suffix = field == "private_key"   ? ""
                               : field == "certificate" ? "-cert.pub"
                                                        : "." + field;
    write_all(bench.folder / (name + suffix),
              std::string(value.view()) + (field == "certificate" ? "\n" : ""));
  }
}

void export_all(Bench& bench) {
  const RevocationList list = bench.provider.revocations().list();
  Authority& authority = bench.provider.authority();
  write_all(bench.folder / "ca.pub", authority.ssh_authority_line() + "\n");
  write_all(bench.folder / "revoked.krl",
            ssh_revocation_list(list, authority.ssh_key_blob(), bench.clock.wall_now()));
  write_all(bench.folder / "jwks.json",
            canonical_json(json_web_key_set(authority.key().public_key())));
  write_all(bench.folder / "denied.json",
            canonical_json(denied_tokens(list, "prodaccess-local", bench.clock.wall_now())));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    Bench bench(words.at(0));
    if (words.at(1) == "issue") issue(bench, words.at(2), std::stol(words.at(3)));
    if (words.at(1) == "export") export_all(bench);
    if (words.at(1) == "revoke") {
      std::ifstream handle(bench.folder / (words.at(2) + ".handle"));
      bench.provider.revoke(Role{}, read_all(handle), nullptr);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "issue_locally: %s\n", error.what());
    return 1;
  }
}
