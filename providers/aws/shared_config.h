// SharedConfig: the profiles of AWS's own clients (~/.aws/config and ~/.aws/credentials).
// AWS SDKs and Tools Reference, "Shared config and credentials files".
//
// The files' bytes stay in Secrets; a profile's values are views into them. Pure, but for `read`.
// Errors: Error{Config} "FILE:LINE: ...". Threads: any, once read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"

namespace prodaccess {

// An INI file, in the form that botocore reads: [section], NAME = VALUE or NAME: VALUE, '#' and ';'
// begin a line that says nothing, an indented line goes on with the value above it. Names of
// settings are in lower case; a section or a setting that comes twice is an error.
class IniFile {
 public:
  using Section = std::map<std::string, std::string_view, std::less<>>;

  IniFile() = default;
  // `name` is for messages.
  IniFile(Secret text, std::string name);

  const std::map<std::string, Section, std::less<>>& sections() const { return sections_; }
  const std::string& name() const { return name_; }

 private:
  void take_line(std::string_view line, std::size_t number);
  Section& open_section(std::string_view line, std::size_t number);
  void take_setting(std::string_view line, std::size_t number);
  [[noreturn]] void fail(std::size_t number, const std::string& why) const;

  Secret text_;
  std::string name_;
  std::map<std::string, Section, std::less<>> sections_;
  Section* section_ = nullptr;         // being read
  std::string_view* value_ = nullptr;  // the last, which an indented line may go on with
};

// Where a value was found: the shared credentials file wins, as with botocore.
class AwsProfiles {
 public:
  AwsProfiles() = default;
  AwsProfiles(IniFile config, IniFile credentials);

  bool has(std::string_view profile) const;
  std::vector<std::string> names() const;
  // Settings of the config file's [profile X], and of [X] in the credentials file.
  std::optional<std::string_view> config_value(std::string_view profile,
                                               std::string_view setting) const;
  std::optional<std::string_view> credentials_value(std::string_view profile,
                                                    std::string_view setting) const;
  // From the credentials file, else from the config file.
  std::optional<std::string_view> value(std::string_view profile, std::string_view setting) const;
  // Of [sso-session X].
  std::optional<std::string_view> sso_session_value(std::string_view session,
                                                    std::string_view setting) const;
  bool has_sso_session(std::string_view session) const;
  std::string config_name() const { return config_.name(); }
  std::string credentials_name() const { return credentials_.name(); }

 private:
  IniFile config_;
  IniFile credentials_;
  std::map<std::string, std::string, std::less<>> profile_sections_;  // name -> [profile name]
  std::map<std::string, std::string, std::less<>> session_sections_;
};

// The words of a `credential_process` line, quoted as a shell would have them; no shell is used.
// Throws Error{Config} for a quote that is not closed.
std::vector<std::string> split_command(std::string_view line);

}  // namespace prodaccess
