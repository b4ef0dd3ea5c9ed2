// Lines of a recording, and what of its output may reach a terminal: no escape but those that draw,
// the same wherever the text is cut, and what passed passes again unchanged.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/asciicast.h"
#include "core/base/terminal_filter.h"
#include "core/base/text.h"

using namespace prodaccess;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void check_filter(const std::string& text, std::size_t cut) {
  TerminalFilter drawing(TerminalFilter::Keep::Drawing);
  const std::string shown = drawing.pass(text);
  TerminalFilter plain(TerminalFilter::Keep::Text);
  require(plain.pass(text).find('\x1b') == std::string::npos);
  TerminalFilter again(TerminalFilter::Keep::Drawing);
  require(again.pass(shown) == shown);
  require(shown.find("\x1b]") == std::string::npos && shown.find("\x1bP") == std::string::npos);
  while (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80U) ++cut;
  cut = std::min(cut, text.size());
  TerminalFilter pieces(TerminalFilter::Keep::Drawing);
  std::string joined = pieces.pass(std::string_view(text).substr(0, cut));
  joined += pieces.pass(std::string_view(text).substr(cut));
  require(joined == shown);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto header = parse_cast_header(text)) {
    require(header->columns >= 1 && header->rows >= 1);
  }
  if (const auto event = parse_cast_event(text)) check_filter(event->data, event->data.size() / 2);
  if (size > 0 && is_utf8(text)) check_filter(text, data[0]);
  return 0;
}
