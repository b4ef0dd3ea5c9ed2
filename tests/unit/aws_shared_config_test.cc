#include <doctest/doctest.h>

#include "core/base/error.h"
#include "providers/aws/shared_config.h"

using namespace prodaccess;

namespace {

IniFile ini(std::string_view text) { return IniFile(Secret(text), "config"); }

std::string refusal(std::string_view text) {
  try {
    ini(text);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Config);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("AWS shared config: sections, settings, comments and continued values") {
  const IniFile file =
      ini("\xef\xbb\xbf# a comment\n"
          "[default]\r\n"
          "Region = eu-west-1\r\n"
          "; another\n"
          "role_arn: arn:aws:iam::123456789012:role/ops\n"
          "secret = a#b;c = d\n"
          "s3 =\n"
          "  addressing_style = path\n"
          "  # kept as the value's\n"
          "\n"
          "[ profile x ]  # after\n"
          "empty =\n");
  REQUIRE(file.sections().size() == 2);
  const auto& first = file.sections().at("default");
  CHECK(first.at("region") == "eu-west-1");
  CHECK(first.at("role_arn") == "arn:aws:iam::123456789012:role/ops");
  CHECK(first.at("secret") == "a#b;c = d");
  CHECK(first.at("s3") == "addressing_style = path");
  CHECK(file.sections().at("profile x").at("empty").empty());
  CHECK(ini("[a]\nk = one\n\ttwo\n").sections().at("a").at("k") == "one\n\ttwo");
  CHECK(ini("").sections().empty());
}

TEST_CASE("AWS shared config: what is wrong is named with its line") {
  CHECK(refusal("[a]\n[b\n") == "config:2: '[' without ']'");
  CHECK(refusal("x = 1\n") == "config:1: a setting before any section");
  CHECK(refusal("[a]\nnothing\n") == "config:2: neither a section nor NAME = VALUE");
  CHECK(refusal("[a]\n= 1\n") == "config:2: a setting without a name");
  CHECK(refusal("[a]\nx = 1\nX = 2\n") == "config:3: x comes twice");
  CHECK(refusal("[a]\n[b]\n[a]\n") == "config:3: [a] comes twice");
  CHECK(refusal("[a] b\n") == "config:1: text after ']'");
  CHECK(refusal(std::string_view("[a]\nx=\0\n", 9)) == "config:1: it is not a text file");
}

TEST_CASE("AWS shared config: profiles are of both files, and the credentials file wins") {
  const AwsProfiles profiles(
      ini("[default]\nregion = a\n[profile default]\nregion = b\n[profile \"two words\"]\nx = 1\n"
          "[ana]\nignored = 1\n[profile ana]\naws_access_key_id = config\nregion = c\n"
          "[sso-session corp]\nsso_region = eu-west-1\n"),
      ini("[ana]\naws_access_key_id = credentials\n[only]\nx = 2\n"));
  CHECK(profiles.names() == std::vector<std::string>{"ana", "default", "two words", "only"});
  CHECK(profiles.value("default", "region") == "b");
  CHECK(profiles.value("two words", "x") == "1");
  CHECK(profiles.value("ana", "aws_access_key_id") == "credentials");
  CHECK(profiles.config_value("ana", "aws_access_key_id") == "config");
  CHECK(profiles.value("ana", "region") == "c");
  CHECK(profiles.value("ana", "ignored") == std::nullopt);
  CHECK(profiles.has("only"));
  CHECK_FALSE(profiles.has("corp"));
  CHECK(profiles.sso_session_value("corp", "sso_region") == "eu-west-1");
  CHECK(profiles.sso_session_value("none", "sso_region") == std::nullopt);
}

TEST_CASE("AWS shared config: a credential_process line is split into words, by no shell") {
  using Words = std::vector<std::string>;
  CHECK(split_command("/opt/x --user 'ana b' \"c \\\" d\" e\\ f \"\"") ==
        Words{"/opt/x", "--user", "ana b", "c \" d", "e f", ""});
  CHECK(split_command("a;b|c $HOME `d`") == Words{"a;b|c", "$HOME", "`d`"});
  CHECK(split_command("  \n ").empty());
  CHECK_THROWS_AS(split_command("a 'b"), Error);
}
