// Whatever bytes come: what may reach a terminal is well-formed, one line, without a control or an
// invisible character; what is harmless passes unchanged, twice too; and no cut of the text lets
// more through than the whole.
#include <cstdlib>

#include "core/base/text.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool holds_sequence(const std::string& text, std::string_view sequence) {
  return text.find(sequence) != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::string safe = escape_for_terminal(text);
  require(is_utf8(safe));
  for (const char c : safe) {
    const auto byte = static_cast<unsigned char>(c);
    require(byte >= 0x20 && byte != 0x7f);
  }
  // C1 controls, no-break space, soft hyphen; zero width and bidirectional; byte order mark.
  for (const std::string_view hidden :
       {"\xc2\x80", "\xc2\x9b", "\xc2\xa0", "\xc2\xad", "\xe2\x80\x8b", "\xe2\x80\x8f",
        "\xe2\x80\xae", "\xe2\x81\xa6", "\xef\xbb\xbf"}) {
    require(!holds_sequence(safe, hidden));
  }
  require(escape_for_terminal(safe) == safe);
  require(safe.size() >= size);
  const std::size_t half = size / 2;
  const std::string parts =
      escape_for_terminal(text.substr(0, half)) + escape_for_terminal(text.substr(half));
  require(escape_for_terminal(parts) == parts);
  return 0;
}
