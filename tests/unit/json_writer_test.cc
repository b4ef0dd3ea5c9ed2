#include "core/base/json_writer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/json.h"

using namespace prodaccess;

namespace {
std::string text_of(std::string_view value) {
  std::string out;
  JsonWriter(out).string(value);
  return out;
}
}  // namespace

TEST_CASE("json writer: objects, arrays and values stand as JSON asks") {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("a");
  json.begin_array();
  json.number(-5);
  json.boolean(true);
  json.null();
  json.begin_object();
  json.end_object();
  json.begin_array();
  json.end_array();
  json.end_array();
  json.key("b");
  json.string("x");
  json.end_object();
  CHECK(out == R"({"a":[-5,true,null,{},[]],"b":"x"})");
}

TEST_CASE("json writer: text comes out as safe ASCII") {
  CHECK(text_of("a\"b\\c\n\t") == R"("a\"b\\c\n\t")");
  CHECK(text_of(std::string("\x1b\0", 2)) == R"("\u001b\u0000")");
  CHECK(text_of("\x7f") == R"("\u007f")");
  CHECK(text_of("\u00e9\u202e") == R"("\u00e9\u202e")");
  CHECK(text_of("\U0001f600") == R"("\ud83d\ude00")");
  CHECK(text_of("a\xff"
                "b") == R"("a\ufffdb")");
  CHECK(text_of("\xc0\xaf") == R"("\ufffd\ufffd")");
  CHECK(text_of("\xed\xa0\x80") == R"("\ufffd\ufffd\ufffd")");
  CHECK(text_of("\xe2\x82") == R"("\ufffd\ufffd")");
}

TEST_CASE("json writer: every byte pair gives JSON that a strict reader takes") {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; b += 3) {
      const std::string value{static_cast<char>(a), static_cast<char>(b), 'x'};
      CHECK(parse_json_strictly(text_of(value), "text").is_string());
    }
  }
}
