// Terminal: questions to the person at the controlling terminal. Never stdin, never a pipe.
//
// A question is asked only from the foreground process group. What was typed before it stood on the
// screen is thrown away; an answer that is typed by hand is refused when it was pasted (the
// terminal is asked to mark pastes) or came whole, newline and all, within 100 ms. The modes are
// restored however it ends: answer, deadline, signal. Text is shown as it is given: the caller
// escapes what is not ours.
//
// Errors: none; a terminal that hangs up answers Closed. Threads: the process must have only one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

struct Question {
  std::string prompt;
  Milliseconds patience{60'000};
  bool by_hand = true;  // refuse what was pasted or came too fast
  bool hidden = false;  // for secrets: nothing is echoed
};

struct Answer {
  enum class Kind {
    Given,
    TimedOut,
    Refused,    // pasted, too fast, not in the foreground
    Cancelled,  // Ctrl-C, Ctrl-D, a signal
    Closed,     // the terminal has gone
  };
  Kind kind = Kind::Closed;
  Secret text;      // of Given
  std::string why;  // of the others, for people: "pasted text is not accepted here"
};

class Terminal {
 public:
  virtual ~Terminal() = default;
  // Whether a question could be asked now: there is a controlling terminal and we are in its
  // foreground.
  static bool can_ask();

  virtual bool foreground() const = 0;
  // "pts/3", "tty1"; "" where it cannot be told.
  virtual std::string name() const { return ""; }
  virtual int columns() const = 0;  // 20 to 300; 80 where the terminal does not say
  virtual void show(std::string_view text) = 0;
  virtual Answer ask(const Question& question) = 0;
};

// Whether results go to a terminal rather than to a file or a pipe.
bool stdout_is_terminal();

// Whether descriptors 0 to 2 are all terminals.
bool standard_streams_are_terminals();

// The controlling terminal; null where this process has none.
std::unique_ptr<Terminal> open_controlling_terminal();

}  // namespace prodaccess
