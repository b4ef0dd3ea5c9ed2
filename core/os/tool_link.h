// Tool links: a folder of links to this program, each with the name of a tool, that `shell` puts
// first on PATH. Started through one, this program runs that tool the way `exec` does.
//
// Errors: none; what cannot be made throws std::filesystem::filesystem_error. Threads: any.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace prodaccess {

// The last part of such a folder's path; nothing else of ours is called so.
inline constexpr const char* kToolFolder = "prodaccess-tools";

// The tool whose name this process was started by, through such a folder; absent: it was not.
std::optional<std::string> linked_tool();

// PATH without such folders: where the tools themselves are found.
std::string without_tool_folders(const std::string& search_path);

// Makes links in `folder` for those of `tools` that stand on `search_path`.
void make_tool_links(const std::filesystem::path& folder, const std::vector<std::string>& tools,
                     const std::string& search_path);

}  // namespace prodaccess
