// TerminalFilter: lets what draws on a screen pass, and nothing that does more, so that the output
// of a program that is not trusted can be shown on a person's terminal a second time.
//
// Passes: text, line ends, tabs and backspaces, colours and attributes, moving the cursor, erasing,
// scrolling, character sets, the alternate screen, a hidden cursor. Drops: titles, clipboard,
// hyperlinks, images and all other strings (OSC, DCS, APC, PM, SOS), questions that the terminal
// would answer as if they were typed, mouse and paste modes, resets, window operations, bells, C1
// controls and bidirectional controls.
//
// Pure. Sequences may be cut anywhere between calls; a character of UTF-8 may not.
#pragma once

#include <string>
#include <string_view>

namespace prodaccess {

class TerminalFilter {
 public:
  enum class Keep {
    Drawing,  // as above
    Text,     // only the text and its newlines and tabs, for a file
  };
  explicit TerminalFilter(Keep keep) : keep_(keep) {}

  // What of `text`, well-formed UTF-8, may pass.
  std::string pass(std::string_view text);
  // What puts a terminal's attributes, character set, margins, cursor and screen back.
  static std::string_view restoration();

 private:
  enum class State { Text, Escape, Charset, Control, String, StringEscape };
  void take(char32_t point, std::string_view bytes, std::string& shown);
  void take_text(char32_t point, std::string_view bytes, std::string& shown) const;
  void take_escape(char32_t point, std::string& shown);
  void take_control(char32_t point, std::string_view bytes, std::string& shown);

  Keep keep_;
  State state_ = State::Text;
  // Of Control: what stands between "ESC [" and the final byte. Of Charset: which set is chosen.
  std::string sequence_;
};

}  // namespace prodaccess
