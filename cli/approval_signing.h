// approval_signing: a signature under a statement, by an SSH key in the agent or in a file.
//
// Errors: Error{Keyring} where no key fits or the agent refuses; Error{Usage} where several do.
#pragma once

#include <string>

namespace prodaccess {

class Context;

struct ApprovalSignature {
  std::string armored;
  std::string fingerprint;  // of the key: "SHA256:..."
};

// `key`: "" for the agent's only key; the fingerprint or comment of one of its keys; or a file: a
// public key's, whose private half the agent holds, or a private key's without a passphrase.
ApprovalSignature sign_statement(Context& context, const std::string& line, const std::string& key);

}  // namespace prodaccess
