#include "core/base/secret_text.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace prodaccess {

SecretText& SecretText::add(std::string_view text) {
  if (used_ + text.size() > bytes_.size()) {
    Secret larger(std::max(used_ + text.size(), bytes_.size() * 2 + 1024));
    if (used_ != 0) std::memcpy(larger.data(), bytes_.data(), used_);
    bytes_ = std::move(larger);
  }
  if (!text.empty()) std::memcpy(bytes_.data() + used_, text.data(), text.size());
  used_ += text.size();
  return *this;
}

SecretText& SecretText::add_json_string(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  add('"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      add('\\').add(c);
    } else if (c == '\n') {
      add("\\n");
    } else if (byte < 0x20) {
      add("\\u00").add(kDigits[byte >> 4]).add(kDigits[byte & 15]);
    } else {
      add(c);
    }
  }
  return add('"');
}

SecretText& SecretText::add_json_member(std::string_view name, std::string_view value) {
  if (used_ != 0 && bytes_.view()[used_ - 1] != '{') add(',');
  return add('"').add(name).add("\":").add_json_string(value);
}

Secret SecretText::take() {
  Secret text(std::string_view(bytes_.view().data(), used_));
  bytes_ = Secret();
  used_ = 0;
  return text;
}

}  // namespace prodaccess
