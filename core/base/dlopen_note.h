// Declares a library that is opened at run time in the ELF note that package tools read
// (https://systemd.io/ELF_DLOPEN_METADATA/). One use for each loader, at namespace scope.
#pragma once

#include <cstdint>

namespace prodaccess {

// The layout of an ELF note of owner "FDO" and type 0x407c0c0a.
template <std::size_t N>
struct DlopenNote {
  std::uint32_t owner_size;
  std::uint32_t text_size;
  std::uint32_t type;
  char owner[4];
  char text[N];
};

}  // namespace prodaccess

#define PRODACCESS_DLOPEN_NOTE(json)                         \
  __attribute__((used, section(".note.dlopen"), aligned(4))) \
  const ::prodaccess::DlopenNote<sizeof(json)>               \
      kDlopenNote = {4, sizeof(json), 0x407c0c0aU, {'F', 'D', 'O', '\0'}, json}
