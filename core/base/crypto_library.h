// libcrypto, opened at its first use (2 ms, measured), without its configuration file or the
// modules that the environment may name. Everything that calls it calls prepare_crypto before;
// nothing on the path of an allowed read does: SHA-256 is Nettle's (sha256.h).
//
// Not linked: its tables are a hundred pages that the loader would have to relocate at each start.
#pragma once

namespace prodaccess {

// Error{System} where there is no libcrypto.so.3, Error{Internal} where it cannot be initialised.
void prepare_crypto();

}  // namespace prodaccess
