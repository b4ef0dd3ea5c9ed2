// MemoryFiles: Files in memory, for one thread. Owners are not modelled: what a test puts in is
// believed, except where `unsafe` names the path.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/os/files.h"

namespace prodaccess {

class MemoryFiles final : public Files {
 public:
  std::map<std::filesystem::path, std::string> content;
  std::set<std::filesystem::path> folders{"/"};
  std::set<std::filesystem::path> unsafe;  // throw Error{Unsafe} when opened
  bool disk_full = false;                  // every write throws Error{System}
  bool trusted = true;                     // system_layer_trusted()
  std::vector<std::filesystem::path> written;
  std::map<std::filesystem::path, LockHolder> held;   // a test may put a foreign holder here
  std::map<std::filesystem::path, LockHolder> notes;  // what each lock file says

  std::optional<std::string> read(const std::filesystem::path& path, Owner owner,
                                  std::size_t limit) override {
    if (owner == Owner::Root && !trusted) return std::nullopt;
    return read_untrusted(path, limit);
  }

  std::optional<Secret> read_secret(const std::filesystem::path& path, std::size_t limit) override {
    const auto text = read_untrusted(path, limit);
    if (!text) return std::nullopt;
    return Secret(*text);
  }

  std::filesystem::path follow_links(const std::filesystem::path& path) override { return path; }

  std::optional<std::string> read_untrusted(const std::filesystem::path& path,
                                            std::size_t limit) override {
    require_safe(path);
    const auto found = content.find(path);
    if (found == content.end()) return std::nullopt;
    if (found->second.size() > limit) throw Error(ErrorCode::System, path.string() + ": too large");
    return found->second;
  }

  std::optional<std::vector<std::string>> list(const std::filesystem::path& folder,
                                               Owner owner) override {
    require_safe(folder);
    if ((owner == Owner::Root && !trusted) || !folders.contains(folder)) return std::nullopt;
    std::vector<std::string> names;
    for (const auto& [path, ignored] : content) {
      if (path.parent_path() == folder) names.push_back(path.filename().string());
    }
    for (const auto& path : folders) {
      if (path.parent_path() == folder && path != folder) names.push_back(path.filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  void write(const std::filesystem::path& path, std::string_view text) override {
    require_safe(path);
    if (disk_full) throw system_error("writing " + path.string(), ENOSPC);
    if (!folders.contains(path.parent_path())) throw system_error(path.string(), ENOENT);
    content[path] = text;
    written.push_back(path);
  }

  // A test's own files, with their folders.
  void put(const std::filesystem::path& path, const std::string& text) {
    make_folder(path.parent_path());
    content[path] = text;
  }

  void remove(const std::filesystem::path& path) override { content.erase(path); }

  void make_folder(const std::filesystem::path& folder) override {
    for (auto path = folder; folders.insert(path).second; path = path.parent_path()) {
    }
  }

  // A held lock is Busy at once, whatever the patience: nobody else runs who could let go.
  std::unique_ptr<FileLock> lock(const std::filesystem::path& path, Milliseconds,
                                 const LockObserver& waiting) override {
    require_safe(path);
    if (const auto holder = held.find(path); holder != held.end()) {
      if (waiting) waiting(holder->second);
      throw Error(ErrorCode::Busy,
                  path.string() + " is held by pid " + std::to_string(holder->second.pid));
    }
    return std::make_unique<Lock>(*this, path);
  }

  std::optional<LockHolder> last_holder(const std::filesystem::path& path) override {
    const auto found = notes.find(path);
    if (found == notes.end()) return std::nullopt;
    return found->second;
  }

  bool system_layer_trusted() override { return trusted; }

 private:
  class Lock final : public FileLock {
   public:
    Lock(MemoryFiles& files, std::filesystem::path path)
        : files_(files), path_(std::move(path)), previous_(files.last_holder(path_)) {
      files_.notes[path_] = {1, std::to_string(++files_.taken_), ""};
      files_.held[path_] = files_.notes[path_];
    }
    ~Lock() override { files_.held.erase(path_); }
    const std::optional<LockHolder>& previous() const override { return previous_; }
    void note(const std::string& text) override { files_.notes[path_].note = text; }

   private:
    MemoryFiles& files_;
    std::filesystem::path path_;
    std::optional<LockHolder> previous_;
  };

  void require_safe(const std::filesystem::path& path) const {
    if (unsafe.contains(path)) throw Error(ErrorCode::Unsafe, path.string() + " is unsafe");
  }

  int taken_ = 0;
};

}  // namespace prodaccess
