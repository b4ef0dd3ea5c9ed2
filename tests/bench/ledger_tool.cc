// A writer of ledgers for the tests and benchmarks:
//
//   ledger_tool append FOLDER SESSIONS [checkpoint_every [segment_size]]
//       a durable intent and two written records each; prints "acknowledged N" after each intent
//   ledger_tool issued FOLDER HANDLE GRANT
//       a request that was given
//   ledger_tool recorded FOLDER SESSION FILE SHA256
//       the records of a session whose recording is FILE
//   ledger_tool bulk FOLDER RECORDS      as fast as it goes
//   ledger_tool time FOLDER SESSIONS     median microseconds of a durable intent and of a record
//   ledger_tool verify                   for each line of standard input, a folder, one of JSON:
//   what
//       `audit verify` says of it
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <nlohmann/json.hpp>

#include "cli/last_words.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/ledger/anchor.h"
#include "core/ledger/ledger.h"
#include "core/ledger/verify.h"

using namespace prodaccess;

namespace {

LedgerRecord record(RecordKind kind, const std::string& session) {
  LedgerRecord made;
  made.kind = kind;
  made.session = session;
  made.grant = "7f3a000000000000";
  made.role = "ops";
  return made;
}

LedgerRecord intent(const std::string& session) {
  LedgerRecord made = record(RecordKind::Intent, session);
  made.text = {{"action", "exec"}, {"effect", "read"}, {"verdict", "allow"}, {"rule", "built-in"}};
  made.detail_json =
      R"({"argv":["aws","ec2","describe-instances","--instance-ids","i-0abc"],"targets":["i-0abc"]})";
  return made;
}

std::int64_t microseconds_of(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               start)
      .count();
}

std::int64_t median(std::vector<std::int64_t> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

void append(Ledger& ledger, int sessions) {
  for (int i = 0; i < sessions; ++i) {
    const std::string session = std::to_string(getpid()) + "-" + std::to_string(i);
    const std::uint64_t sequence = ledger.append(intent(session), Durability::Durable);
    std::printf("acknowledged %llu\n", static_cast<unsigned long long>(sequence));
    std::fflush(stdout);
    ledger.append(record(RecordKind::Started, session), Durability::Written);
    ledger.append(record(RecordKind::Ended, session), Durability::Written);
  }
}

void issued(Ledger& ledger, const std::string& handle, const std::string& grant) {
  LedgerRecord asked = record(RecordKind::Intent, "i" + grant);
  asked.grant = grant;
  asked.text = {{"action", "request"}, {"reason", "INC-42"}, {"ticket", "INC-42"}};
  asked.numbers = {{"ttl_seconds", 1800}};
  ledger.append(asked, Durability::Durable);
  for (const RecordKind kind : {RecordKind::Issued, RecordKind::Stored}) {
    LedgerRecord step = record(kind, asked.session);
    step.grant = grant;
    if (kind == RecordKind::Issued) step.text = {{"handle", handle}, {"provider", "test"}};
    ledger.append(step, Durability::Durable);
  }
}

void recorded(Ledger& ledger, const std::string& session, const std::string& file,
              const std::string& hash) {
  ledger.append(intent(session), Durability::Durable);
  LedgerRecord ended = record(RecordKind::Ended, session);
  ended.text = {{"recording", file}, {"recording_sha256", hash}};
  ledger.append(ended, Durability::Durable);
}

void bulk(Ledger& ledger, int records) {
  for (int i = 0; i < records / 3; ++i) {
    const std::string session = std::to_string(i);
    ledger.append(intent(session), Durability::Written);
    ledger.append(record(RecordKind::Started, session), Durability::Written);
    ledger.append(record(RecordKind::Ended, session), Durability::Written);
  }
}

void time_appends(Ledger& ledger, int sessions) {
  std::vector<std::int64_t> durable;
  std::vector<std::int64_t> written;
  for (int i = 0; i < sessions; ++i) {
    const std::string session = "t" + std::to_string(i);
    durable.push_back(
        microseconds_of([&] { ledger.append(intent(session), Durability::Durable); }));
    written.push_back(microseconds_of(
        [&] { ledger.append(record(RecordKind::Ended, session), Durability::Written); }));
  }
  std::printf("durable %lld written %lld\n", static_cast<long long>(median(durable)),
              static_cast<long long>(median(written)));
}

// The keys of verify come from the anchor alone, as they do where none is given by hand.
void verify_each() {
  for (std::string folder; std::getline(std::cin, folder);) {
    VerifyOptions options;
    options.anchors = read_anchors(folder);
    const IntegrityReport report = verify_ledger(folder, options);
    Json json = {{"verdict", integrity_verdict_name(report.verdict)}};
    if (report.finding) {
      json["record"] = report.finding->record;
      json["class"] = integrity_fault_name(report.finding->fault);
    } else {
      json.update({{"proven", report.proven}, {"records", report.records}, {"torn", report.torn}});
    }
    std::cout << json.dump() << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 2 && std::string(argv[1]) == "verify") {
    verify_each();
    return 0;
  }
  if (argc < 4) return 2;
  const std::string mode = argv[1];
  const SystemClock clock;
  LedgerOptions options;
  options.folder = argv[2];
  options.actor = {1000, "ana", IdentityClass::Human, "bastion"};
  // A key that the tests know.
  options.signer = [] {
    return CheckpointSigner{std::make_shared<const Ed25519Key>(Secret(std::string(32, 'k'))),
                            "durable"};
  };
  if (mode == "issued") {
    if (argc < 5) return 2;
    issued(*open_ledger(options, clock), argv[3], argv[4]);
    return 0;
  }
  if (mode == "recorded") {
    if (argc < 6) return 2;
    recorded(*open_ledger(options, clock), argv[3], argv[4], argv[5]);
    return 0;
  }
  if (argc > 4) options.checkpoint_every = std::strtoull(argv[4], nullptr, 10);
  if (argc > 5) options.segment_size = std::strtoull(argv[5], nullptr, 10);
  const auto ledger = open_ledger(options, clock);
  const int count = std::atoi(argv[3]);
  if (mode == "append") append(*ledger, count);
  if (mode == "bulk") bulk(*ledger, count);
  if (mode == "time") time_appends(*ledger, count);
  ledger->sync();
  return 0;
} catch (const std::bad_alloc&) {
  return say_out_of_memory();
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
