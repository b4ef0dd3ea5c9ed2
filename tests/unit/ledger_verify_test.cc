#include <doctest/doctest.h>

#include "core/ledger/verify.h"
#include "tests/unit/ledger_fixture.h"

using namespace prodaccess;

namespace {

VerifierKey fixture_key(const std::string& ledger) {
  return {origin_of(ledger), Ed25519Key(Secret(std::string(32, 'k'))).public_key()};
}

// A ledger of `sessions` finished sessions, with a checkpoint about every six records.
void fill(LedgerFixture& fixture, int sessions) {
  fixture.options.checkpoint_every = 6;
  const auto ledger = fixture.open();
  for (int i = 0; i < sessions; ++i) {
    const std::string session = "s" + std::to_string(i);
    ledger->append(fixture.intent(session), Durability::Durable);
    ledger->append(fixture.record(RecordKind::Started, session), Durability::Written);
    ledger->append(fixture.record(RecordKind::Ended, session), Durability::Written);
  }
}

std::vector<Anchor> anchors_of(const LedgerFixture& fixture) {
  std::ifstream file(anchor_path(fixture.folder()));
  std::stringstream text;
  text << file.rdbuf();
  const auto anchor = parse_anchor(text.str());
  return anchor ? std::vector<Anchor>{*anchor} : std::vector<Anchor>{};
}

std::string segment_text(const std::vector<std::string>& lines) { return join(lines, "\n") + "\n"; }

void replace_segment(const LedgerFixture& fixture, const std::vector<std::string>& lines) {
  std::ofstream file(fixture.folder() / segment_name(1), std::ios::trunc);
  file << segment_text(lines);
}

}  // namespace

TEST_CASE("verify: a whole ledger is proven by a trusted key, and only consistent without one") {
  LedgerFixture fixture;
  fill(fixture, 10);
  const IntegrityReport alone = verify_ledger(fixture.folder(), {});
  CHECK(alone.verdict == IntegrityVerdict::Unproven);
  CHECK(alone.checkpoints > 2);
  CHECK(alone.notes.size() == 1);
  VerifyOptions options;
  options.keys = {fixture_key(alone.ledger)};
  const IntegrityReport report = verify_ledger(fixture.folder(), options);
  CHECK(report.verdict == IntegrityVerdict::Proven);
  CHECK(report.proven > 20);
  CHECK(report.records == fixture.lines().size());
  VerifyOptions anchored;
  anchored.anchors = anchors_of(fixture);
  REQUIRE(anchored.anchors.size() == 1);
  const IntegrityReport by_anchor = verify_ledger(fixture.folder(), anchored);
  CHECK(by_anchor.verdict == IntegrityVerdict::Proven);
  CHECK(by_anchor.anchor_matches);
}

TEST_CASE("verify: each kind of damage has its name and place") {
  LedgerFixture fixture;
  fill(fixture, 10);
  const std::vector<std::string> lines = fixture.lines();
  VerifyOptions options;
  options.anchors = anchors_of(fixture);
  const auto check = [&](std::vector<std::string> damaged, IntegrityFault fault,
                         std::uint64_t record) {
    replace_segment(fixture, damaged);
    const IntegrityReport report = verify_ledger(fixture.folder(), options);
    CHECK(report.verdict == IntegrityVerdict::Broken);
    REQUIRE(report.finding);
    CHECK(integrity_fault_name(report.finding->fault) == integrity_fault_name(fault));
    CHECK(report.finding->record == record);
  };
  std::vector<std::string> changed = lines;
  changed[7].replace(changed[7].find("\"ops\""), 5, "\"dev\"");
  check(changed, IntegrityFault::Changed, 8);
  std::vector<std::string> missing = lines;
  missing.erase(missing.begin() + 4);
  check(missing, IntegrityFault::Missing, 5);
  std::vector<std::string> swapped = lines;
  std::swap(swapped[5], swapped[6]);
  check(swapped, IntegrityFault::Reordered, 6);
  std::vector<std::string> cut(lines.begin(), lines.end() - 1);
  check(cut, IntegrityFault::Cut, lines.size());
  std::vector<std::string> spliced = lines;
  const FormattedLine other =
      move_line(parse_line(lines[2]).view, 6, *parse_digest(parse_line(lines[4]).view.hash));
  spliced[5] = other.text;
  check(spliced, IntegrityFault::Forked, 7);
}

TEST_CASE("verify: a rewritten history is no other than the signed one, whoever signs it") {
  LedgerFixture fixture;
  fill(fixture, 10);
  const IntegrityReport honest = verify_ledger(fixture.folder(), {});
  VerifyOptions options;
  options.keys = {fixture_key(honest.ledger)};
  // The same program with a key of its own writes the history anew.
  std::filesystem::remove_all(fixture.folder());
  std::filesystem::remove(anchor_path(fixture.folder()));
  fixture.options.signer = [] {
    return CheckpointSigner{std::make_shared<const Ed25519Key>(Secret(std::string(32, 'x'))),
                            "durable"};
  };
  fill(fixture, 10);
  const IntegrityReport forged = verify_ledger(fixture.folder(), options);
  CHECK(forged.verdict == IntegrityVerdict::Broken);
  REQUIRE(forged.finding);
  CHECK(forged.finding->fault == IntegrityFault::Unsigned);
  VerifyOptions kept;
  kept.kept = honest.last_checkpoint;
  CHECK(verify_ledger(fixture.folder(), kept).verdict == IntegrityVerdict::Broken);
}

TEST_CASE("verify: every flipped bit of a sealed ledger is found") {
  LedgerFixture fixture;
  fill(fixture, 4);
  const std::string text = segment_text(fixture.lines());
  VerifyOptions options;
  options.anchors = anchors_of(fixture);
  REQUIRE(verify_ledger(fixture.folder(), options).verdict == IntegrityVerdict::Proven);
  std::size_t missed = 0;
  for (std::size_t bit = 0; bit < text.size() * 8; bit += 61) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream(fixture.folder() / segment_name(1), std::ios::trunc) << damaged;
    if (verify_ledger(fixture.folder(), options).verdict != IntegrityVerdict::Broken) ++missed;
  }
  CHECK(missed == 0);
}
