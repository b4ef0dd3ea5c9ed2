#include "core/command/shell/known_output.h"

#include <array>

#include "core/command/shell/ansi_quote.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestOutput = 256U << 10U;

bool all_known(const Words& words) {
  return std::all_of(words.begin(), words.end(),
                     [](const Word& word) { return word.known && !word.glob; });
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::optional<std::string> echo_output(const Words& words) {
  bool newline = true;
  bool escapes = false;
  bool told = false;
  std::size_t i = 1;
  for (; i < words.size(); ++i) {
    const std::string& word = words[i].text;
    if (word.size() < 2 || word[0] != '-' ||
        word.find_first_not_of("neE", 1) != std::string::npos) {
      break;
    }
    if (word.find('n') != std::string::npos) newline = false;
    const std::size_t last = word.find_last_of("eE");
    if (last != std::string::npos) {
      told = true;
      escapes = word[last] == 'e';
    }
  }
  std::string text;
  for (std::size_t first = i; i < words.size(); ++i) {
    if (i != first) text += ' ';
    text += words[i].text;
  }
  if (escapes) {
    bool stopped = false;
    text = shell::unescape_echo(text, stopped);
    if (stopped) return text;
  } else if (!told) {
    for (std::size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at + 1)) {
      if (at + 1 < text.size() &&
          std::string_view("abcefnrtv0\\").find(text[at + 1]) != std::string_view::npos) {
        return std::nullopt;
      }
    }
  }
  if (newline) text += '\n';
  return text;
}

// One pass of the format over the arguments from `next` on. Absent: a conversion we do not make.
std::optional<std::string> format_once(const std::string& format, const Words& words,
                                       std::size_t& next, bool& stopped) {
  std::string out;
  for (std::size_t at = 0; at < format.size() && !stopped; ++at) {
    if (format[at] == '\\') {
      const std::size_t begin = at;
      while (at + 1 < format.size() && format[at + 1] != '%' && format[at + 1] != '\\') ++at;
      if (at == begin) ++at;
      const std::string_view run = std::string_view(format).substr(begin, at - begin + 1);
      if (run.substr(0, 2) == "\\c") {
        stopped = true;
      } else {
        out += shell::unescape_ansi(run);
      }
      continue;
    }
    if (format[at] != '%') {
      out += format[at];
      continue;
    }
    const char conversion = at + 1 < format.size() ? format[++at] : '\0';
    if (conversion == '%') {
      out += '%';
      continue;
    }
    const std::string argument = next < words.size() ? words[next].text : "";
    if (conversion != 's' && conversion != 'b' && conversion != 'c' && conversion != 'd' &&
        conversion != 'i') {
      return std::nullopt;
    }
    ++next;
    if (conversion == 'b') {
      out += shell::unescape_echo(argument, stopped);
    } else if (conversion == 'c') {
      out += argument.substr(0, 1);
    } else if (conversion == 's') {
      out += argument;
    } else {
      if (argument.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
      out += argument.empty() ? "0" : argument;
    }
  }
  return out;
}

std::optional<std::string> printf_output(const Words& words) {
  std::size_t format_at = 1;
  if (words.size() > 1 && words[1].text == "--") format_at = 2;
  if (words.size() <= format_at || words[format_at].text == "-v") return std::nullopt;
  const std::string& format = words[format_at].text;
  std::string out;
  bool stopped = false;
  std::size_t next = format_at + 1;
  do {
    const std::size_t before = next;
    const std::optional<std::string> once = format_once(format, words, next, stopped);
    if (!once || out.size() > kLongestOutput) return std::nullopt;
    out += *once;
    if (next == before) break;
  } while (next < words.size() && !stopped);
  return out;
}

std::optional<std::string> cat_output(const SimpleCommand& command) {
  const Words& words = command.words;
  if (words.size() == 2 && words[1].text == "/dev/null") return "";
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].text != "-" && words[i].text != "/dev/stdin") return std::nullopt;
  }
  if (words.size() > 2 || !command.input || !command.input->known) return std::nullopt;
  return command.input->text;
}

}  // namespace

std::optional<std::string> known_output(const SimpleCommand& command) {
  const Words& words = command.words;
  if (words.empty()) {
    for (const Redirect& redirect : command.redirects) {
      if (redirect.kind == Redirect::Kind::Read) return std::nullopt;  // $(< file)
    }
    return "";
  }
  if (!all_known(words)) return std::nullopt;
  const std::string_view name = base_name(words[0].text);
  if (name == "echo") return echo_output(words);
  if (name == "printf") return printf_output(words);
  if (name == "cat") return cat_output(command);
  if (name == "tee" && command.input && command.input->known) return command.input->text;
  constexpr std::array<std::string_view, 22> kSilent{
      ":",     "true",    "false", "test",  "[",      "[[",   "export", "set",
      "shift", "declare", "local", "unset", "return", "exit", "break",  "continue",
      "umask", "sleep",   "read",  "shopt", "alias",  "wait"};
  for (const std::string_view silent : kSilent) {
    if (name == silent &&
        (words.size() > 1 || (name != "export" && name != "set" && name != "declare" &&
                              name != "alias" && name != "umask" && name != "shopt"))) {
      return "";
    }
  }
  return std::nullopt;
}

}  // namespace prodaccess
