// JsonWriter: JSON written straight into a string, for output by the hundred thousand lines.
//
// The caller keeps the order right: a key before each value of an object, every begin closed by its
// end. Text is written in ASCII alone (safe for a terminal): what is not UTF-8 comes out as U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace prodaccess {

class JsonWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);
  void string(std::string_view text);
  void number(std::int64_t value);
  void boolean(bool value) { literal(value ? "true" : "false"); }
  void null() { literal("null"); }

 private:
  void open(char bracket);
  void close(char bracket);
  void literal(std::string_view text);
  void separate();
  void quoted(std::string_view text);

  std::string& out_;
  bool first_ = true;  // nothing before it needs a comma
};

}  // namespace prodaccess
