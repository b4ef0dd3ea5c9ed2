#include "providers/local/ssh_private_key.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "providers/local/ssh_certificate.h"

using namespace prodaccess;

TEST_CASE("a private key survives its file form, whatever the comment's length") {
  for (std::size_t length = 0; length < 20; ++length) {
    const Ed25519Key key(Secret(std::string(32, static_cast<char>('a' + length))));
    const Secret text = format_private_key(key, std::string(length, 'c'));
    CHECK(text.view().starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA"));
    CHECK(parse_private_key(text.view()).seed().view() == key.seed().view());
  }
}

namespace {

// The public key that `text` stands for, "" where it is refused as it should be.
std::string read_back(const std::string& text) {
  try {
    return parse_private_key(text).public_key();
  } catch (const Error& error) {
    return error.code() == ErrorCode::Provider ? "" : error.what();
  }
}

}  // namespace

TEST_CASE("a changed or cut private key is never read as another") {
  const Ed25519Key key(Secret(std::string(32, 'a')));
  const std::string text(format_private_key(key, "").view());
  int refused = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const std::string read = read_back(changed);
    CHECK((read.empty() || read == key.public_key()));
    refused += read.empty() ? 1 : 0;
    CHECK(read_back(text.substr(0, at)).empty());
  }
  // Only the padding of the private part is free.
  CHECK(refused > static_cast<int>(text.size()) - 16);
}

TEST_CASE("a certificate's line gives back its blob, and nothing else passes for one") {
  const Ed25519Key key(Secret(std::string(32, 'a')));
  CertificateToSign certificate;
  certificate.public_key = key.public_key();
  certificate.principals = {"debug"};
  const std::string blob = sign_certificate(certificate, std::string(32, 'n'), key);
  CHECK(certificate_blob(certificate_line(blob, "a comment")) == blob);
  CHECK(certificate_blob(certificate_line(blob, "") + "\n") == blob);
  for (const std::string bad :
       {"", "ssh-ed25519 AAAA", "ssh-ed25519-cert-v01@openssh.com",
        "ssh-ed25519-cert-v01@openssh.com ????", "ssh-ed25519-cert-v01@openssh.com AAAA"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(certificate_blob(bad), Error);
  }
}
