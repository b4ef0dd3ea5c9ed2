#include "core/base/secret.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include "core/base/living_secrets.h"

namespace prodaccess {

namespace {

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

char* map_pages(std::size_t size) {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  // Each of these is a second fence; where one is refused the first (no dumps at all) stands.
  // Locked as they are touched: most pages of a pool never are.
  static_cast<void>(mlock2(pages, size, MLOCK_ONFAULT));
  static_cast<void>(madvise(pages, size, MADV_DONTDUMP));
  static_cast<void>(madvise(pages, size, MADV_DONTFORK));
  return static_cast<char*>(pages);
}

// A run of pages mapped at once, one for each small secret: four system calls for all of them.
class Pool {
 public:
  // Null: none is free.
  char* take() {
    const std::lock_guard lock(mutex_);
    if (pages_ == nullptr) {
      pages_ = map_pages(kSlots * page_size());
      used_ = {};
      // A fork has no such pages; what it makes secret is its own.
      static const int forgotten =
          pthread_atfork(nullptr, nullptr, [] { pool().pages_ = nullptr; });
      if (forgotten != 0) throw std::bad_alloc();
    }
    for (std::size_t i = 0; i < kSlots; ++i) {
      if (used_[i]) continue;
      used_[i] = true;
      return pages_ + i * page_size();
    }
    return nullptr;
  }

  // False: not one of these.
  bool give_back(const char* page) {
    const std::lock_guard lock(mutex_);
    if (pages_ == nullptr || page < pages_ || page >= pages_ + kSlots * page_size()) return false;
    used_[static_cast<std::size_t>(page - pages_) / page_size()] = false;
    return true;
  }

  static Pool& pool() {
    static Pool* const pool = new Pool;  // outlives every static Secret
    return *pool;
  }

 private:
  static constexpr std::size_t kSlots = 16;
  std::mutex mutex_;
  char* pages_ = nullptr;
  std::array<bool, kSlots> used_{};
};

}  // namespace

Secret::Secret(std::size_t size) : size_(size) {
  if (size == 0) return;
  mapped_ = (size + 1 + page_size() - 1) / page_size() * page_size();
  if (mapped_ == page_size()) data_ = Pool::pool().take();
  if (data_ == nullptr) data_ = map_pages(mapped_);
  try {
    add_living_secret(data_, size);
  } catch (...) {
    release();
    throw;
  }
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
  remove_living_secret(data_);
  wipe(data_, mapped_);
  if (!Pool::pool().give_back(data_)) munmap(data_, mapped_);
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
