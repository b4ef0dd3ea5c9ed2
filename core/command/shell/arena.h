// Arena: memory for one parse, given back all at once. Small lines never reach the heap.
//
// What is made here must need no destructor, and lives as long as the arena. Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <string_view>
#include <type_traits>

namespace prodaccess::shell {

class Arena {
 public:
  Arena() : resource_(first_.data(), first_.size()) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  template <class T>
  T* make() {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (resource_.allocate(sizeof(T), alignof(T))) T{};
  }

  char* bytes(std::size_t size) { return static_cast<char*>(resource_.allocate(size + 1, 1)); }

  std::string_view keep(std::string_view text) {
    char* copy = bytes(text.size());
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

 private:
  alignas(std::max_align_t) std::array<std::byte, 6144> first_;
  std::pmr::monotonic_buffer_resource resource_;
};

}  // namespace prodaccess::shell
