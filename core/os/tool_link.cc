#include "core/os/tool_link.h"

#include <sys/auxv.h>

#include "core/base/text.h"
#include "core/os/program.h"

namespace prodaccess {
namespace {

bool is_tool_folder(const std::filesystem::path& folder) {
  return folder.filename() == kToolFolder;
}

bool stands_on(const std::vector<std::string>& folders, const std::string& tool) {
  return std::any_of(folders.begin(), folders.end(), [&tool](const std::string& folder) {
    std::error_code missing;
    return std::filesystem::is_regular_file(std::filesystem::path(folder) / tool, missing);
  });
}

}  // namespace

std::optional<std::string> linked_tool() {
  // As the kernel was asked for it; argv[0] is whatever the caller likes.
  const char* started = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (started == nullptr || std::string_view(started).find(kToolFolder) == std::string_view::npos) {
    return std::nullopt;
  }
  const std::filesystem::path path = started;
  if (!is_tool_folder(path.parent_path())) return std::nullopt;
  return path.filename().string();
}

std::string without_tool_folders(const std::string& search_path) {
  if (search_path.find(kToolFolder) == std::string::npos) return search_path;
  std::vector<std::string> kept;
  for (std::string& entry : split(search_path, ':')) {
    if (!is_tool_folder(entry)) kept.push_back(std::move(entry));
  }
  return join(kept, ":");
}

void make_tool_links(const std::filesystem::path& folder, const std::vector<std::string>& tools,
                     const std::string& search_path) {
  const std::filesystem::path self = own_program();
  const std::vector<std::string> folders = split(without_tool_folders(search_path), ':');
  for (const std::string& tool : tools) {
    const bool a_name = !tool.empty() && tool.find('/') == std::string::npos;
    // Our own name stays our own.
    if (!a_name || tool == "prodaccess" || !stands_on(folders, tool)) continue;
    std::error_code there_already;
    std::filesystem::create_symlink(self, folder / tool, there_already);
  }
}

}  // namespace prodaccess
