// The token that `aws sso login` left in ~/.aws/sso/cache (AWS SDKs and Tools Reference, "IAM
// Identity Center credential provider"). It is read, never written or refreshed.
//
// Errors: Error{Unsafe} where others may read the file. Threads: one.
#pragma once

#include <filesystem>
#include <optional>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/os/files.h"
#include "providers/aws/sso_oidc.h"

namespace prodaccess {

// Absent: there is none for this portal that lives a minute more, or the file is of another form.
// Its name is the SHA-1 of the [sso-session]'s name, or in the older form of the start URL.
std::optional<Secret> cached_sso_token(Files& files, const std::filesystem::path& home,
                                       const SsoSession& session, WallTime now);

}  // namespace prodaccess
