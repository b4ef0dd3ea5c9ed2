// KernelNote: one short public text in this uid's kernel keyring, which nobody can put back by
// restoring files. It outlives processes and log-outs, and is gone with the boot or a week after it
// was last written.
//
// It is updated in place: writing it often makes no garbage that counts against the user's quota
// for keys (as KernelKeyring's replaced keys would until the kernel has collected them).
//
// Errors: none. Where the kernel's key calls are forbidden or its quota is used up nothing is kept.
// Threads: one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace prodaccess {

class KernelNote {
 public:
  explicit KernelNote(std::string name) : name_(std::move(name)) {}

  // Whether it stands there now.
  bool put(std::string_view text);
  std::optional<std::string> get();
  void erase();

 private:
  bool attach();
  long find();

  std::string name_;
  bool attached_ = false;
};

}  // namespace prodaccess
