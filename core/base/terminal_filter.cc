#include "core/base/terminal_filter.h"

#include <algorithm>
#include <array>

namespace prodaccess {
namespace {

constexpr char32_t kEscape = 0x1b;
constexpr char32_t kBell = 0x07;
constexpr char32_t kCancel = 0x18;
constexpr char32_t kSubstitute = 0x1a;
constexpr std::size_t kLongestSequence = 64;
constexpr std::size_t kLongestNumber = 4;  // digits: a repeat count of billions would stall

bool is_bidirectional(char32_t point) {
  return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
         point == 0x200e || point == 0x200f || point == 0x061c;
}

bool one_of(char32_t point, std::string_view characters) {
  return point < 0x80 && characters.find(static_cast<char>(point)) != std::string_view::npos;
}

// Modes that only change what is drawn: columns' wrap, cursor blink and visibility, other screen.
bool is_drawing_mode(std::string_view number) {
  constexpr std::array<std::string_view, 7> kModes{"6", "7", "12", "25", "47", "1047", "1049"};
  return std::find(kModes.begin(), kModes.end(), number) != kModes.end();
}

bool numbers_are_short(std::string_view parameters) {
  std::size_t digits = 0;
  for (const char c : parameters) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > kLongestNumber) return false;
  }
  return true;
}

// "ESC [ PARAMETERS FINAL" moves, erases or colours, and has no private or intermediate bytes.
bool is_drawing_control(std::string_view parameters, char final) {
  if (!parameters.empty() && parameters.front() == '?') {
    return (final == 'h' || final == 'l') && is_drawing_mode(parameters.substr(1));
  }
  if (parameters.find_first_not_of("0123456789;:") != std::string_view::npos) return false;
  if (final == 'h' || final == 'l') return parameters == "4";
  return one_of(static_cast<unsigned char>(final), "ABCDEFGHIJKLMPSTXZ@`abdefgmrsu") &&
         numbers_are_short(parameters);
}

// How long the character at the beginning of `text` is. It is well-formed.
std::size_t length_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return std::min(length, text.size());
}

char32_t point_of(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  constexpr std::array<unsigned char, 5> kMasks{0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t point = byte(0) & kMasks[bytes.size()];
  for (std::size_t i = 1; i < bytes.size(); ++i) point = (point << 6) | (byte(i) & 0x3fU);
  return point;
}

}  // namespace

std::string TerminalFilter::pass(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const std::string_view bytes = text.substr(0, length_of(text));
    take(point_of(bytes), bytes, shown);
    text.remove_prefix(bytes.size());
  }
  return shown;
}

void TerminalFilter::take(char32_t point, std::string_view bytes, std::string& shown) {
  // These three end whatever sequence they stand in.
  if (point == kCancel || point == kSubstitute) {
    state_ = State::Text;
    return;
  }
  if (point == kEscape) {
    state_ = state_ == State::String ? State::StringEscape : State::Escape;
    return;
  }
  switch (state_) {
    case State::Text: return take_text(point, bytes, shown);
    case State::Escape: return take_escape(point, shown);
    case State::Charset:
      state_ = State::Text;
      if (keep_ == Keep::Drawing && !sequence_.empty() && one_of(point, "AB0")) {
        shown += "\x1b" + sequence_ + std::string(bytes);
      }
      return;
    case State::Control: return take_control(point, bytes, shown);
    case State::String:
      if (point == kBell || point == 0x9c) state_ = State::Text;
      return;
    case State::StringEscape:
      state_ = State::Text;
      if (point != '\\') take_escape(point, shown);
      return;
  }
}

void TerminalFilter::take_text(char32_t point, std::string_view bytes, std::string& shown) const {
  const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
  // Carriage return, backspace, and shifts between character sets draw; they are no text.
  const bool layout =
      point == '\n' || point == '\t' || (keep_ == Keep::Drawing && one_of(point, "\r\b\x0e\x0f"));
  if ((!control || layout) && !is_bidirectional(point)) shown += bytes;
}

void TerminalFilter::take_escape(char32_t point, std::string& shown) {
  state_ = State::Text;
  sequence_.clear();
  if (point == '[') {
    state_ = State::Control;
  } else if (one_of(point, "]PX^_")) {
    state_ = State::String;
  } else if (one_of(point, "()")) {
    state_ = State::Charset;
    sequence_ = static_cast<char>(point);
  } else if (one_of(point, " #%*+-./")) {
    state_ = State::Charset;  // of no set that passes: one more character, which goes with it
  } else if (keep_ == Keep::Drawing && one_of(point, "78DEM")) {
    shown += "\x1b";
    shown += static_cast<char>(point);
  }
}

void TerminalFilter::take_control(char32_t point, std::string_view bytes, std::string& shown) {
  if (point >= 0x20 && point < 0x40) {
    if (sequence_.size() < kLongestSequence) sequence_ += static_cast<char>(point);
    return;
  }
  state_ = State::Text;
  const bool final = point >= 0x40 && point < 0x7f;
  if (!final) return take_text(point, bytes, shown);
  if (keep_ != Keep::Drawing || sequence_.size() >= kLongestSequence) return;
  if (is_drawing_control(sequence_, static_cast<char>(point))) {
    shown += "\x1b[" + sequence_ + static_cast<char>(point);
  }
}

std::string_view TerminalFilter::restoration() {
  return "\x1b[?1049l\x1b[0m\x1b(B\x0f\x1b[?6l\x1b"
         "7\x1b[r\x1b"
         "8\x1b[?7h\x1b[?25h\x1b[4l\r\n";
}

}  // namespace prodaccess
