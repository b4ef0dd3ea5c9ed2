// SecretFile: a file in memory, without a name, for programs that take a secret only as a file. A
// child that inherits the descriptor opens it as /dev/fd/N, as often as it likes.
//
// Its mode is 0600, since clients refuse a password file that others may read, and it can neither
// grow nor change. It ends with the last process that holds it.
//
// Errors: Error{System}. Threads: as an int.
#pragma once

#include <string_view>

#include "core/os/descriptor.h"

namespace prodaccess {

class SecretFile {
 public:
  explicit SecretFile(std::string_view content);
  // Close-on-exec, and above the numbers that scripts use.
  int descriptor() const { return descriptor_.get(); }

 private:
  Descriptor descriptor_;
};

}  // namespace prodaccess
