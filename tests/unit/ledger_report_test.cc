#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/ledger/export.h"
#include "core/ledger/maintenance.h"
#include "core/ledger/reconcile.h"
#include "core/ledger/report.h"
#include "core/ledger/sink.h"
#include "core/os/files.h"
#include "tests/unit/ledger_fixture.h"

using namespace prodaccess;

namespace {

LedgerRecord request(const std::string& session, const std::string& grant) {
  LedgerRecord record = LedgerFixture::record(RecordKind::Intent, session);
  record.grant = grant;
  record.text = {{"action", "request"}, {"reason", "INC-42"}, {"ticket", "INC-42"}};
  record.numbers["ttl_seconds"] = 1800;
  return record;
}

LedgerRecord command(const std::string& session, const std::string& effect) {
  LedgerRecord record = LedgerFixture::record(RecordKind::Intent, session);
  record.grant = "g1";
  record.text = {{"action", "exec"}, {"effect", effect}, {"verdict", "confirm"}};
  record.detail_json = R"({"argv":["rm","<b>&x"],"targets":["x"]})";
  return record;
}

// A request, a confirmed and an unconfirmed destructive command, a refused one, a revocation.
void tell_story(LedgerFixture& fixture) {
  const auto ledger = fixture.open();
  ledger->append(request("r1", "g1"), Durability::Durable);
  LedgerRecord issued = LedgerFixture::record(RecordKind::Issued, "r1");
  issued.grant = "g1";
  issued.text = {{"handle", "prodaccess-ana-1"}, {"provider", "aws"}};
  ledger->append(issued, Durability::Written);
  ledger->append(LedgerFixture::record(RecordKind::Stored, "r1"), Durability::Written);
  LedgerRecord confirmed = command("c1", "destructive");
  confirmed.text["confirmed"] = "typed";
  ledger->append(confirmed, Durability::Durable);
  LedgerRecord ended = LedgerFixture::record(RecordKind::Ended, "c1");
  ended.numbers["status"] = 0;
  ledger->append(ended, Durability::Written);
  LedgerRecord bare = command("c2", "destructive");
  bare.text["approved_by"] = "ana";
  ledger->append(bare, Durability::Durable);
  LedgerRecord refused = command("c3", "exfil");
  refused.kind = RecordKind::Refused;
  ledger->append(refused, Durability::Written);
}

ReportOptions options_for(const LedgerFixture& fixture) {
  ReportOptions options;
  options.framework = "soc2";
  options.from = fixture.clock.wall - std::chrono::hours{1};
  options.until = fixture.clock.wall + std::chrono::hours{1};
  options.made = fixture.clock.wall;
  options.ledgers = {fixture.folder()};
  return options;
}

std::vector<std::string> kinds_of(const AuditReport& report) {
  std::vector<std::string> kinds;
  for (const ReportException& exception : report.exceptions) kinds.push_back(exception.kind);
  std::sort(kinds.begin(), kinds.end());
  return kinds;
}

}  // namespace

TEST_CASE("report: population, exceptions and gaps are those of the records") {
  LedgerFixture fixture;
  tell_story(fixture);
  ReportOptions options = options_for(fixture);
  options.ledgers.push_back(fixture.root() / "other-machine");
  const AuditReport report = collect_report(options);
  REQUIRE(report.grants.size() == 1);
  CHECK(report.grants[0].reason == "INC-42");
  CHECK(report.grants[0].given);
  CHECK(report.grants[0].commands == 2);
  CHECK(report.commands.size() == 3);
  CHECK(report.sample.size() == 3);
  CHECK(kinds_of(report) == std::vector<std::string>{"outcome not known", "self-approval"});
  CHECK(report.gaps.size() >= 2);  // the other machine, the open command
}

TEST_CASE("report: the page is self-contained, and nothing of a record becomes markup") {
  LedgerFixture fixture;
  tell_story(fixture);
  const AuditReport report = collect_report(options_for(fixture));
  const std::string page = report_html(report);
  CHECK(page.find("<b>&x") == std::string::npos);
  CHECK(page.find("&lt;b&gt;&amp;x") != std::string::npos);
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("http://") == std::string::npos);
  CHECK(page.find("<svg") != std::string::npos);
  CHECK(report_markdown(report).find("## Exceptions") != std::string::npos);
  CHECK(report_json(report).at("population") == 3);
  for (const std::string& name : framework_names())
    CHECK_FALSE(framework_named(name).criteria.empty());
  CHECK_THROWS_AS(framework_named("none"), Error);
}

TEST_CASE("export: fields come out, formulas and names do not") {
  LedgerFixture fixture;
  fixture.options.actor.person = "=cmd()";
  tell_story(fixture);
  const Redactor redactor("0123456789abcdef");
  const Exporter plain(nullptr);
  const Exporter hidden(&redactor);
  std::size_t count = 0;
  for_each_record(fixture.folder(), {}, [&](const RecordEntry& entry) {
    ++count;
    CHECK(plain.jsonl(entry) == entry.line);
    CHECK(plain.csv(entry).find(",'=cmd(),") != std::string::npos);
    CHECK(hidden.csv(entry).find("cmd()") == std::string::npos);
    CHECK(hidden.jsonl(entry).find("=cmd()") == std::string::npos);
    const Json event = plain.ocsf(entry);
    CHECK(event.at("type_uid") ==
          event.at("class_uid").get<int>() * 100 + event.at("activity_id").get<int>());
    return true;
  });
  CHECK(count > 7);
}

