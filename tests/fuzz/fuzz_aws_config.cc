// A shared config file is read or refused with Error{Config}; what is read lies within the file,
// and written out plainly it is read as the same. A command line's words hold no more than the
// line.
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/aws/shared_config.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

std::string written(const IniFile& file) {
  std::string text;
  for (const auto& [name, section] : file.sections()) {
    text += "[" + name + "]\n";
    for (const auto& [setting, value] : section) {
      text.append(setting).append(" = ").append(value).append("\n");
    }
  }
  return text;
}

void check_file(std::string_view text) {
  const IniFile file(Secret(text), "f");
  const std::string plain = written(file);
  require(plain.size() <= text.size() * 5 + 16);
  const IniFile again(Secret(plain), "f");
  require(again.sections() == file.sections());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    check_file(text);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Config);
  }
  try {
    std::size_t total = 0;
    for (const std::string& word : split_command(text)) total += word.size();
    require(total <= size);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Config);
  }
  return 0;
}
