// SecretMasker: takes known secrets out of a stream of bytes, also where they are cut between two
// pieces. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"

namespace prodaccess {

class SecretMasker {
 public:
  // Those shorter than four bytes are not looked for: they would mask half of the text.
  explicit SecretMasker(const std::vector<std::string_view>& secrets);

  // What can be said so far; the rest waits for more.
  std::string take(std::string_view bytes);
  // What still waits.
  std::string finish();

 private:
  std::size_t waiting_from(std::string_view text) const;

  std::vector<Secret> secrets_;
  std::string waiting_;
};

}  // namespace prodaccess
