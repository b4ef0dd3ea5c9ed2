#include "core/base/version.h"

#include "core/base/text.h"

namespace prodaccess {
namespace {

// "1.3" or "1.3.0" as three numbers; throws std::exception for anything else.
std::array<int, 3> numbers_of(std::string_view text) {
  std::array<int, 3> numbers{};
  const auto parts = split(text, '.');
  if (parts.empty() || parts.size() > numbers.size()) throw std::invalid_argument("parts");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::size_t used = 0;
    numbers.at(i) = std::stoi(parts[i], &used);
    if (used != parts[i].size() || numbers.at(i) < 0) throw std::invalid_argument("number");
  }
  return numbers;
}

}  // namespace

std::string_view version() { return PRODACCESS_VERSION; }

void check_requirement(std::string_view requirement, const std::string& where, ErrorCode code) {
  std::string_view wanted = trim(requirement);
  if (wanted.substr(0, 2) != ">=") {
    throw Error(code, where + ": 'requires' must read \">= VERSION\"");
  }
  std::array<int, 3> needed{};
  try {
    needed = numbers_of(trim(wanted.substr(2)));
  } catch (const std::exception&) {
    throw Error(code, where + ": 'requires' must read \">= VERSION\"");
  }
  if (numbers_of(version()) < needed) {
    throw Error(code,
                where + ": needs prodaccess " + escape_for_terminal(wanted) + ", this is " +
                    std::string(version()),
                {"upgrade prodaccess"});
  }
}

}  // namespace prodaccess
