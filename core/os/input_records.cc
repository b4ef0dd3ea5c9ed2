#include "core/os/input_records.h"

#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"

namespace prodaccess {
namespace {
constexpr std::size_t kChunk = 64U << 10U;
}

// Reads some more behind what is there; false at the end.
bool InputRecords::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t old = buffer_.size();
  buffer_.resize(old + kChunk);
  ssize_t got = 0;
  do {
    got = read(descriptor_, buffer_.data() + old, kChunk);
  } while (got < 0 && errno == EINTR);
  const int error = errno;
  buffer_.resize(old + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got < 0) throw system_error("standard input could not be read", error);
  ended_ = got == 0;
  return !ended_;
}

std::optional<std::string_view> InputRecords::next() {
  std::size_t searched = begin_;
  while (true) {
    const std::size_t end = buffer_.find(delimiter_, searched);
    if (end != std::string::npos) {
      const std::size_t length = std::min(end - begin_, kLongestRecord);
      const std::string_view record(buffer_.data() + begin_, length);
      begin_ = end + 1;
      return record;
    }
    if (buffer_.size() - begin_ > kLongestRecord) {
      buffer_.resize(begin_ + kLongestRecord);  // the rest of a record too long is dropped
    }
    searched = buffer_.size() - begin_;
    if (ended_ || !fill()) break;
  }
  if (begin_ == buffer_.size()) return std::nullopt;
  const std::string_view record(buffer_.data() + begin_, buffer_.size() - begin_);
  begin_ = buffer_.size();
  return record;
}

bool InputRecords::must_read() const {
  return !ended_ && buffer_.find(delimiter_, begin_) == std::string::npos;
}

}  // namespace prodaccess
