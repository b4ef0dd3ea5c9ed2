#include "core/command/preview_scope.h"

#include <algorithm>
#include <array>

namespace prodaccess {
namespace {

constexpr std::array<std::string_view, 11> kMoving{"cd",    "pushd",   "popd",    "export",
                                                   "unset", "declare", "typeset", "source",
                                                   ".",     "eval",    "readonly"};

}  // namespace

void drop_previews(Invocation& part) {
  part.preview = Preview{};
  for (Invocation& inner : part.parts) drop_previews(inner);
}

bool moves_on(const SimpleCommand& command) {
  if (command.words.empty()) return !command.assignments.empty();
  return std::find(kMoving.begin(), kMoving.end(), command.words.front().text) != kMoving.end();
}

}  // namespace prodaccess
