#include "core/os/folder_texts.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "core/os/descriptor.h"

namespace prodaccess {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

std::optional<std::string> read_text(int folder, const std::string& name, std::size_t limit) {
  const Descriptor file(
      openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < 0 ||
      static_cast<std::size_t>(status.st_size) > limit) {
    return std::nullopt;
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = read(file.get(), text.data() + done, text.size() - done);
    if (count <= 0) return std::nullopt;
    done += static_cast<std::size_t>(count);
  }
  return text;
}

}  // namespace

std::vector<std::string> read_folder_texts(const std::filesystem::path& folder,
                                           std::string_view suffix, std::size_t limit,
                                           std::size_t most) {
  const std::unique_ptr<DIR, CloseFolder> open(opendir(folder.c_str()));
  std::vector<std::string> names;
  while (open && names.size() < most) {
    const dirent* entry = readdir(open.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name.ends_with(suffix)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  std::vector<std::string> texts;
  for (const std::string& name : names) {
    if (auto text = read_text(dirfd(open.get()), name, limit)) texts.push_back(std::move(*text));
  }
  return texts;
}

}  // namespace prodaccess
