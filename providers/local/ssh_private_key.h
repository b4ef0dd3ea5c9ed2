// The file form of an unencrypted Ed25519 private key that ssh reads (OpenSSH, PROTOCOL.key). It is
// only ever kept in a Secret; no file is written.
// https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key
#pragma once

#include <string_view>

#include "core/base/ed25519.h"
#include "core/base/secret.h"

namespace prodaccess {

Secret format_private_key(const Ed25519Key& key, std::string_view comment);

// Reads what `format_private_key` wrote; throws Error{Provider} for anything else, also for other
// kinds of keys and for encrypted ones.
Ed25519Key parse_private_key(std::string_view text);

}  // namespace prodaccess
