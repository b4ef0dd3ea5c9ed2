// LedgerFixture: a ledger in a folder of its own that is gone afterwards, with a clock that the
// test sets and a signing key that it knows.
#pragma once

#include <sys/wait.h>

#include <fstream>
#include <sstream>

#include "core/base/text.h"
#include "core/ledger/ledger.h"
#include "core/ledger/segment.h"

namespace prodaccess {

class FixtureClock final : public Clock {
 public:
  WallTime wall_now() const override { return wall; }
  BootTime boot_now() const override { return BootTime{Milliseconds{1000}}; }
  std::string boot_id() const override { return "11111111-2222-3333-4444-555555555555"; }
  WallTime wall = *parse_rfc3339("2026-03-01T12:00:00Z");
};

class LedgerFixture {
 public:
  LedgerFixture() {
    std::string pattern = "/tmp/prodaccess-ledger-XXXXXX";
    root_ = mkdtemp(pattern.data());
    options.folder = folder();
    options.actor = {1000, "ana", IdentityClass::Human, "bastion"};
    // Made when asked for: the pages of a Secret are not there in forked children.
    options.signer = [] {
      return CheckpointSigner{std::make_shared<const Ed25519Key>(Secret(std::string(32, 'k'))),
                              "durable"};
    };
  }
  ~LedgerFixture() { std::filesystem::remove_all(root_); }
  LedgerFixture(const LedgerFixture&) = delete;
  LedgerFixture& operator=(const LedgerFixture&) = delete;

  std::filesystem::path folder() const { return root_ / "ledger"; }
  std::filesystem::path root() const { return root_; }
  std::unique_ptr<Ledger> open() { return open_ledger(options, clock); }

  static LedgerRecord record(RecordKind kind, const std::string& session) {
    LedgerRecord record;
    record.kind = kind;
    record.session = session;
    record.role = "ops";
    return record;
  }
  static LedgerRecord intent(const std::string& session) {
    LedgerRecord made = record(RecordKind::Intent, session);
    made.text = {{"action", "exec"}, {"reason", "INC-42 \xC3\xA9 \xFF"}};
    made.detail_json = R"({"argv":["aws","s3","ls"]})";
    return made;
  }

  std::string content(std::uint64_t segment = 1) const {
    std::ifstream file(folder() / segment_name(segment));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // The lines of all segments.
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (std::uint64_t segment = 1; std::filesystem::exists(folder() / segment_name(segment));
         ++segment) {
      for (std::string& line : split(content(segment), '\n')) {
        if (!line.empty()) all.push_back(std::move(line));
      }
    }
    return all;
  }
  void overwrite(std::size_t offset, const std::string& bytes, std::uint64_t segment = 1) const {
    std::fstream file(folder() / segment_name(segment), std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
  }

  FixtureClock clock;
  LedgerOptions options;

 private:
  std::filesystem::path root_;
};

}  // namespace prodaccess
