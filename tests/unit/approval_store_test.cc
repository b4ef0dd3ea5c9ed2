#include "core/grant/approval_store.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "tests/fakes/memory_files.h"

using namespace prodaccess;

namespace {

const WallTime kNow = parse_rfc3339("2026-06-01T12:00:00Z").value();

ApprovalStatement asked(char nonce, const std::string& word = "api") {
  ApprovalStatement statement;
  statement.argv = {"kubectl", "delete", word};
  statement.not_before = kNow;
  statement.not_after = kNow + Seconds{3600};
  statement.nonce = std::string(32, nonce);
  return statement;
}

struct Stored {
  Stored() { files.make_folder("/state"); }
  MemoryFiles files;
  ApprovalStore store{files, "/state/approvals"};
};

}  // namespace

TEST_CASE_FIXTURE(Stored, "the same question asked again is the first request") {
  const auto first = store.write_request(asked('a'), kNow);
  CHECK(first == "/state/approvals/requests/req-aaaaaaaa.json");
  CHECK(store.write_request(asked('b'), kNow) == first);
  CHECK(store.write_request(asked('c', "web"), kNow) != first);
  CHECK(store.requests(kNow).size() == 2);
  CHECK(store.requests(kNow + Seconds{3600}).empty());
  CHECK(store.write_request(asked('d'), kNow + Seconds{3600}) != first);
}

TEST_CASE_FIXTURE(Stored, "an approval serves once, for good") {
  const ApprovalStatement statement = asked('a');
  store.write_request(statement, kNow);
  CHECK_FALSE(store.is_used(statement.nonce));
  store.use(statement);
  CHECK(store.is_used(statement.nonce));
  CHECK(store.requests(kNow).empty());
  CHECK_THROWS_AS(store.use(statement), Error);
  CHECK(store.write_request(asked('b'), kNow) == "/state/approvals/requests/req-bbbbbbbb.json");
  store.use(asked('b'));
  CHECK(store.is_used(statement.nonce));
}

TEST_CASE("approvals are found by their nonce among other texts") {
  const ApprovalStatement statement = asked('a');
  const std::vector<std::string> texts{"garbage", statement_line(asked('b')),
                                       statement_line(statement), statement.nonce};
  CHECK(approvals_of(texts, statement.nonce).size() == 1);
}
