#include "core/os/session_registry.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kRecordSuffix = ".session";
constexpr std::string_view kEndingSuffix = ".ending";
constexpr std::size_t kLargestFile = 64U << 10;

bool is_session_id(std::string_view session) {
  return !session.empty() && session.size() <= 64 &&
         std::all_of(session.begin(), session.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

std::string file_name(std::string_view session, std::string_view suffix) {
  if (!is_session_id(session)) throw Error(ErrorCode::Internal, "a session id of another form");
  return std::string(session) + std::string(suffix);
}

// Absent: no such folder. It must be ours, and nobody else may read it.
std::optional<Descriptor> open_folder(const std::filesystem::path& folder) {
  Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened && errno == ENOENT) return std::nullopt;
  if (!opened) throw system_error("the folder " + folder.string(), errno);
  struct stat status {};
  if (fstat(opened.get(), &status) != 0) throw system_error(folder.string(), errno);
  if (status.st_uid != geteuid() || (status.st_mode & 077U) != 0) {
    throw Error(ErrorCode::Unsafe, folder.string() + " must belong to you alone",
                {"chmod 700 " + shell_quote(folder.string())});
  }
  return opened;
}

std::optional<std::string> read_file(const Descriptor& folder, const std::string& name) {
  const Descriptor file(openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string text(kLargestFile, '\0');
  const ssize_t got = read(file.get(), text.data(), text.size());
  if (got < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(got));
  return text;
}

Json process_json(const ProcessId& id) { return Json::array({id.pid, id.start_time}); }

ProcessId process_of(const Json& value) {
  return {value.at(0).get<pid_t>(), value.at(1).get<std::uint64_t>()};
}

void append_line(const Descriptor& file, const Json& value) {
  const std::string line = canonical_json(value) + "\n";
  if (write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw system_error("the session's file", errno);
  }
}

Json record_json(const SessionRecord& record) {
  // Words of a command may be any bytes; JSON is UTF-8.
  const std::string command =
      is_utf8(record.command) ? record.command : escape_for_terminal(record.command);
  Json value{{"session", record.session},
             {"grant", record.grant},
             {"role", record.role},
             {"command", command},
             {"supervisor", process_json(record.supervisor)},
             {"child", process_json(record.child)},
             {"watcher", process_json(record.watcher)}};
  if (record.deadline) value["deadline"] = record.deadline->time_since_epoch().count();
  return value;
}

SessionRecord record_of(const Json& value) {
  SessionRecord record;
  record.session = value.at("session").get<std::string>();
  record.grant = value.at("grant").get<std::string>();
  record.role = value.at("role").get<std::string>();
  record.command = value.at("command").get<std::string>();
  record.supervisor = process_of(value.at("supervisor"));
  record.child = process_of(value.at("child"));
  record.watcher = process_of(value.at("watcher"));
  if (value.contains("deadline")) {
    record.deadline = WallTime{Milliseconds{value.at("deadline").get<std::int64_t>()}};
  }
  return record;
}

// Both lines of a session's file; absent for one that is damaged.
std::optional<SessionRecord> parse_file(const std::string& text) {
  try {
    const std::vector<std::string> lines = split(text, '\n');
    SessionRecord record = parse_session_record(lines.at(0));
    if (lines.size() > 2) {
      const Json more = parse_json_strictly(lines[1], "a session's file");
      record.child = process_of(more.at("child"));
      record.watcher = process_of(more.at("watcher"));
    }
    return record;
  } catch (const std::exception&) {
    return std::nullopt;  // being written just now, or cut short by a full disk
  }
}

}  // namespace

bool SessionRecord::running() const {
  const std::array<const ProcessId*, 3> processes{&supervisor, &child, &watcher};
  return std::any_of(processes.begin(), processes.end(),
                     [](const ProcessId* id) { return id->pid != 0 && still_runs(*id); });
}

std::string session_record_text(const SessionRecord& record) {
  return canonical_json(record_json(record));
}

SessionRecord parse_session_record(const std::string& text) {
  try {
    return record_of(parse_json_strictly(text, "a session's record"));
  } catch (const Json::exception&) {
    throw Error(ErrorCode::System, "a session's record of another form");
  }
}

SessionFile::SessionFile(const std::filesystem::path& folder, const SessionRecord& record)
    : folder_(folder), session_(record.session) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw system_error("the folder " + folder.string(), errno);
  }
  const auto opened = open_folder(folder);
  if (!opened) throw system_error("the folder " + folder.string(), ENOENT);
  const std::string name = file_name(session_, kRecordSuffix);
  file_ = Descriptor(openat(opened->get(), name.c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file_) throw system_error((folder / name).string(), errno);
  append_line(file_, record_json(record));
}

void SessionFile::add_processes(const ProcessId& child, const ProcessId& watcher) {
  append_line(file_, {{"child", process_json(child)}, {"watcher", process_json(watcher)}});
}

void SessionFile::remove() { remove_session(folder_, session_); }

std::vector<SessionRecord> list_sessions(const std::filesystem::path& folder) {
  std::vector<SessionRecord> records;
  auto opened = open_folder(folder);
  if (!opened) return records;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(dup(opened->get())), closedir);
  if (!entries) return records;
  while (const dirent* entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name.size() <= kRecordSuffix.size() || !name.ends_with(kRecordSuffix)) continue;
    const auto text = read_file(*opened, std::string(name));
    auto record = text ? parse_file(*text) : std::nullopt;
    if (record && file_name(record->session, kRecordSuffix) == name) {
      records.push_back(std::move(*record));
    }
  }
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return a.supervisor.start_time != b.supervisor.start_time
               ? a.supervisor.start_time < b.supervisor.start_time
               : a.session < b.session;
  });
  return records;
}

void remove_session(const std::filesystem::path& folder, const std::string& session) {
  for (const std::string_view suffix : {kRecordSuffix, kEndingSuffix}) {
    const auto path = folder / file_name(session, suffix);
    if (unlink(path.c_str()) != 0 && errno != ENOENT) throw system_error(path.string(), errno);
  }
}

void note_ending(const std::filesystem::path& folder, const std::string& session,
                 const std::string& reason) {
  const auto opened = open_folder(folder);
  if (!opened) return;
  const std::string name = file_name(session, kEndingSuffix);
  const Descriptor file(openat(opened->get(), name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file && errno == EEXIST) return;
  if (!file || write(file.get(), reason.data(), reason.size()) < 0) {
    throw system_error((folder / name).string(), errno);
  }
}

std::optional<std::string> noted_ending(const std::filesystem::path& folder,
                                        const std::string& session) {
  const auto opened = open_folder(folder);
  return opened ? read_file(*opened, file_name(session, kEndingSuffix)) : std::nullopt;
}

}  // namespace prodaccess
