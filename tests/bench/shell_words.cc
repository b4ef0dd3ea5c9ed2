// Reads shell lines, each ended by a NUL; prints for each one JSON line: the problems, and the
// words of every command (null where a word is not known). For the comparison with bash.
#include <iostream>
#include <iterator>

#include "core/base/json_writer.h"
#include "core/command/shell/script.h"

using namespace prodaccess;

namespace {

void print(std::string_view line) {
  const Script script = parse_shell(line, {});
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("problems");
  json.begin_array();
  for (const std::string& problem : script.problems) json.string(problem);
  json.end_array();
  json.key("commands");
  json.begin_array();
  for (const SimpleCommand& command : script.commands) {
    json.begin_array();
    for (const Word& word : command.words) {
      if (word.known && !word.glob) {
        json.string(word.text);
      } else {
        json.null();
      }
    }
    json.end_array();
  }
  json.end_array();
  json.end_object();
  std::cout << out << '\n';
}

}  // namespace

int main() {
  const std::string all(std::istreambuf_iterator<char>(std::cin), {});
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\0', begin), all.size());
    print(std::string_view(all).substr(begin, end - begin));
    begin = end + 1;
  }
  return 0;
}
