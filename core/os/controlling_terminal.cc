#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>

#include "core/os/descriptor.h"
#include "core/os/signals.h"
#include "core/os/terminal.h"
#include "core/os/typed_line.h"

namespace prodaccess {
namespace {

constexpr std::string_view kMarkPastes = "\x1b[?2004h";
constexpr std::string_view kNoMarks = "\x1b[?2004l";
constexpr int kWriteWait = 1000;  // ms; output may be held by Ctrl-S
constexpr int kPasteQuiet = 200;  // ms without a byte: the rest of a paste has arrived

Milliseconds steady_now() {
  return std::chrono::duration_cast<Milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

// A terminal that would show the marks' request as text gets none.
bool understands_marks() {
  const char* type = std::getenv("TERM");
  return type != nullptr && *type != '\0' && std::string_view(type) != "dumb";
}

void write_all(int terminal, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(terminal, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    pollfd wait{terminal, POLLOUT, 0};
    if (errno != EAGAIN || poll(&wait, 1, kWriteWait) <= 0) return;
  }
}

// The name below /dev, from the device's number: /dev/tty itself would only say "tty".
std::string device_name(int terminal) {
  unsigned int number = 0;
  if (ioctl(terminal, TIOCGDEV, &number) != 0) return "";
  constexpr unsigned int kFirstPts = 136;  // to 143: Linux, devices.txt
  constexpr unsigned int kConsole = 4;
  const unsigned int kind = major(number);
  if (kind >= kFirstPts && kind < kFirstPts + 8) {
    return "pts/" + std::to_string((kind - kFirstPts) * 256 + minor(number));
  }
  return kind == kConsole ? "tty" + std::to_string(minor(number)) : "";
}

// The modes while a question stands; back to what they were on destruction.
class AskingModes {
 public:
  AskingModes(int terminal, bool mark_pastes) : terminal_(terminal), marks_(mark_pastes) {
    if (tcgetattr(terminal_, &before_) != 0) return;
    known_ = true;
    enter();
  }
  ~AskingModes() { leave(); }
  AskingModes(const AskingModes&) = delete;
  AskingModes& operator=(const AskingModes&) = delete;

  void enter() const {
    termios asking = before_;
    asking.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ECHONL);
    asking.c_lflag |= ISIG;
    asking.c_iflag |= ICRNL;
    asking.c_cc[VMIN] = 1;
    asking.c_cc[VTIME] = 0;
    tcsetattr(terminal_, TCSAFLUSH, &asking);
    if (marks_) write_all(terminal_, kMarkPastes);
  }
  // What was typed and not read is dropped: it must not reach the shell.
  void leave() const {
    if (marks_) write_all(terminal_, kNoMarks);
    if (known_) tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  bool known() const { return known_; }

 private:
  int terminal_;
  bool marks_;
  bool known_ = false;
  termios before_{};
};

// One question from its showing to its answer.
class Asking {
 public:
  Asking(int terminal, const Question& question)
      : terminal_(terminal),
        question_(question),
        modes_(terminal, question.by_hand && understands_marks()),
        deadline_(steady_now() + question.patience) {
    show_afresh();
  }

  Answer run() {
    if (!modes_.known()) return refuse(Answer::Kind::Closed, "the terminal has gone");
    while (true) {
      pollfd waits[2] = {{terminal_, POLLIN, 0}, {fence_.fd(), POLLIN, 0}};
      const auto left = std::max<Milliseconds::rep>((deadline_ - steady_now()).count(), 0);
      if (left == 0) return refuse(Answer::Kind::TimedOut, "no answer in time");
      if (poll(waits, 2, static_cast<int>(left)) < 0 && errno != EINTR) {
        return refuse(Answer::Kind::Closed, "the terminal has gone");
      }
      while (const auto signal = fence_.next()) {
        if (auto answer = on_signal(*signal)) return std::move(*answer);
      }
      if (waits[0].revents == 0) continue;
      if (auto answer = on_input()) return std::move(*answer);
    }
  }

 private:
  void show_afresh() {
    line_.emplace(TypedLine::Rules{question_.by_hand, !question_.hidden});
    write_all(terminal_, question_.prompt);
    // What came before the prompt was there is no consent to it.
    if (question_.by_hand) tcflush(terminal_, TCIFLUSH);
  }

  Answer refuse(Answer::Kind kind, std::string why) const {
    write_all(terminal_, "\r\n");
    return {kind, {}, std::move(why)};
  }

  std::optional<Answer> on_signal(const signalfd_siginfo& signal) {
    const int number = static_cast<int>(signal.ssi_signo);
    switch (number) {
      case SIGTSTP:
        modes_.leave();
        fence_.stop_here(SIGTSTP);
        modes_.enter();
        show_afresh();
        return std::nullopt;
      case SIGINT:
      case SIGQUIT: return refuse(Answer::Kind::Cancelled, "interrupted");
      case SIGTERM:
      case SIGHUP:
        raise(number);  // acted on once the modes are restored and the fence is gone
        return refuse(Answer::Kind::Cancelled, "ended by a signal");
      default: return std::nullopt;
    }
  }

  std::optional<Answer> on_input() {
    char bytes[512];
    const ssize_t got = read(terminal_, bytes, sizeof bytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (got <= 0) return refuse(Answer::Kind::Closed, "the terminal has gone");
    const std::string_view typed(bytes, static_cast<std::size_t>(got));
    write_all(terminal_, line_->take(typed, steady_now()));
    wipe(bytes, sizeof bytes);
    switch (line_->state()) {
      case TypedLine::State::Typing: return std::nullopt;
      case TypedLine::State::EndOfInput: return refuse(Answer::Kind::Cancelled, "cancelled");
      case TypedLine::State::Pasted:
        swallow_rest();
        return refuse(Answer::Kind::Refused, "pasted text is not accepted here");
      case TypedLine::State::TooFast:
        return refuse(Answer::Kind::Refused, "the answer came faster than a person types");
      case TypedLine::State::Complete: break;
    }
    if (tcgetpgrp(terminal_) != getpgrp()) {
      return refuse(Answer::Kind::Refused, "not in the foreground of the terminal");
    }
    write_all(terminal_, "\r\n");
    return Answer{Answer::Kind::Given, Secret(line_->text()), {}};
  }

  void swallow_rest() const {
    char bytes[4096];
    pollfd wait{terminal_, POLLIN, 0};
    for (int i = 0; i < 1000 && poll(&wait, 1, kPasteQuiet) > 0; ++i) {
      if (read(terminal_, bytes, sizeof bytes) <= 0) return;
    }
  }

  int terminal_;
  const Question& question_;
  SignalFence fence_;
  AskingModes modes_;
  Milliseconds deadline_;
  std::optional<TypedLine> line_;
};

class ControllingTerminal final : public Terminal {
 public:
  explicit ControllingTerminal(Descriptor terminal) : terminal_(std::move(terminal)) {}

  std::string name() const override { return device_name(terminal_.get()); }
  bool foreground() const override { return tcgetpgrp(terminal_.get()) == getpgrp(); }

  int columns() const override {
    winsize size{};
    if (ioctl(terminal_.get(), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return std::clamp<int>(size.ws_col, 20, 300);
  }

  void show(std::string_view text) override { write_all(terminal_.get(), text); }

  Answer ask(const Question& question) override {
    if (!foreground()) {
      return {Answer::Kind::Refused, {}, "not in the foreground of the terminal"};
    }
    return Asking(terminal_.get(), question).run();
  }

 private:
  Descriptor terminal_;
};

}  // namespace

bool Terminal::can_ask() {
  const auto terminal = open_controlling_terminal();
  return terminal != nullptr && terminal->foreground();
}

bool stdout_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool standard_streams_are_terminals() { return isatty(0) == 1 && isatty(1) == 1 && isatty(2) == 1; }

std::unique_ptr<Terminal> open_controlling_terminal() {
  // Not blocking: a terminal whose output is held must not hold us.
  Descriptor terminal(open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!terminal) return nullptr;
  return std::make_unique<ControllingTerminal>(std::move(terminal));
}

}  // namespace prodaccess
