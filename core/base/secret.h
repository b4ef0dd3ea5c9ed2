// Secret: bytes that must not leave the process by accident.
//
// The bytes live in pages of their own: locked where the limit allows (silently not, elsewhere),
// left out of core dumps, absent in forked children, wiped on destruction also when an exception
// flies. A Secret can be moved, not copied by mistake: `duplicate()` says so. It has no operator<<.
// Not claimed: secrecy from the user's other processes once a child has it in its environment.
//
// Threads: as std::string.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace prodaccess {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes);
  // `size` zero bytes, to be filled in through data().
  explicit Secret(std::size_t size);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  Secret duplicate() const { return Secret(view()); }
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  char* data() { return data_; }
  // The bytes, followed by a NUL that does not count. Valid as long as the Secret is.
  std::string_view view() const { return {data_ == nullptr ? "" : data_, size_}; }

 private:
  void release() noexcept;
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;
};

// Moves `text` into a Secret and wipes what it leaves.
Secret seal(std::string&& text);

// Overwrites `size` bytes in a way that the compiler may not drop.
void wipe(void* bytes, std::size_t size);

// Equal or not, in a time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace prodaccess
