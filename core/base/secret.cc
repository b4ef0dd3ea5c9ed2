#include "core/base/secret.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <utility>

namespace prodaccess {

Secret::Secret(std::size_t size) : size_(size) {
  if (size == 0) return;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  mapped_ = (size + 1 + page - 1) / page * page;
  void* pages = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  // Each of these is a second fence; where one is refused the first (no dumps at all) stands.
  static_cast<void>(mlock(pages, mapped_));
  static_cast<void>(madvise(pages, mapped_, MADV_DONTDUMP));
  static_cast<void>(madvise(pages, mapped_, MADV_DONTFORK));
  data_ = static_cast<char*>(pages);
}

Secret::Secret(std::string_view bytes) : Secret(bytes.size()) {
  if (data_ != nullptr) std::memcpy(data_, bytes.data(), bytes.size());
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    mapped_ = std::exchange(other.mapped_, 0);
  }
  return *this;
}

Secret::~Secret() { release(); }

void Secret::release() noexcept {
  if (data_ == nullptr) return;
  wipe(data_, mapped_);
  munmap(data_, mapped_);
  data_ = nullptr;
}

Secret seal(std::string&& text) {
  Secret secret(text);
  wipe(text.data(), text.size());
  text.clear();
  return secret;
}

void wipe(void* bytes, std::size_t size) { explicit_bzero(bytes, size); }

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

}  // namespace prodaccess
