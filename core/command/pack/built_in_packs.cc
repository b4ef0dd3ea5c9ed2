#include "core/command/pack/pack_blob.h"

// embedded_packs.S
extern "C" {
extern const char prodaccess_packs_begin[] __attribute__((visibility("hidden")));
extern const char prodaccess_packs_end[] __attribute__((visibility("hidden")));
}

namespace prodaccess::pack {

std::string_view built_in_packs() {
  return {prodaccess_packs_begin,
          static_cast<std::size_t>(prodaccess_packs_end - prodaccess_packs_begin)};
}

}  // namespace prodaccess::pack
