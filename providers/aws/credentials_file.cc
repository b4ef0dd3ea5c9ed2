#include "providers/aws/credentials_file.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::array<std::string_view, 4> kKeySettings{"aws_access_key_id", "aws_secret_access_key",
                                                       "aws_session_token", "aws_security_token"};

bool is_key_setting(std::string_view name) {
  return std::find(kKeySettings.begin(), kKeySettings.end(), name) != kKeySettings.end();
}

enum class LineKind { Blank, Header, Setting, Continuation };

struct Line {
  std::string_view whole;  // with its line end
  LineKind kind = LineKind::Blank;
  std::string name;        // of a header: the profile; of a setting: its name in lower case
  std::string_view value;  // of a setting
};

Line read_line(std::string_view whole, std::size_t number, const std::string& file) {
  Line line;
  line.whole = whole;
  const std::string_view text = trim(whole);
  if (text.empty() || text.front() == '#' || text.front() == ';') return line;
  if (whole.front() == ' ' || whole.front() == '\t') {
    line.kind = LineKind::Continuation;
    return line;
  }
  if (text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      throw Error(ErrorCode::Config, file + ":" + std::to_string(number) + ": '[' without ']'");
    }
    line.kind = LineKind::Header;
    line.name = std::string(trim(text.substr(1, end - 1)));
    return line;
  }
  const std::size_t equals = text.find_first_of("=:");
  if (equals == std::string_view::npos) {
    throw Error(ErrorCode::Config,
                file + ":" + std::to_string(number) + ": neither a section nor NAME = VALUE");
  }
  line.kind = LineKind::Setting;
  line.name = to_lower(trim(text.substr(0, equals)));
  line.value = trim(text.substr(equals + 1));
  return line;
}

// A profile's lines; the first section has what stands before any header.
struct Section {
  std::optional<std::string> profile;
  std::vector<Line> lines;  // with the header
};

std::vector<Section> read_sections(std::string_view text, const std::string& file) {
  std::vector<Section> sections(1);
  std::set<std::string> seen;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view whole =
        text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(whole.size());
    Line line = read_line(whole, number, file);
    if (line.kind == LineKind::Header) {
      if (!seen.insert(line.name).second) {
        throw Error(ErrorCode::Config, file + ":" + std::to_string(number) + ": section [" +
                                           escape_for_terminal(line.name) + "] stands twice");
      }
      sections.push_back({line.name, {}});
    }
    sections.back().lines.push_back(std::move(line));
  }
  return sections;
}

std::string_view setting(const Section& section, std::string_view name) {
  for (const Line& line : section.lines) {
    if (line.kind == LineKind::Setting && line.name == name) return line.value;
  }
  return {};
}

void add_without_keys(SecretText& text, const Section& section) {
  bool dropping = false;
  for (const Line& line : section.lines) {
    if (line.kind == LineKind::Setting) dropping = is_key_setting(line.name);
    if (line.kind == LineKind::Header || line.kind == LineKind::Blank) dropping = false;
    if (!dropping) text.add(line.whole);
  }
}

}  // namespace

std::vector<ProfileKeys> read_profile_keys(std::string_view text, const std::string& file) {
  std::vector<ProfileKeys> found;
  for (const Section& section : read_sections(text, file)) {
    const std::string_view id = setting(section, "aws_access_key_id");
    const std::string_view secret = setting(section, "aws_secret_access_key");
    if (!section.profile || id.empty() || secret.empty()) continue;
    const bool temporary = !setting(section, "aws_session_token").empty() ||
                           !setting(section, "aws_security_token").empty();
    found.push_back({*section.profile, std::string(id), Secret(secret), temporary});
  }
  return found;
}

Secret without_profile_keys(std::string_view text, const std::set<std::string>& profiles,
                            const std::string& file) {
  SecretText kept;
  for (const Section& section : read_sections(text, file)) {
    if (section.profile && profiles.contains(*section.profile)) {
      add_without_keys(kept, section);
    } else {
      for (const Line& line : section.lines) kept.add(line.whole);
    }
  }
  return kept.take();
}

}  // namespace prodaccess
