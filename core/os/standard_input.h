// Lines of standard input, read byte by byte: nothing of them stays in a buffer, and what follows
// is left to others. Errors: what cannot be read ends the input.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace prodaccess {

// The next line without its newline, cut at `limit` bytes (the rest is the next one). None: the
// end.
std::optional<std::string> read_input_line(std::size_t limit);

}  // namespace prodaccess
