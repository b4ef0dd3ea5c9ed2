#include "core/ledger/locks.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/os/files.h"

using namespace prodaccess;

namespace {

const WallTime kNow = *parse_rfc3339("2026-03-01T12:00:00Z");

Ed25519Key team_key() { return Ed25519Key(Secret(std::string(32, 't'))); }

LockList list_of(std::uint64_t number, std::vector<Lock> locks) {
  LockList list;
  list.number = number;
  list.time = kNow;
  list.locks = std::move(locks);
  sign_lock_list(list, team_key(), "response-team");
  return list;
}

struct Folder {
  Folder() {
    std::string pattern = "/tmp/prodaccess-locks-XXXXXX";
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

LockSettings settings_for() {
  LockSettings settings;
  settings.signers = {VerifierKey{"response-team", team_key().public_key()}};
  return settings;
}

}  // namespace

TEST_CASE("locks: a list is what was signed, bit for bit") {
  const LockList list = list_of(12, {{"person", "ana", "laptop stolen", std::nullopt},
                                     {"role", "ops", "", kNow + Seconds{60}}});
  const std::string text = list.text();
  const auto parsed = parse_lock_list(text);
  REQUIRE(parsed);
  CHECK(parsed->text() == text);
  const VerifierKey key{"response-team", team_key().public_key()};
  CHECK(parsed->signed_by(key));
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto other = parse_lock_list(damaged);
    const bool believed = other && other->signed_by(key);
    CHECK_FALSE(believed);
  }
}

TEST_CASE("locks: people, roles, hosts and everybody can be stopped, also for a time") {
  const LockSubject ana{"ana", "ops", "bastion"};
  CHECK(list_of(1, {{"person", "ana", "", std::nullopt}}).stopping(ana, kNow));
  CHECK(list_of(1, {{"role", "ops", "", std::nullopt}}).stopping(ana, kNow));
  CHECK(list_of(1, {{"host", "bastion", "", std::nullopt}}).stopping(ana, kNow));
  CHECK(list_of(1, {{"all", "", "", std::nullopt}}).stopping(ana, kNow));
  CHECK_FALSE(list_of(1, {{"person", "bob", "", std::nullopt}}).stopping(ana, kNow));
  CHECK_FALSE(list_of(1, {{"person", "ana", "", kNow}}).stopping(ana, kNow));
  CHECK(list_of(1, {{"person", "ana", "", kNow}}).stopping(ana, kNow - Seconds{1}));
}

TEST_CASE("locks: the guard believes only signed lists that do not go backwards") {
  Folder folder;
  const auto files = make_system_files();
  LockGuard guard(*files, settings_for(), folder.path);
  const LockSubject ana{"ana", "ops", "bastion"};
  CHECK(guard.check(ana, kNow) != "");  // a list is configured and missing
  CHECK(guard.replace(list_of(2, {{"person", "ana", "", std::nullopt}}).text()) == 2);
  CHECK_THROWS_AS(guard.check(ana, kNow), Error);
  CHECK_THROWS_AS(guard.replace(list_of(1, {}).text()), Error);
  LockList forged = list_of(3, {});
  sign_lock_list(forged, Ed25519Key(Secret(std::string(32, 'x'))), "response-team");
  CHECK_THROWS_AS(guard.replace(forged.text()), Error);
  CHECK(guard.replace(list_of(3, {}).text()) == 3);
  CHECK(guard.check(ana, kNow) == "");
  // An older list put in the file's place by other means is not believed either.
  files->write(guard.file(), list_of(2, {}).text());
  CHECK_THROWS_AS(guard.check(ana, kNow), Error);
}

TEST_CASE("locks: a list that is too old stops all where the site says strict") {
  Folder folder;
  const auto files = make_system_files();
  LockSettings settings = settings_for();
  settings.stale_after = Seconds{3600};
  LockGuard lenient(*files, settings, folder.path);
  lenient.replace(list_of(1, {}).text());
  CHECK(lenient.check({"ana", "ops", "bastion"}, kNow + Seconds{7200}) != "");
  settings.strict = true;
  LockGuard strict(*files, settings, folder.path);
  CHECK(strict.check({"ana", "ops", "bastion"}, kNow) == "");
  CHECK_THROWS_AS(strict.check({"ana", "ops", "bastion"}, kNow + Seconds{7200}), Error);
}
