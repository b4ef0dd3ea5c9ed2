// Folder texts: the files of a folder that anybody may have written, for content that proves itself
// (signed approvals). Links are not followed; what cannot be read, or is too large, is passed over.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess {

// In the order of their names, at most `most` files of `limit` bytes. No such folder: none.
std::vector<std::string> read_folder_texts(const std::filesystem::path& folder,
                                           std::string_view suffix, std::size_t limit,
                                           std::size_t most);

}  // namespace prodaccess
