// Asciicast, version 2: a terminal's output as lines of JSON, read back
// (docs.asciinema.org/manual/asciicast/v2). core/os/cast_writer.h writes it.
//
// Pure. A line that is not of this form is absent; nothing throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace prodaccess {

struct CastHeader {
  std::int64_t columns = 80;  // 1 to 10,000
  std::int64_t rows = 24;
  std::optional<WallTime> begun;
  std::string title;
};

struct CastEvent {
  Milliseconds at{0};  // since the beginning
  std::string kind;    // "o" output, "r" a new size, "i" input, "m" a marker
  std::string data;    // UTF-8
};

std::optional<CastHeader> parse_cast_header(std::string_view line);
std::optional<CastEvent> parse_cast_event(std::string_view line);

}  // namespace prodaccess
