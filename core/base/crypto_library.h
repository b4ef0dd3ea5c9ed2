// libcrypto's first use (1 ms, measured), without its configuration file or the modules that the
// environment may name. Everything that uses EVP calls this before; nothing on the path of an
// allowed read does.
#pragma once

namespace prodaccess {

// Error{Internal} where it cannot be initialised.
void prepare_crypto();

}  // namespace prodaccess
