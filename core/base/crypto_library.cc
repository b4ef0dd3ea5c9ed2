#include "core/base/crypto_library.h"

#include <openssl/crypto.h>

#include "core/base/error.h"

namespace prodaccess {

void prepare_crypto() {
  // OPENSSL_CONF can name modules to load; ours needs none.
  static const int ready = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  if (ready != 1) throw Error(ErrorCode::Internal, "libcrypto cannot be initialised");
}

}  // namespace prodaccess
