#include "core/os/typed_line.h"

#include "core/base/secret.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr Milliseconds kFastestByHand{100};
constexpr char kEscape = '\x1b';

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}  // namespace

TypedLine::~TypedLine() { wipe(text_.data(), text_.size()); }

std::string TypedLine::take(std::string_view bytes, Milliseconds now) {
  if (text_.capacity() < kLongest) text_.reserve(kLongest);
  if (!started_ && !bytes.empty()) {
    started_ = true;
    first_ = now;
  }
  std::string echo;
  for (const char byte : bytes) {
    if (state_ != State::Typing) break;
    take_byte(byte, now, echo);
  }
  return echo;
}

void TypedLine::take_byte(char byte, Milliseconds now, std::string& echo) {
  if (in_escape_) return take_escaped(byte);
  if (byte == kEscape) {
    in_escape_ = true;
    escape_.clear();
    return;
  }
  if (static_cast<unsigned char>(byte) < 0x20 || byte == '\x7f') {
    return take_control(byte, now, echo);
  }
  if (text_.size() >= kLongest) return;
  text_.push_back(byte);
  if (rules_.echo) echo.push_back(byte);
}

// ECMA-48 sequences: CSI ("[", parameters, a final byte) and two-byte ones. Keys that move the
// cursor mean nothing here.
void TypedLine::take_escaped(char byte) {
  escape_.push_back(byte);
  const bool sequence = escape_[0] == '[' || escape_[0] == 'O';
  const bool final_byte = byte >= 0x40 && byte <= 0x7e && escape_.size() > 1;
  if (sequence && !final_byte && escape_.size() < 16) return;
  in_escape_ = false;
  if (escape_ == "[200~" && rules_.by_hand) state_ = State::Pasted;
}

void TypedLine::take_control(char byte, Milliseconds now, std::string& echo) {
  constexpr char kControlD = '\x04';
  constexpr char kControlU = '\x15';
  constexpr char kControlW = '\x17';
  switch (byte) {
    case '\r':
    case '\n': return complete(now);
    case '\b':
    case '\x7f': return erase_character(echo);
    case kControlD:
      if (text_.empty()) state_ = State::EndOfInput;
      return;
    case kControlU:
    case kControlW:
      while (!text_.empty()) erase_character(echo);
      return;
    default: return;
  }
}

void TypedLine::erase_character(std::string& echo) {
  if (text_.empty()) return;
  while (text_.size() > 1 && continues_character(text_.back())) text_.pop_back();
  text_.pop_back();
  if (rules_.echo) echo += "\b \b";
}

void TypedLine::complete(Milliseconds now) {
  const bool whole_at_once = !text_.empty() && now - first_ < kFastestByHand;
  state_ = rules_.by_hand && whole_at_once ? State::TooFast : State::Complete;
}

}  // namespace prodaccess
