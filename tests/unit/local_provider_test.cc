#include "providers/local/local_provider.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"
#include "providers/local/ssh_certificate.h"
#include "providers/local/ssh_private_key.h"
#include "tests/fakes/counting_random.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/memory_keyring.h"
#include "tests/fakes/temporary_folder.h"

using namespace prodaccess;

namespace {

Role role_with(const std::string& parameters) {
  Role role;
  role.name = "bastion";
  role.provider = "local";
  role.parameters = parse_toml(parameters, "config.toml", ErrorCode::Config);
  return role;
}

struct Bench {
  ManualClock clock;
  CountingRandom random;
  MemoryDurableStore store;
  TemporaryFolder folder;
  std::unique_ptr<Files> files = make_system_files();
  LocalProvider provider{[this]() -> DurableStore& { return store; }, *files, clock, random,
                         folder / "local"};
  std::vector<std::string> handles;

  Issued issue(const Role& role, Seconds ttl = Seconds{1800}) {
    IssueRequest request{role, {}, {}, {}, {}, {}};
    request.access.reason = "INC-42 \"stuck\" \n workers";
    request.access.ticket = "INC-42";
    request.person = "ana";
    request.grant_id = "0123456789abcdef";
    request.until = clock.wall_now() + ttl + Milliseconds{700};
    return provider.issue(request,
                          [this](const std::string& handle) { handles.push_back(handle); });
  }
};

std::string field(const Credential& credential, const std::string& name) {
  return std::string(credential.fields.at(name).view());
}

Json claims_of(const std::string& token) { return Json::parse(*unbase64(split(token, '.').at(1))); }

std::string message_of(const std::string& parameters) {
  try {
    read_local_parameters(parse_toml(parameters, "c.toml", ErrorCode::Config));
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a certificate says what the role says, signed by the authority") {
  Bench bench;
  const Role role = role_with(
      "kind = 'ssh'\nprincipals = ['debug', 'ops']\nextensions = ['permit-pty', "
      "'login@github.com=ana']\nsource_address = ['10.0.0.0/8', '::1']\nforce_command = 'id -u'");
  const Issued issued = bench.issue(role);
  const std::string blob = certificate_blob(field(issued.credential, "certificate"));
  SshReader reader(blob);
  CHECK(reader.string() == kSshEd25519Certificate);
  CHECK(reader.string().size() == 32);
  const Ed25519Key key = parse_private_key(field(issued.credential, "private_key"));
  CHECK(reader.string() == key.public_key());
  const std::uint64_t serial = reader.u64();
  CHECK(reader.u32() == 1);
  CHECK(reader.string() ==
        "ana role=bastion grant=0123456789abcdef ticket=INC-42 "
        "reason=INC-42 \"stuck\" \\x0a workers");
  CHECK(reader.string() == SshWriter().string("debug").string("ops").bytes());
  const std::uint64_t now = 1'767'312'000;
  CHECK(reader.u64() == now - 60);
  CHECK(reader.u64() == now + 1800);
  CHECK(reader.string() == SshWriter()
                               .string("force-command")
                               .string(SshWriter().string("id -u").bytes())
                               .string("source-address")
                               .string(SshWriter().string("10.0.0.0/8,::1").bytes())
                               .bytes());
  CHECK(reader.string() == SshWriter()
                               .string("login@github.com")
                               .string(SshWriter().string("ana").bytes())
                               .string("permit-pty")
                               .string("")
                               .bytes());
  CHECK(reader.string().empty());
  CHECK(reader.string() == ssh_ed25519_blob(bench.provider.authority().key().public_key()));
  SshReader signature(reader.string());
  CHECK(reader.finished());
  CHECK(signature.string() == kSshEd25519);
  const std::string_view signed_part = std::string_view(blob).substr(0, blob.size() - 4 - 83);
  CHECK(ed25519_verify(bench.provider.authority().key().public_key(), signed_part,
                       signature.string()));
  CHECK(bench.handles == std::vector<std::string>{"ssh:" + std::to_string(serial) + ":" +
                                                  std::to_string(now + 1800)});
  CHECK(issued.description.notes == std::vector<std::string>{"self-issued: limits are advisory"});
  CHECK(bench.provider.environment(role, issued.credential).empty());
}

TEST_CASE("a token has the standard claims and the role's own") {
  Bench bench;
  Role role = role_with(
      "kind = 'token'\naudience = ['a', 'b']\nissuer = 'me'\n"
      "[claims]\nteam = 'sre'\ngroups = ['one']");
  const Issued issued = bench.issue(role);
  const std::string token = field(issued.credential, "token");
  const Json claims = claims_of(token);
  CHECK(claims.at("iss") == "me");
  CHECK(claims.at("sub") == "ana");
  CHECK(claims.at("aud") == Json({"a", "b"}));
  CHECK(claims.at("iat") == 1'767'312'000);
  CHECK(claims.at("nbf") == 1'767'311'940);
  CHECK(claims.at("exp") == 1'767'313'800);
  CHECK(claims.at("jti") == field(issued.credential, "jti"));
  CHECK(claims.at("role") == "bastion");
  CHECK(claims.at("grant") == "0123456789abcdef");
  CHECK(claims.at("team") == "sre");
  CHECK(claims.at("groups") == Json({"one"}));
  const auto variables = bench.provider.environment(role, issued.credential);
  REQUIRE(variables.size() == 1);
  CHECK(variables[0].first == "PRODACCESS_TOKEN");
  CHECK(variables[0].second.view() == token);
  role.environment.emplace_back("ORDERS_TOKEN", "{token}");
  CHECK(bench.provider.environment(role, issued.credential).empty());
  const ServedRun run{role, issued.credential, {}, {}, [] { return std::filesystem::path(); }};
  CHECK(bench.provider.serve(run) == nullptr);
}

TEST_CASE("one audience is a string, as most verifiers want it") {
  Bench bench;
  const Issued issued = bench.issue(role_with("kind = 'token'\naudience = 'only'"));
  CHECK(claims_of(field(issued.credential, "token")).at("aud") == "only");
}

TEST_CASE("the authority's key is made once and kept") {
  Bench bench;
  CHECK(bench.provider.authority().existing_key() == nullptr);
  const std::string first = bench.provider.authority().key().public_key();
  LocalProvider again([&]() -> DurableStore& { return bench.store; }, *bench.files, bench.clock,
                      bench.random, bench.folder / "local");
  CHECK(again.authority().key().public_key() == first);
  CHECK(std::count(bench.store.asked.begin(), bench.store.asked.end(), "put local-authority") == 1);
}

TEST_CASE("a strange or unreachable authority key is an error, never a new key") {
  Bench bench;
  bench.store.items["local-authority"] = "something else";
  CHECK_THROWS_AS(bench.provider.authority().key(), Error);
  bench.store.items["local-authority"] = "ed25519-seed-v1:c2hvcnQ=";
  CHECK_THROWS_AS(bench.provider.authority().key(), Error);
  CHECK(std::count(bench.store.asked.begin(), bench.store.asked.end(), "put local-authority") == 0);
  bench.store.items.clear();
  bench.store.broken = true;
  CHECK_THROWS_AS(bench.issue(role_with("kind='ssh'\nprincipals=['a']")), Error);
  CHECK(bench.handles.empty());
}

TEST_CASE("nothing is issued for a grant that has ended") {
  Bench bench;
  const Role role = role_with("kind = 'ssh'\nprincipals = ['debug']");
  CHECK_THROWS_AS(bench.issue(role, Seconds{0}), Error);
  CHECK_THROWS_AS(bench.issue(role, Seconds{-60}), Error);
  CHECK(bench.handles.empty());
}

TEST_CASE("revocation lists the handle once, with its end") {
  Bench bench;
  const Role role = role_with("kind = 'ssh'\nprincipals = ['debug']");
  const Issued issued = bench.issue(role);
  const auto outcome = bench.provider.revoke(role, issued.credential.handle, nullptr);
  CHECK(outcome.state == RevokeOutcome::State::Revoked);
  CHECK(outcome.alive_until == issued.credential.expires_at);
  CHECK(outcome.detail.find("revocation list 1;") != std::string::npos);
  bench.provider.revoke(role, issued.credential.handle, &issued.credential);
  CHECK(bench.provider.revocations().list().number == 1);
  CHECK(bench.provider.revocations().list().entries.size() == 1);
  CHECK_THROWS_AS(bench.provider.revoke(role, "lease:other", nullptr), Error);
}

TEST_CASE("parameters are read strictly") {
  const std::string ssh = "kind = 'ssh'\nprincipals = ['debug']\n";
  const std::string token = "kind = 'token'\naudience = ['a']\n";
  CHECK(message_of(ssh) == "accepted");
  CHECK(message_of(ssh + "extensions = []\nbackdate = '0s'\n") == "accepted");
  CHECK(message_of(token) == "accepted");
  CHECK(message_of("principals = ['a']").find("'kind' is missing") != std::string::npos);
  CHECK(message_of("kind = 'x509'") != "accepted");
  CHECK(message_of("kind = 'ssh'") != "accepted");
  CHECK(message_of("kind = 'ssh'\nprincipals = []") != "accepted");
  for (const std::string bad : {"a,b", "", "a b", "-a", "a\\nb", "a\\u0000b", "*", "caf\\u00e9"}) {
    CAPTURE(bad);
    CHECK(message_of("kind = 'ssh'\nprincipals = [\"" + bad + "\"]") != "accepted");
  }
  CHECK(message_of("kind = 'ssh'\nprincipals = ['a', 'a']") != "accepted");
  for (const std::string bad :
       {"extensions = ['permit-everything']", "extensions = ['permit-pty=1']", "extensions = ['']",
        "extensions = ['a@b=']", "extensions = ['a@b=1', 'a@b=2']", "force_command = ''",
        "force_command = \"a\\nb\"", "force_command = \"a\\u0000b\"", "source_address = []",
        "source_address = ['10.0.0.1/8']", "backdate = '11m'", "audience = ['a']", "key = 1"}) {
    CAPTURE(bad);
    CHECK(message_of(ssh + bad) != "accepted");
  }
  for (const std::string bad :
       {"claims = { sub = 'root' }", "claims = { a = 1 }", "claims = { a = '' }",
        "claims = { 'a b' = 'c' }", "issuer = ''", "principals = ['a']", "claims = ['a']"}) {
    CAPTURE(bad);
    CHECK(message_of(token + bad) != "accepted");
  }
  CHECK(message_of("kind = 'token'") != "accepted");
  CHECK(message_of("kind = 'token'\naudience = ['']") != "accepted");
  CHECK(message_of(ssh + "principls = ['a']").find("c.toml:3:1") != std::string::npos);
}

TEST_CASE("source addresses are those that sshd takes") {
  for (const std::string good :
       {"192.0.2.7", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/32", "::/0", "192.0.2.7/32"}) {
    CAPTURE(good);
    CHECK(is_source_address(good));
  }
  for (const std::string bad :
       {"", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "host", "10.0.0", "::1/129",
        "2001:db8::1/32", "10.0.0.0/8 ", "!10.0.0.0/8", "10.0.0.0/-1", "*"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_source_address(bad));
  }
}

TEST_CASE("the shape names everything that a credential is made of") {
  Bench bench;
  const auto shape = [&](const std::string& text) { return bench.provider.shape(role_with(text)); };
  const std::string base = "kind='ssh'\nprincipals=['a']";
  CHECK(shape(base) == shape(base + "\nextensions=['permit-pty']"));
  CHECK(shape(base) != shape("kind='ssh'\nprincipals=['b']"));
  CHECK(shape(base) != shape(base + "\nforce_command='id'"));
  CHECK(shape(base) != shape(base + "\nsource_address=['::1']"));
  CHECK(shape(base) != shape("kind='token'\naudience=['a']"));
}
