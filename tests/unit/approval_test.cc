#include "core/policy/approval.h"

#include <doctest/doctest.h>

#include "core/base/ed25519.h"
#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"

using namespace prodaccess;

namespace {

const WallTime kNow = parse_rfc3339("2026-06-01T12:00:00Z").value();

ApprovalStatement deletion() {
  ApprovalStatement statement;
  statement.role = "ops";
  statement.account = "111122223333";
  statement.argv = {"kubectl", "delete", "deployment", "api", "a\nb", "\xff"};
  statement.program = "/usr/bin/kubectl";
  statement.folder = "/srv/shop";
  statement.files = {{"\xff/config", std::string(64, 'b')}, {"manifest", ""}};
  statement.variables = {{"KUBECONFIG", "\xff/config"}};
  statement.effect = "destructive";
  statement.preview = {{{"delete", "kube:shop/deployment/api"}}, {{"delete", 1}}};
  statement.rule = "built-in:destructive";
  statement.rules_digest = std::string(64, 'a');
  statement.machine = "web-1";
  statement.uid = 1000;
  statement.requester = "ana";
  statement.reason = "INC-42";
  statement.not_before = kNow - Seconds{60};
  statement.not_after = kNow + Seconds{1800};
  statement.nonce = std::string(32, '0');
  return statement;
}

// A key per name, in software.
Ed25519Key key_of(const std::string& name) {
  std::string seed = name;
  seed.resize(32, '.');
  return Ed25519Key(Secret(seed));
}

std::string key_line(const std::string& principal, const std::string& key) {
  return principal + " ssh-ed25519 " + base64(ssh_ed25519_blob(key_of(key).public_key())) + "\n";
}

std::string signed_by(const std::string& name, const std::string& line) {
  const Ed25519Key key = key_of(name);
  const std::string signature = SshWriter()
                                    .string(kSshEd25519)
                                    .string(key.sign(sshsig_signed_data(line, kApprovalNamespace)))
                                    .bytes();
  return sshsig_armor(ssh_ed25519_blob(key.public_key()), signature, kApprovalNamespace);
}

ApprovalFile approval(const std::vector<std::string>& names,
                      const ApprovalStatement& statement = deletion()) {
  std::string text = statement_line(statement);
  for (const std::string& name : names) text += signed_by(name, statement_line(statement));
  return parse_approval_file(text);
}

ApprovalSettings settings() {
  return read_approval_settings(parse_toml(R"(
allowed_signers = "/etc/prodaccess/allowed_signers"
[people]
ana = { uid = 1000 }
bob = { uid = 1001, principals = ["bob@example.com"] }
carol = { uid = 1002 }
[groups]
leads = ["bob", "ana"]
security = ["carol", "bob"]
)",
                                           "c", ErrorCode::Config));
}

const AllowedSigners& signers() {
  static const AllowedSigners all = AllowedSigners::parse(
      key_line("ana", "ana") + key_line("bob@example.com", "bob") + key_line("bob", "bob-2") +
          key_line("carol", "carol") + key_line("dave", "dave") + key_line("*", "everybody"),
      "signers");
  return all;
}

ApprovalFindings check(const std::vector<ApprovalFile>& files,
                       const std::vector<ApprovalNeed>& needs, bool security_key = false) {
  return check_signatures(files, needs, security_key, settings(), signers(), {1000, {"ana"}}, kNow);
}

}  // namespace

TEST_CASE("a statement is one line that reads back the same") {
  const ApprovalStatement statement = deletion();
  const std::string line = statement_line(statement);
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(parse_statement(line) == statement);
  ApprovalStatement role;
  role.kind = ApprovalKind::Role;
  role.ttl = Seconds{1800};
  role.nonce = std::string(32, 'f');
  CHECK(parse_statement(statement_line(role)) == role);
}

