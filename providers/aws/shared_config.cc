#include "providers/aws/shared_config.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// "x" of `profile x` or `profile "x"`; absent: another kind of section.
std::optional<std::string> name_after(std::string_view section, std::string_view kind) {
  if (!section.starts_with(kind) || section.size() <= kind.size() ||
      !is_blank(section[kind.size()])) {
    return std::nullopt;
  }
  std::string_view name = trim(section.substr(kind.size()));
  const bool quoted = name.size() >= 2 && (name.front() == '"' || name.front() == '\'') &&
                      name.back() == name.front();
  if (quoted) name = name.substr(1, name.size() - 2);
  return std::string(name);
}

std::optional<std::string_view> value_in(const IniFile& file, std::string_view section,
                                         std::string_view setting) {
  const auto found = file.sections().find(section);
  if (found == file.sections().end()) return std::nullopt;
  const auto value = found->second.find(setting);
  if (value == found->second.end() || value->second.empty()) return std::nullopt;
  return value->second;
}

}  // namespace

IniFile::IniFile(Secret text, std::string name) : text_(std::move(text)), name_(std::move(name)) {
  std::string_view rest = text_.view();
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  if (rest.find('\0') != std::string_view::npos) fail(1, "it is not a text file");
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    take_line(rest.substr(0, end), number);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
}

void IniFile::take_line(std::string_view line, std::size_t number) {
  const std::string_view text = trim(line);
  if (text.empty() || text.front() == '#' || text.front() == ';') return;
  if (is_blank(line.front()) && value_ != nullptr) {
    // Values are views of the one text: this one now reaches to here.
    const char* begin = value_->empty() ? text.data() : value_->data();
    *value_ = {begin, static_cast<std::size_t>(text.data() + text.size() - begin)};
    return;
  }
  if (text.front() == '[') {
    section_ = &open_section(text, number);
    value_ = nullptr;
    return;
  }
  take_setting(text, number);
}

IniFile::Section& IniFile::open_section(std::string_view line, std::size_t number) {
  const std::size_t end = line.find(']');
  if (end == std::string_view::npos) fail(number, "'[' without ']'");
  const std::string_view after = trim(line.substr(end + 1));
  if (!after.empty() && after.front() != '#' && after.front() != ';') {
    fail(number, "text after ']'");
  }
  const auto [at, added] = sections_.try_emplace(std::string(trim(line.substr(1, end - 1))));
  if (!added) fail(number, "[" + escape_for_terminal(at->first) + "] comes twice");
  return at->second;
}

void IniFile::take_setting(std::string_view line, std::size_t number) {
  const std::size_t mark = line.find_first_of("=:");
  if (mark == std::string_view::npos) fail(number, "neither a section nor NAME = VALUE");
  if (section_ == nullptr) fail(number, "a setting before any section");
  const std::string name = to_lower(trim(line.substr(0, mark)));
  if (name.empty()) fail(number, "a setting without a name");
  const auto [at, added] = section_->try_emplace(name, trim(line.substr(mark + 1)));
  if (!added) fail(number, escape_for_terminal(name.substr(0, 64)) + " comes twice");
  value_ = &at->second;
}

void IniFile::fail(std::size_t number, const std::string& why) const {
  throw Error(ErrorCode::Config, name_ + ":" + std::to_string(number) + ": " + why);
}

AwsProfiles::AwsProfiles(IniFile config, IniFile credentials)
    : config_(std::move(config)), credentials_(std::move(credentials)) {
  for (const auto& [section, settings] : config_.sections()) {
    // [default] and [profile default] are one; the longer form wins, as with botocore.
    if (section == "default") profile_sections_.try_emplace(section, section);
    if (auto name = name_after(section, "profile")) profile_sections_[*name] = section;
    if (auto name = name_after(section, "sso-session")) session_sections_[*name] = section;
  }
}

bool AwsProfiles::has(std::string_view profile) const {
  return profile_sections_.contains(profile) || credentials_.sections().contains(profile);
}

std::vector<std::string> AwsProfiles::names() const {
  std::vector<std::string> names;
  for (const auto& [name, section] : profile_sections_) names.push_back(name);
  for (const auto& [name, settings] : credentials_.sections()) {
    if (!profile_sections_.contains(name)) names.push_back(name);
  }
  return names;
}

std::optional<std::string_view> AwsProfiles::config_value(std::string_view profile,
                                                          std::string_view setting) const {
  const auto section = profile_sections_.find(profile);
  if (section == profile_sections_.end()) return std::nullopt;
  return value_in(config_, section->second, setting);
}

std::optional<std::string_view> AwsProfiles::credentials_value(std::string_view profile,
                                                               std::string_view setting) const {
  return value_in(credentials_, profile, setting);
}

std::optional<std::string_view> AwsProfiles::value(std::string_view profile,
                                                   std::string_view setting) const {
  const auto found = credentials_value(profile, setting);
  return found ? found : config_value(profile, setting);
}

bool AwsProfiles::has_sso_session(std::string_view session) const {
  return session_sections_.contains(session);
}

std::optional<std::string_view> AwsProfiles::sso_session_value(std::string_view session,
                                                               std::string_view setting) const {
  const auto section = session_sections_.find(session);
  if (section == session_sections_.end()) return std::nullopt;
  return value_in(config_, section->second, setting);
}

std::vector<std::string> split_command(std::string_view line) {
  std::vector<std::string> words;
  bool open = false;  // a word is being read
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == '\0' && (is_blank(c) || c == '\n' || c == '\r')) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      words.back() += line[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') throw Error(ErrorCode::Config, "a quote is not closed");
  return words;
}

}  // namespace prodaccess
