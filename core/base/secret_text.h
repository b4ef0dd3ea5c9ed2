// SecretText: text with secrets in it, built in memory that is wiped (Secret) as it grows.
//
// Threads: one.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/secret.h"

namespace prodaccess {

class SecretText {
 public:
  SecretText& add(std::string_view text);
  SecretText& add(char c) { return add(std::string_view(&c, 1)); }
  // In double quotes, with escapes that JSON and .env files read alike.
  SecretText& add_json_string(std::string_view value);
  // "name":"value", after a comma where `name` is not the first.
  SecretText& add_json_member(std::string_view name, std::string_view value);

  std::size_t size() const { return used_; }
  // What was added; the text is empty then.
  Secret take();

 private:
  Secret bytes_;
  std::size_t used_ = 0;
};

}  // namespace prodaccess