TEST_CASE("text that is no canonical statement is refused") {
  const std::string line = statement_line(deletion());
  const auto changed = [&line](const std::string& from, const std::string& to) {
    std::string other = line;
    const std::size_t at = other.find(from);
    REQUIRE(at != std::string::npos);
    return other.replace(at, from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("{}\n"), std::string("[]\n"), line.substr(0, line.size() - 1),
        " " + line, changed("\"api\"", "\"web\""),
        changed("\"kind\":\"command\"", "\"kind\":\"x\""), changed("\"delete\",1", "\"delete\",2"),
        changed("\"uid\":1000", "\"uid\":-1"), changed("\"uid\":1000", "\"uid\":1e3"),
        changed("\"uid\":1000", "\"uid\":4294967296"), changed("\"nonce\":\"0", "\"nonce\":\"x"),
        changed("\"role\":", "\"roles\":"), changed("{\"account\"", "{\"aaa\":1,\"account\""),
        changed("T12:30:00Z", "T12:30"),
        changed("prodaccess-approval@v1", "prodaccess-approval@v2")}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_statement(text), Error);
  }
}

TEST_CASE("argv is bound word by word") {
  CHECK(argv_digest({"a b"}) != argv_digest({"a", "b"}));
  CHECK(argv_digest({"a", ""}) != argv_digest({"a"}));
  CHECK(argv_digest({"1:a"}) != argv_digest({"a"}));
}

TEST_CASE("one approval by somebody else") {
  CHECK(check({approval({"bob"})}, {{"", 1}}).holds());
  CHECK(check({approval({"bob"})}, {{"leads", 1}}).holds());
  CHECK_FALSE(check({approval({})}, {{"", 1}}).holds());
  CHECK_FALSE(check({}, {{"", 1}}).holds());
  CHECK_FALSE(check({approval({"carol"})}, {{"leads", 1}}).holds());
  CHECK_FALSE(check({approval({"bob"})}, {{"no-such-group", 1}}).holds());
}

TEST_CASE("the requester never counts, and who is unmapped gets nothing") {
  const ApprovalFindings own = check({approval({"ana"})}, {{"leads", 1}});
  REQUIRE_FALSE(own.holds());
  CHECK(own.problems[1] == "ana asks and cannot approve");
  const auto unmapped = check_signatures({approval({"bob"})}, {{"", 1}}, false, settings(),
                                         signers(), {1234, {}}, kNow);
  CHECK_FALSE(unmapped.holds());
}

TEST_CASE("one person fills one seat, however many keys") {
  CHECK_FALSE(check({approval({"bob", "bob-2"})}, {{"", 2}}).holds());
  CHECK_FALSE(check({approval({"bob", "bob"})}, {{"", 2}}).holds());
  CHECK(check({approval({"bob", "carol"})}, {{"", 2}}).holds());
  CHECK(check({approval({"bob"}), approval({"carol"})}, {{"", 2}}).holds());
  // Bob is in both groups but fills one seat; Carol can take the other, whatever the order.
  CHECK_FALSE(check({approval({"bob"})}, {{"leads", 1}, {"security", 1}}).holds());
  CHECK(check({approval({"bob", "carol"})}, {{"leads", 1}, {"security", 1}}).holds());
  CHECK(check({approval({"carol", "bob"})}, {{"leads", 1}, {"security", 1}}).holds());
}

TEST_CASE("keys that stand for nobody, or for everybody, do not count") {
  CHECK_FALSE(check({approval({"dave"})}, {{"", 1}}).holds());       // no person
  CHECK_FALSE(check({approval({"stranger"})}, {{"", 1}}).holds());   // no line
  CHECK_FALSE(check({approval({"everybody"})}, {{"", 1}}).holds());  // ambiguous
  CHECK_FALSE(check({approval({"bob"})}, {{"", 1}}, /*security_key=*/true).holds());
}

TEST_CASE("a signature belongs to its statement") {
  ApprovalStatement other = deletion();
  other.argv[3] = "web";
  const std::string text = statement_line(other) + signed_by("bob", statement_line(deletion()));
  CHECK_FALSE(check({parse_approval_file(text)}, {{"", 1}}).holds());
  CHECK_FALSE(check({approval({}), approval({"bob"}, other)}, {{"", 1}}).holds());
  // A broken signature beside a good one does no harm.
  const std::string both = statement_line(deletion()) +
                           "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n" +
                           signed_by("bob", statement_line(deletion()));
  CHECK(check({parse_approval_file(both)}, {{"", 1}}).holds());
}

