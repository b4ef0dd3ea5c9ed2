#include "core/os/watched_file.h"

#include <sys/stat.h>

namespace prodaccess {

WatchedFile::WatchedFile(std::filesystem::path path) : path_(std::move(path)), seen_(stamp()) {}

std::string WatchedFile::stamp() const {
  struct stat info {};
  if (lstat(path_.c_str(), &info) != 0) return "";
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" +
         std::to_string(info.st_size) + ":" + std::to_string(info.st_ctim.tv_sec) + "." +
         std::to_string(info.st_ctim.tv_nsec);
}

bool WatchedFile::changed() {
  std::string now = stamp();
  if (now == seen_) return false;
  seen_ = std::move(now);
  return true;
}

}  // namespace prodaccess
