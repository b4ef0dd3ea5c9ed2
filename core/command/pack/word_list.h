// word_list: the words of a pack's text, parted by blanks and newlines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prodaccess::pack {

std::vector<std::string> word_list(std::string_view text);

}  // namespace prodaccess::pack
