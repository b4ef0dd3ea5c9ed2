#include "core/base/text.h"
#include "core/command/language/awk_sed.h"

namespace prodaccess {
namespace {

class Sed {
 public:
  Sed(std::string_view script, Inner& inner, SqlFinding& finding)
      : script_(script), inner_(inner), finding_(finding) {}

  void judge() {
    while (skip(" \t\n;{}"), at_ < script_.size()) {
      if (!addresses() || !command()) {
        raise_opaque(finding_, OpaqueCause::Unknown, "a sed script that is not understood");
        return;
      }
    }
  }

 private:
  char peek() const { return at_ < script_.size() ? script_[at_] : '\0'; }
  void skip(std::string_view characters) {
    while (at_ < script_.size() && characters.find(script_[at_]) != std::string_view::npos) ++at_;
  }
  std::string_view rest_of_line() {
    const std::size_t begin = at_;
    at_ = std::min(script_.find('\n', at_), script_.size());
    return trim(script_.substr(begin, at_ - begin));
  }

  // Past a part that `end` closes; false where it does not. A newline stands in none without a
  // backslash.
  bool delimited(char end) {
    bool in_class = false;
    while (at_ < script_.size()) {
      const char c = script_[at_];
      if (c == '\\') {
        at_ += 2;
        continue;
      }
      if (c == '\n') return false;
      // A delimiter inside [...] does not end the pattern in GNU sed's reading of POSIX.
      if (c == '[' && end != '[' && script_.find(']', at_ + 2) != std::string_view::npos)
        in_class = true;
      if (c == ']') in_class = false;
      ++at_;
      if (c == end && !in_class) return true;
      if (c == end && script_.find(end, at_) == std::string_view::npos) return true;
    }
    return false;
  }

  bool address() {
    const char c = peek();
    if (c >= '0' && c <= '9') {
      skip("0123456789~");
    } else if (c == '$') {
      ++at_;
    } else if (c == '+' || c == '~') {
      ++at_;
      skip("0123456789");
    } else if (c == '/' || c == '\\') {
      if (c == '\\') ++at_;
      const char end = peek();
      ++at_;
      if (!delimited(end)) return false;
      skip("IM");
    }
    return true;
  }

  bool addresses() {
    if (!address()) return false;
    skip(" \t");
    if (peek() == ',') {
      ++at_;
      skip(" \t");
      if (!address()) return false;
    }
    skip(" \t!");
    return true;
  }

  bool command() {
    const char c = peek();
    ++at_;
    switch (c) {
      case '\0': return false;
      case '#': rest_of_line(); return true;
      case '{':
      case '}':
      case '=':
      case 'd':
      case 'D':
      case 'g':
      case 'G':
      case 'h':
      case 'H':
      case 'n':
      case 'N':
      case 'p':
      case 'P':
      case 'x':
      case 'z':
      case 'F': return true;
      case 'q':
      case 'Q':
      case 'l':
      case 'L': skip(" 0123456789"); return true;
      case 'a':
      case 'i':
      case 'c': text(); return true;
      case ':':
      case 'b':
      case 't':
      case 'T': label(); return true;
      case 'r':
      case 'R': rest_of_line(); return true;
      case 'w':
      case 'W': output(rest_of_line()); return true;
      case 'e': execute(rest_of_line()); return true;
      case 'y': return translate();
      case 's': return substitute();
      case 'v': rest_of_line(); return true;
      default: return false;
    }
  }

  // a, i, c: text to the end of the line; a backslash carries it on.
  void text() {
    while (at_ < script_.size() && script_[at_] != '\n') at_ += script_[at_] == '\\' ? 2 : 1;
  }

  void label() {
    while (at_ < script_.size() && script_[at_] != '\n' && script_[at_] != ';' &&
           script_[at_] != '}')
      ++at_;
  }

  void output(std::string_view file) {
    if (file != "/dev/stdout" && file != "/dev/stderr")
      raise(finding_, Effect::Write, "sed writes to a file");
  }

  void execute(std::string_view command) {
    if (command.empty()) {
      raise_opaque(finding_, OpaqueCause::Program, "sed runs the data as commands");
    } else {
      join_shell(finding_, inner_, command, "sed runs a command");
    }
  }

  bool translate() {
    const char end = peek();
    ++at_;
    return delimited(end) && delimited(end);
  }

  bool substitute() {
    const char end = peek();
    ++at_;
    if (end == '\0' || end == '\n' || !delimited(end) || !replacement(end)) return false;
    while (at_ < script_.size()) {
      const char flag = script_[at_];
      if (flag == 'w') {
        ++at_;
        output(rest_of_line());
        return true;
      }
      if (flag == 'e')
        raise_opaque(finding_, OpaqueCause::Program, "sed runs the data as commands");
      if (std::string_view("gpiIemM0123456789").find(flag) == std::string_view::npos) break;
      ++at_;
    }
    return true;
  }

  bool replacement(char end) {
    while (at_ < script_.size()) {
      const char c = script_[at_];
      if (c == '\n') return false;
      at_ += c == '\\' ? 2 : 1;
      if (c == end) return true;
    }
    return false;
  }

  std::string_view script_;
  Inner& inner_;
  SqlFinding& finding_;
  std::size_t at_ = 0;
};

}  // namespace

void judge_sed(std::string_view script, Inner& inner, SqlFinding& finding) {
  Sed(script, inner, finding).judge();
}

}  // namespace prodaccess