TEST_CASE("prune: old segments become hashes, and the ledger is still proven") {
  LedgerFixture fixture;
  fixture.options.segment_size = 3000;
  fixture.options.checkpoint_every = 4;
  for (int i = 0; i < 12; ++i) {
    const auto ledger = fixture.open();
    const std::string session = "s" + std::to_string(i);
    ledger->append(fixture.intent(session), Durability::Durable);
    ledger->append(fixture.record(RecordKind::Ended, session), Durability::Written);
    fixture.clock.wall += std::chrono::hours{24};
  }
  VerifyOptions trust;
  trust.anchors = read_anchors(fixture.folder());
  const std::uint64_t before = verify_ledger(fixture.folder(), trust).records;
  const auto ledger = fixture.open();
  const PruneResult result =
      prune_ledger(fixture.folder(), *ledger, fixture.clock.wall - std::chrono::hours{24 * 6});
  REQUIRE_FALSE(result.segments.empty());
  CHECK(result.first == 1);
  CHECK_FALSE(std::filesystem::exists(fixture.folder() / segment_name(1)));
  trust.anchors = read_anchors(fixture.folder());
  const IntegrityReport report = verify_ledger(fixture.folder(), trust);
  CHECK(report.verdict == IntegrityVerdict::Proven);
  CHECK(report.pruned == result.last);
  CHECK(report.records == before + 1);
}

TEST_CASE("repair: a broken ledger is set aside whole, and the new one says why") {
  LedgerFixture fixture;
  tell_story(fixture);
  CHECK_THROWS_AS(repair_ledger(fixture.options, fixture.clock, "test"), Error);
  fixture.overwrite(fixture.content().find("INC-42"), "INC-43");
  const RepairResult result = repair_ledger(fixture.options, fixture.clock, "disk was swapped");
  CHECK(std::filesystem::exists(result.aside / segment_name(1)));
  const std::string second = fixture.lines()[1];  // the parse points into it
  const LineParse repaired = parse_line(second);
  CHECK(repaired.view.kind == "repaired");
  CHECK(repaired.view.data.find("\"class\":\"changed\"") != std::string_view::npos);
  fixture.open()->append(fixture.intent("after"), Durability::Durable);
}

TEST_CASE("reconcile: events under a grant are accounted for, others are listed") {
  LedgerFixture fixture;
  tell_story(fixture);
  const Reconciliation reconciliation({fixture.folder()});
  const std::string log = R"({"Records":[
    {"eventTime":"2026-03-01T12:10:00Z","eventName":"TerminateInstances","eventSource":"ec2",
     "userIdentity":{"arn":"arn:aws:sts::1:assumed-role/ops/prodaccess-ana-1"}},
    {"eventTime":"2026-03-01T23:10:00Z","eventName":"TerminateInstances","eventSource":"ec2",
     "userIdentity":{"arn":"arn:aws:sts::1:assumed-role/ops/prodaccess-ana-1"}},
    {"eventTime":"2026-03-01T12:10:00Z","eventName":"DeleteBucket","eventSource":"s3",
     "userIdentity":{"arn":"arn:aws:iam::1:user/root"}}]})";
  Reconciliation::Result result;
  reconciliation.compare(log, WallTime{}, WallTime::max(), result);
  CHECK(result.events == 3);
  CHECK(result.accounted == 1);
  REQUIRE(result.without_us.size() == 2);
  CHECK(result.without_us[1].action == "s3 DeleteBucket");
  CHECK_THROWS_AS(reconciliation.compare("what", WallTime{}, WallTime::max(), result), Error);
}

namespace {

class ScriptedTransport final : public SinkTransport {
 public:
  void send(const std::vector<std::string>& messages) override {
    if (broken) throw Error(ErrorCode::System, "connection refused");
    sent.insert(sent.end(), messages.begin(), messages.end());
  }
  bool broken = false;
  std::vector<std::string> sent;
};

}  // namespace

TEST_CASE("sink: what a dead sink missed comes when it lives again") {
  LedgerFixture fixture;
  tell_story(fixture);
  const auto files = make_system_files();
  SinkRunner runner(*files, fixture.clock, fixture.folder(), fixture.root());
  SinkSettings sink;
  sink.name = "siem";
  ScriptedTransport transport;
  transport.broken = true;
  const SinkProgress dead = runner.run(sink, transport, false);
  CHECK(dead.behind == fixture.lines().size());
  CHECK(dead.error == "connection refused");
  transport.broken = false;
  CHECK(runner.run(sink, transport, false).behind == fixture.lines().size());  // patience
  fixture.clock.wall += Seconds{2};
  CHECK(runner.run(sink, transport, false).behind == 0);
  CHECK(transport.sent.size() == fixture.lines().size());
  CHECK(runner.run(sink, transport, false).behind == 0);
  CHECK(transport.sent.size() == fixture.lines().size());
  CHECK(transport.sent[0].compare(0, 6, "<109>1") == 0);
}

TEST_CASE("sink: a webhook's signature is an HMAC over time and body") {
  CHECK(webhook_signature("key", WallTime{Seconds{1}}, "{}") ==
        "t=1,v1=" + hex(hmac_sha256("key", "1.{}")));
}
