#include "core/os/typed_line.h"

#include <doctest/doctest.h>

using namespace prodaccess;
using State = TypedLine::State;

namespace {

// Types one byte every `pace` and says how it ended.
State type(TypedLine& line, std::string_view bytes, int pace) {
  int now = 1000;
  for (const char byte : bytes) {
    line.take(std::string_view(&byte, 1), Milliseconds(now));
    now += pace;
  }
  return line.state();
}

}  // namespace

TEST_CASE("typed line: what a person types is taken") {
  TypedLine line({});
  CHECK(type(line, "q7mk\n", 40) == State::Complete);
  CHECK(line.text() == "q7mk");
}

TEST_CASE("typed line: a whole answer at once is refused") {
  TypedLine burst({});
  burst.take("q7mk\n", Milliseconds(5));
  CHECK(burst.state() == State::TooFast);
  TypedLine quick({});
  CHECK(type(quick, "q7mk\n", 20) == State::TooFast);
  // Slow ssh delivers in bursts: only the whole with its newline counts.
  TypedLine split({});
  split.take("q7", Milliseconds(0));
  split.take("mk\n", Milliseconds(150));
  CHECK(split.state() == State::Complete);
}

TEST_CASE("typed line: secrets may be pasted, marks and all") {
  TypedLine line({false, false});
  CHECK(line.take("\x1b[200~s3cret\x1b[201~\n", Milliseconds(0)).empty());
  CHECK(line.state() == State::Complete);
  CHECK(line.text() == "s3cret");
}

TEST_CASE("typed line: a marked paste is refused, also when it is cut in pieces") {
  TypedLine whole({});
  CHECK(type(whole, "\x1b[200~q7mk\x1b[201~\n", 50) == State::Pasted);
  TypedLine late({});
  CHECK(type(late, "q7\x1b[200~mk\n", 50) == State::Pasted);
}

TEST_CASE("typed line: editing keys") {
  TypedLine line({});
  CHECK(type(line, "wrong\x15ri\xc3\xa9\x7fghx\x7ft\x1b[D\x1bOA\t\n", 30) == State::Complete);
  CHECK(line.text() == "right");
  TypedLine empty({});
  CHECK(type(empty, "\x7f\x7f\x04", 30) == State::EndOfInput);
  TypedLine nothing({});
  CHECK(type(nothing, "\n", 30) == State::Complete);
  CHECK(nothing.text().empty());
}

TEST_CASE("typed line: the echo shows what stands, and erases what went") {
  TypedLine line({});
  CHECK(line.take("ab", Milliseconds(0)) == "ab");
  CHECK(line.take("\x7f", Milliseconds(1)) == "\b \b");
  CHECK(line.take("\x1b]0;title\x07", Milliseconds(2)) == "0;title");
}

TEST_CASE("typed line: it never grows without bound") {
  TypedLine line({});
  for (int i = 0; i < 100; ++i) line.take(std::string(1000, 'x'), Milliseconds(i * 10));
  line.take("\n", Milliseconds(5000));
  CHECK(line.text().size() == 4096);
}
