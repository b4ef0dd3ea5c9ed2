#include "core/policy/allowed_signers.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "tests/unit/sshsig_vectors.h"

using namespace prodaccess;

namespace {

const WallTime kNow = parse_rfc3339("2026-06-01T00:00:00Z").value();
const std::vector<std::string> kPeople{"ana", "ana@example.com", "bob"};

std::set<std::string> signers(const std::string& text, const std::string& armored,
                              WallTime now = kNow) {
  return AllowedSigners::parse(text, "signers")
      .signers_of(parse_sshsig(armored).value(), kPeople, now);
}

}  // namespace

TEST_CASE("a key's principals, patterns and negations") {
  using Names = std::set<std::string>;
  CHECK(signers("ana " + kEd25519Key, kEd25519Signature) == Names{"ana"});
  CHECK(signers("ana,bob " + kEd25519Key, kEd25519Signature) == Names{"ana", "bob"});
  CHECK(signers("*@example.com " + kEd25519Key + " comment", kEd25519Signature) ==
        Names{"ana@example.com"});
  CHECK(signers("*,!bob " + kEd25519Key, kEd25519Signature) == Names{"ana", "ana@example.com"});
  CHECK(signers("carol " + kEd25519Key, kEd25519Signature).empty());
  CHECK(signers("ana " + kRsaKey, kEd25519Signature).empty());
  CHECK(signers("# a comment\n\nana " + kRsaKey + "\r\nbob " + kEd25519Key, kEd25519Signature) ==
        Names{"bob"});
}

TEST_CASE("namespaces and times are honoured") {
  const auto found = [](const std::string& options) {
    return !signers("ana " + options + " " + kEd25519Key, kEd25519Signature).empty();
  };
  CHECK(found("namespaces=\"prodaccess-approval@v1\""));
  CHECK(found("namespaces=\"file,prodaccess-*\""));
  CHECK_FALSE(found("namespaces=\"file,git\""));
  CHECK_FALSE(found("namespaces=\"*,!prodaccess-*\""));
  CHECK(found("valid-after=\"20260601\""));
  CHECK_FALSE(found("valid-after=\"20260601000001Z\""));
  CHECK(found("valid-before=\"202606010001\""));
  CHECK_FALSE(found("valid-before=\"20260601Z\""));
  CHECK_FALSE(found("valid-after=\"20250101\",valid-before=\"20260101\",namespaces=\"*\""));
}

TEST_CASE("a certificate counts by its authority's line, its principals and its time") {
  const std::string authority = "*,!bob cert-authority " + kCaKey;
  CHECK(signers(authority, kCertificateSignature) ==
        std::set<std::string>{"ana", "ana@example.com"});
  CHECK(signers("ana cert-authority " + kCaKey, kCertificateSignature) ==
        std::set<std::string>{"ana"});
  CHECK(signers("bob cert-authority " + kCaKey, kCertificateSignature).empty());
  CHECK(signers("* " + kCaKey, kCertificateSignature).empty());
  CHECK(signers("* cert-authority " + kRsaKey, kCertificateSignature).empty());
  // The plain key of a certificate that is not trusted does not stand in for it.
  CHECK(signers("* " + kEd25519Key, kCertificateSignature).empty());
  const auto at = [](const char* text) { return parse_rfc3339(text).value(); };
  CHECK(signers(authority, kCertificateSignature, at("2025-12-31T23:59:59Z")).empty());
  CHECK(signers(authority, kCertificateSignature, at("2027-01-01T00:00:00Z")).empty());
}

TEST_CASE("a line that cannot be read is an error with its place") {
  for (const std::string& line :
       {std::string("ana"), std::string("ana ssh-ed25519"), std::string("ana ssh-ed25519 AAAA"),
        "ana unknown-option " + kEd25519Key, "ana no-touch-required " + kEd25519Key,
        "ana valid-after=\"2026\" " + kEd25519Key, "ana valid-before=\"20261399\" " + kEd25519Key,
        "ana namespaces=\"a " + kEd25519Key, "\"ana " + kEd25519Key,
        "ana " + kEd25519Key.substr(0, 60), "ana ssh-rsa" + kEd25519Key.substr(11),
        "ana valid-after=\"20270101\",valid-before=\"20260101\" " + kEd25519Key}) {
    CAPTURE(line);
    try {
      AllowedSigners::parse("# one\n" + line + "\n", "signers");
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).rfind("signers:2: ", 0) == 0);
    }
  }
}
