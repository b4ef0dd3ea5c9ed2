#include "providers/aws/aws_credential.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/netstring.h"

namespace prodaccess {
namespace {

constexpr std::string_view kFormat = "aws-credential-1";
constexpr std::size_t kLongestToken = 16'384;

bool is_key_id(std::string_view text) {
  return text.size() >= 4 && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                  (c >= 'a' && c <= 'z');
         });
}

bool is_printable(std::string_view text) {
  return text.size() <= kLongestToken &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

AwsCredential AwsCredential::duplicate() const {
  return {access_key_id, secret_access_key.duplicate(), session_token.duplicate(), expires_at,
          account_id};
}

void AwsCredential::require_well_formed(const std::string& source) const {
  const char* bad = nullptr;
  if (!is_key_id(access_key_id)) bad = "its access key id is none";
  if (secret_access_key.empty() || !is_printable(secret_access_key.view())) {
    bad = "its secret access key is none";
  }
  if (!is_printable(session_token.view())) bad = "its session token is none";
  if (bad != nullptr) {
    throw Error(ErrorCode::Provider, "the keys of " + source + " cannot be used: " + bad);
  }
}

Secret AwsCredential::serialise() const {
  return encode_netstrings({kFormat, access_key_id, secret_access_key.view(), session_token.view(),
                            expires_at ? format_rfc3339(*expires_at) : "", account_id});
}

std::optional<AwsCredential> AwsCredential::parse(std::string_view bytes) {
  const auto parts = decode_netstrings(bytes);
  if (!parts || parts->size() != 6 || parts->front() != kFormat) return std::nullopt;
  AwsCredential read{std::string((*parts)[1]), Secret((*parts)[2]), Secret((*parts)[3]),
                     parse_rfc3339((*parts)[4]), std::string((*parts)[5])};
  return read;
}

}  // namespace prodaccess
