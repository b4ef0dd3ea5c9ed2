// The built-in packs must cost nothing at start-up: read-only bytes without relocations.
#include <doctest/doctest.h>
#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "core/command/pack/pack_blob.h"

using namespace prodaccess;

namespace {

std::string own_image() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class T>
T read_at(const std::string& bytes, std::size_t offset) {
  T value;
  REQUIRE(offset + sizeof value <= bytes.size());
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

struct Span {
  std::size_t from, to;
  bool writable;
};

// The loadable segment that holds the blob, in addresses of the file.
Span segment_of(const std::string& image, std::size_t file_offset) {
  const auto header = read_at<Elf64_Ehdr>(image, 0);
  for (int i = 0; i < header.e_phnum; ++i) {
    const auto part = read_at<Elf64_Phdr>(
        image, header.e_phoff + static_cast<std::size_t>(i) * sizeof(Elf64_Phdr));
    if (part.p_type != PT_LOAD || file_offset < part.p_offset ||
        file_offset >= part.p_offset + part.p_filesz) {
      continue;
    }
    const std::size_t address = file_offset - part.p_offset + part.p_vaddr;
    return {address, address + pack::built_in_packs().size(), (part.p_flags & PF_W) != 0};
  }
  FAIL("the packs are in no segment");
  return {};
}

std::size_t relocations_in(const std::string& image, const Span& span) {
  const auto header = read_at<Elf64_Ehdr>(image, 0);
  std::size_t count = 0;
  for (int i = 0; i < header.e_shnum; ++i) {
    const auto section = read_at<Elf64_Shdr>(
        image, header.e_shoff + static_cast<std::size_t>(i) * sizeof(Elf64_Shdr));
    if (section.sh_type != SHT_RELA) continue;
    for (std::size_t at = 0; at + sizeof(Elf64_Rela) <= section.sh_size; at += sizeof(Elf64_Rela)) {
      const auto one = read_at<Elf64_Rela>(image, section.sh_offset + at);
      if (one.r_offset >= span.from && one.r_offset < span.to) ++count;
    }
  }
  return count;
}

}  // namespace

TEST_CASE("the built-in packs lie in read-only memory and need no relocation") {
  const std::string_view packs = pack::built_in_packs();
  REQUIRE(packs.size() > 100000);
  const std::string image = own_image();
  const std::size_t offset = image.find(packs);
  REQUIRE(offset != std::string::npos);
  const Span span = segment_of(image, offset);
  CHECK_FALSE(span.writable);
  CHECK(relocations_in(image, span) == 0);
}
