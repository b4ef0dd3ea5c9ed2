// InputRecords: what comes on a descriptor, cut at a delimiter (a newline, or NUL).
//
// A record longer than kLongestRecord is cut there and the rest of it dropped, so that memory stays
// bounded; the last record needs no delimiter. Errors: Error{System}. Threads: one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace prodaccess {

constexpr std::size_t kLongestRecord = 8U << 20U;  // bytes

class InputRecords {
 public:
  // The descriptor stays the caller's.
  InputRecords(int descriptor, char delimiter) : descriptor_(descriptor), delimiter_(delimiter) {}

  // Absent at the end. Valid until the next call.
  std::optional<std::string_view> next();
  // Whether the next call must read, and so may wait.
  bool must_read() const;

 private:
  bool fill();

  int descriptor_;
  char delimiter_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not handed out yet
  bool ended_ = false;
};

}  // namespace prodaccess
