#include "core/base/terminal_filter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace prodaccess;

namespace {

std::string drawn(const std::string& text) {
  return TerminalFilter(TerminalFilter::Keep::Drawing).pass(text);
}
std::string plain(const std::string& text) {
  return TerminalFilter(TerminalFilter::Keep::Text).pass(text);
}

}  // namespace

TEST_CASE("terminal filter: what draws passes unchanged") {
  for (const std::string text :
       {"plain\r\n", "tab\tback\b", "\x1b[1;31mred\x1b[0m", "\x1b[38:2::1:2:3mx", "\x1b[2J\x1b[H",
        "\x1b[10;20Hx", "\x1b[?1049h\x1b[?25l", "\x1b(0lqk\x1b(B", "\x0elqk\x0f",
        "\x1b"
        "7\x1b"
        "8\x1bM",
        "\x1b[5;20r", "\x1b[3P", "ä漢字→"}) {
    CHECK(drawn(text) == text);
  }
}

TEST_CASE("terminal filter: what does more than draw is dropped") {
  const std::vector<std::string> dropped{"\x1b]0;title\x07",        // window title
                                         "\x1b]52;c;cm0gLXJm\x07",  // clipboard
                                         "\x1b]8;;http://x\x1b\\",  // hyperlink
                                         "\x1bP1$r0m\x1b\\",        // device control
                                         "\x1b_payload\x1b\\",      // application command
                                         "\x1b[c",
                                         "\x1b[6n",
                                         "\x1b[?6n",
                                         "\x1b[>c",
                                         "\x1b[5i",
                                         "\x1b[21t",
                                         "\x1b[x",  // questions
                                         "\x1b[?1000h",
                                         "\x1b[?2004h",
                                         "\x1b[>4;2m",
                                         "\x1b[20h",  // modes of the keyboard and mouse
                                         "\x1b"
                                         "c",
                                         "\x1b=",
                                         "\x1b#8",
                                         "\x1b%G",
                                         "\x1b(%",  // resets and other character sets
                                         "\x07",
                                         "\x05",
                                         "\x7f",
                                         "\xc2\x9b"
                                         "31m",  // bell, enquiry, delete, C1
                                         "\xe2\x80\xae",
                                         "\xe2\x81\xa6",      // bidirectional controls
                                         "\x1b[999999999b"};  // a repeat that would stall
  for (const std::string& text : dropped) {
    CAPTURE(text);
    const std::string around = drawn("a" + text + "b");
    CHECK(around.find('\x1b') == std::string::npos);
    CHECK(around.front() == 'a');
    CHECK(around.back() == 'b');
    CHECK(around.find("\xc2\x9b") == std::string::npos);
    CHECK(around.find("title") == std::string::npos);
    CHECK(around.find("payload") == std::string::npos);
  }
}

TEST_CASE("terminal filter: a string that never ends is over at the next sequence or cancel") {
  CHECK(drawn("\x1b]0;x\x18"
              "after") == "after");
  CHECK(drawn("\x1b]0;x\x1b[1mafter") == "\x1b[1mafter");
}

TEST_CASE("terminal filter: wherever it is cut, the same passes") {
  const std::string text =
      "a\x1b[1;31mred\x1b]0;title\x07 b\x1b(0q\x1b(B\x1b[?1000h\x1bPx\x1b\\c\x1b[6nd\x1b[2Je";
  const std::string whole = drawn(text);
  CHECK(whole == "a\x1b[1;31mred b\x1b(0q\x1b(Bcd\x1b[2Je");
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    TerminalFilter filter(TerminalFilter::Keep::Drawing);
    std::string pieces = filter.pass(text.substr(0, cut));
    pieces += filter.pass(text.substr(cut));
    CHECK(pieces == whole);
  }
}

TEST_CASE("terminal filter: text alone for a file") {
  CHECK(plain("\x1b[1;31mred\x1b[0m\r\n\x1b]0;title\x07tab\tä\x1b(0q\x1b(B\b") == "red\ntab\täq");
}
