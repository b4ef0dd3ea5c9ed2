#include "core/os/cast_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"

namespace prodaccess {
namespace {

// How many bytes at the end are the beginning of a character that is not whole.
std::size_t unfinished_bytes(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const bool leads = byte >= 0xC0U && byte < 0xF8U;
    const std::size_t length = !leads ? 1 : byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}

std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

CastWriter::CastWriter(const RecordingPlan& plan, TerminalSize size, WallTime now,
                       const std::vector<std::string_view>& secrets)
    : plan_(plan),
      file_(open(plan.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)),
      masker_(secrets) {
  if (!file_) throw system_error("the recording " + plan_.file.string(), errno);
  write_line(json_text({{"version", 2},
                        {"width", size.columns},
                        {"height", size.rows},
                        {"timestamp", std::chrono::floor<Seconds>(now).time_since_epoch().count()},
                        {"title", plan.title}}));
}

void CastWriter::output(std::string_view bytes, Milliseconds at) {
  std::string text = std::move(split_) + masker_.take(bytes);
  const std::size_t unfinished = unfinished_bytes(text);
  split_ = text.substr(text.size() - unfinished);
  text.resize(text.size() - unfinished);
  if (!text.empty()) event(at, "o", redacted(text));
}

void CastWriter::resized(TerminalSize size, Milliseconds at) {
  event(at, "r", std::to_string(size.columns) + "x" + std::to_string(size.rows));
}

std::string CastWriter::finish(Milliseconds at) {
  const std::string rest = std::move(split_) + masker_.finish();
  if (!rest.empty()) event(at, "o", redacted(rest));
  if (fdatasync(file_.get()) != 0)
    throw system_error("the recording " + plan_.file.string(), errno);
  file_ = Descriptor();
  return hex(hash_.finish());
}

std::string CastWriter::redacted(const std::string& text) const {
  return plan_.redact ? plan_.redact(text) : text;
}

void CastWriter::event(Milliseconds at, const char* kind, const std::string& data) {
  char time[32];
  std::snprintf(time, sizeof time, "%lld.%03lld", static_cast<long long>(at.count() / 1000),
                static_cast<long long>(at.count() % 1000));
  write_line("[" + std::string(time) + ", \"" + kind + "\", " + json_text(data) + "]");
}

void CastWriter::write_line(std::string line) {
  line += '\n';
  hash_.update(line);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = write(file_.get(), rest.data(), rest.size());
    if (written < 0) throw system_error("the recording " + plan_.file.string(), errno);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace prodaccess
