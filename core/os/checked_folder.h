// CheckedFolder: a folder opened component by component, each checked on its descriptor
// (core/os/ownership.h), so that what is opened beneath it is what was checked.
//
// CheckedFolders keeps the folders of each way open: the next file near by costs one check of its
// own folder instead of the whole way. One that was removed meanwhile is looked for again.
//
// Errors: Error{Unsafe} or Error{System} naming the component. Threads: one CheckedFolders, one
// thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/os/descriptor.h"
#include "core/os/files.h"

namespace prodaccess {

enum class Missing { Absent, Make };

class CheckedFolder {
 public:
  int fd() const { return folder_->get(); }
  const std::filesystem::path& path() const { return path_; }
  // A plain file in it, open with `flags` (never through a link); absent: no such file. Kind is
  // checked, owner and mode are not. `mode` is for O_CREAT.
  std::optional<Descriptor> open_file(const std::string& name, int flags, unsigned mode = 0) const;
  // Makes new names in it durable.
  void sync() const;

 private:
  friend class CheckedFolders;
  CheckedFolder(std::shared_ptr<const Descriptor> folder, std::filesystem::path path);
  std::shared_ptr<const Descriptor> folder_;
  std::filesystem::path path_;
};

class CheckedFolders {
 public:
  // Absent: it, or a folder on the way, is not there. Missing::Make makes them instead, 0700.
  std::optional<CheckedFolder> open(const std::filesystem::path& folder, Owner owner,
                                    Missing missing = Missing::Absent);
  // `path` without the links on its way and at its end, each of them root's or mine, in folders as
  // above; what is not there is kept as it is named.
  std::filesystem::path without_links(const std::filesystem::path& path);

 private:
  class Walk;
  enum class Links;
  // By whether the way had to be root's alone (what is asked of folders is else the same).
  using Open = std::map<std::pair<bool, std::string>, std::shared_ptr<const Descriptor>>;
  Open open_;
};

}  // namespace prodaccess
