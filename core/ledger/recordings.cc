#include "core/ledger/recordings.h"

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/ledger/segment.h"

namespace prodaccess {
namespace {

AppendFile open_recording(const AppendFolder& folder, const RecordedSession& recorded) {
  const bool plain = recorded.file.find('/') == std::string::npos && recorded.file != "..";
  auto file = plain ? folder.open(recorded.file) : std::nullopt;
  if (!file) {
    throw Error(ErrorCode::NotFound, "the recording " + (folder.path() / recorded.file).string() +
                                         " that record " + std::to_string(recorded.record) +
                                         " names is not there");
  }
  return std::move(*file);
}

[[noreturn]] void refuse(const RecordedSession& recorded, const std::string& why) {
  throw Error(ErrorCode::Ledger, "the recording " + recorded.file + " " + why,
              {"prodaccess audit show " + std::to_string(recorded.record)});
}

}  // namespace

std::filesystem::path recording_folder(const std::filesystem::path& ledger_folder) {
  std::filesystem::path path = ledger_folder;
  if (!path.has_filename()) path = path.parent_path();
  return path.parent_path() / "recordings";
}

std::vector<RecordedSession> recorded_sessions(const std::filesystem::path& ledger_folder) {
  std::vector<RecordedSession> sessions;
  RecordFilter filter;
  filter.kinds = {std::string(record_kind_name(RecordKind::Ended))};
  for_each_record(ledger_folder, filter, [&](const RecordEntry& entry) {
    const std::string file = entry.text("recording");
    if (file.empty()) return true;
    sessions.push_back({entry.sequence, entry.session, entry.grant, entry.role, entry.person,
                        entry.time_text, file, entry.text("recording_sha256")});
    return true;
  });
  return sessions;
}

RecordingSummary check_recording(const std::filesystem::path& ledger_folder,
                                 const RecordedSession& recorded) {
  const AppendFolder folder(recording_folder(ledger_folder), AppendFolder::Access::Read);
  const AppendFile file = open_recording(folder, recorded);
  RecordingSummary summary;
  Sha256 hash;
  bool readable = true;
  LineReader lines(file, 0);
  for (std::uint64_t number = 0; lines.next(); ++number) {
    hash.update(lines.line());
    if (lines.terminated()) hash.update("\n");
    summary.bytes += lines.line().size() + 1;
    if (lines.too_long()) refuse(recorded, "holds a line that is too long");
    if (number == 0) {
      const auto header = parse_cast_header(lines.line());
      readable = header.has_value();
      summary.header = header.value_or(CastHeader{});
      continue;
    }
    const auto event = parse_cast_event(lines.line());
    if (!event) {
      readable = false;
      continue;
    }
    ++summary.events;
    summary.resizes += event->kind == "r" ? 1 : 0;
    summary.duration = std::max(summary.duration, event->at);
  }
  if (hex(hash.finish()) != recorded.sha256) {
    refuse(recorded,
           "is not the one of record " + std::to_string(recorded.record) + ": its hash is another");
  }
  if (!readable || summary.bytes == 0) refuse(recorded, "is no asciicast of version 2");
  return summary;
}

void for_each_event(const std::filesystem::path& ledger_folder, const RecordedSession& recorded,
                    const std::function<bool(const CastEvent&)>& visit) {
  const AppendFolder folder(recording_folder(ledger_folder), AppendFolder::Access::Read);
  const AppendFile file = open_recording(folder, recorded);
  LineReader lines(file, 0);
  lines.next();
  while (lines.next()) {
    const auto event = parse_cast_event(lines.line());
    if (!event || !visit(*event)) return;
  }
}

}  // namespace prodaccess
