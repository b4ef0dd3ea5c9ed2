// TypedLine: one line as it is typed, byte by byte, with the editing keys that terminals have.
// Pure: bytes and times in, a state and an echo out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace prodaccess {

class TypedLine {
 public:
  enum class State { Typing, Complete, Pasted, TooFast, EndOfInput };

  struct Rules {
    bool by_hand = true;
    bool echo = true;
  };
  explicit TypedLine(Rules rules) : rules_(rules) {}
  ~TypedLine();
  TypedLine(const TypedLine&) = delete;
  TypedLine& operator=(const TypedLine&) = delete;

  // Takes what arrived at `now` (any steady clock) and returns what to show for it.
  std::string take(std::string_view bytes, Milliseconds now);
  State state() const { return state_; }
  // Valid when Complete.
  std::string_view text() const { return text_; }

 private:
  void take_byte(char byte, Milliseconds now, std::string& echo);
  void take_escaped(char byte);
  void take_control(char byte, Milliseconds now, std::string& echo);
  void erase_character(std::string& echo);
  void complete(Milliseconds now);

  Rules rules_;
  State state_ = State::Typing;
  std::string text_;    // reserved once, so that a secret leaves no copies behind
  std::string escape_;  // an escape sequence being read, without ESC; '\x1b' alone starts it
  bool in_escape_ = false;
  bool started_ = false;
  Milliseconds first_{0};
};

}  // namespace prodaccess