TEST_CASE("an approval is for this and nothing else") {
  const ApprovalStatement asked = deletion();
  const ApprovalSettings rules = settings();
  CHECK(mismatches(asked, asked, rules, kNow).empty());
  ApprovalStatement bare = asked;
  bare.nonce.clear();  // made only when a request is written
  CHECK(mismatches(asked, bare, rules, kNow).empty());
  const auto differs = [&](auto change, const char* why) {
    ApprovalStatement other = asked;
    change(other);
    const auto lines = mismatches(asked, other, rules, kNow);
    REQUIRE_FALSE(lines.empty());
    CHECK(lines[0].find(why) != std::string::npos);
  };
  differs([](ApprovalStatement& s) { s.argv.back() = "\xfe"; }, "command");
  differs([](ApprovalStatement& s) { s.program = "/tmp/kubectl"; }, "program");
  differs([](ApprovalStatement& s) { s.folder = "/srv"; }, "folder");
  differs([](ApprovalStatement& s) { s.files.erase("manifest"); }, "manifest has changed");
  differs([](ApprovalStatement& s) { s.files["manifest"] = "x"; }, "manifest has changed");
  differs([](ApprovalStatement& s) { s.files["more"] = "x"; }, "more has changed");
  differs([](ApprovalStatement& s) { s.variables["KUBECONFIG"] = "/b"; }, "KUBECONFIG has another");
  differs([](ApprovalStatement& s) { s.variables.clear(); }, "KUBECONFIG has another");
  differs([](ApprovalStatement& s) { s.role = "other"; }, "role");
  differs([](ApprovalStatement& s) { s.account = "other"; }, "account");
  differs([](ApprovalStatement& s) { s.machine = "other"; }, "machine");
  differs([](ApprovalStatement& s) { s.uid = 0; }, "user");
  differs([](ApprovalStatement& s) { s.rules_digest = "other"; }, "rules");
  differs([](ApprovalStatement& s) { s.preview.counts["delete"] = 2; }, "preview");
  CHECK_FALSE(mismatches(asked, asked, rules, asked.not_before - Seconds{1}).empty());
  CHECK_FALSE(mismatches(asked, asked, rules, asked.not_after).empty());
  ApprovalStatement eternal = asked;
  eternal.not_after = kNow + Seconds{86400};
  CHECK_FALSE(mismatches(eternal, asked, rules, kNow).empty());
}

TEST_CASE("fewer than approved, where the policy says that is enough") {
  ApprovalStatement approved = deletion();
  approved.preview.counts["delete"] = 5;
  ApprovalSettings rules = settings();
  CHECK_FALSE(mismatches(approved, deletion(), rules, kNow).empty());
  rules.fewer_is_enough = true;
  CHECK(mismatches(approved, deletion(), rules, kNow).empty());
  CHECK_FALSE(mismatches(deletion(), approved, rules, kNow).empty());
}

TEST_CASE("what is wrong in [approvals] is named with its place") {
  for (const char* text :
       {"allowed_signers = \"relative\"\n", "validity = \"0s\"\n", "bogus = 1\n",
        "[people]\nana = { uid = -1 }\n", "[people]\nana = { uid = 4294967295 }\n",
        "[people]\nana = { uid = 1 }\nbob = { uid = 1 }\n",
        "[people]\nana = { principals = [\"x\"] }\nbob = { principals = [\"x\"] }\n",
        "[groups]\nleads = [\"nobody\"]\n", "[roles]\nops = { group = \"none\" }\n",
        "[roles]\nops = { count = 0 }\n", "[break_glass]\nroles = []\nalert = \"x\"\n",
        "[break_glass]\nroles = [\"ops\"]\n", "command = [\"fetch\"]\n"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(read_approval_settings(parse_toml(text, "c", ErrorCode::Config)), Error);
  }
}
