// CheckedFolder: a folder opened component by component, each checked on its descriptor
// (core/os/ownership.h), so that what is opened beneath it is what was checked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/os/descriptor.h"
#include "core/os/files.h"

namespace prodaccess {

enum class Missing { Absent, Make };

class CheckedFolder {
 public:
  // Absent: it, or a folder on the way, is not there. Missing::Make makes them instead, 0700.
  // Throws Error{Unsafe} or Error{System} naming the component.
  static std::optional<CheckedFolder> open(const std::filesystem::path& folder, Owner owner,
                                           Missing missing = Missing::Absent);

  int fd() const { return folder_.get(); }
  const std::filesystem::path& path() const { return path_; }
  // A plain file in it, open with `flags` (never through a link); absent: no such file. Kind is
  // checked, owner and mode are not. `mode` is for O_CREAT.
  std::optional<Descriptor> open_file(const std::string& name, int flags, unsigned mode = 0) const;
  // Makes new names in it durable.
  void sync() const;

 private:
  CheckedFolder(Descriptor folder, std::filesystem::path path);
  Descriptor folder_;
  std::filesystem::path path_;
};

}  // namespace prodaccess
