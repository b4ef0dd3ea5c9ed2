// LocalListener: a Unix stream socket in a private folder that serves processes of our own uid (and
// root) only, asked of the kernel for each connection. Nothing here ever blocks.
//
// Errors: Error{System} naming the path. Threads: one listener with its connections, one thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/os/descriptor.h"

namespace prodaccess {

// One end of a connection; closed on destruction.
class LocalConnection {
 public:
  explicit LocalConnection(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  int descriptor() const { return descriptor_.get(); }
  // What is there now, at most `limit` bytes; "" for nothing yet; absent: the peer is gone.
  std::optional<std::string> read_some(std::size_t limit);
  // How many bytes were taken; absent: the peer is gone.
  std::optional<std::size_t> write_some(std::string_view bytes);

 private:
  Descriptor descriptor_;
};

class LocalListener {
 public:
  // The folder of `path` must be private. The socket is removed on destruction.
  explicit LocalListener(std::filesystem::path path);
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;
  ~LocalListener();

  int descriptor() const { return descriptor_.get(); }
  const std::filesystem::path& path() const { return path_; }
  // The next caller; absent: there is none, or it was somebody else's process and was sent away.
  // Throws where descriptors have run out.
  std::optional<LocalConnection> accept();

 private:
  std::filesystem::path path_;
  Descriptor descriptor_;
};

// All that the server of `socket` says before it hangs up, at most `limit` bytes. The server must
// run as us or root. Throws Error{System} where it does not answer in time.
Secret read_local_socket(const std::filesystem::path& socket, std::size_t limit,
                         Milliseconds patience);

}  // namespace prodaccess
