// The exit statuses of prodaccess(1), EXIT STATUS.
#pragma once

#include "core/base/error.h"
#include "core/policy/decision.h"

namespace prodaccess {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kRefused = 3;
inline constexpr int kNotYet = 4;
inline constexpr int kNoGrant = 5;
inline constexpr int kMustConfirm = 6;  // `policy check`: it would ask at the terminal
// `exec` and `shell`, which otherwise give the command's own status.
inline constexpr int kExecFailed = 125;
inline constexpr int kExecRefused = 126;
inline constexpr int kExecNotFound = 127;

// The status of `policy check`.
int verdict_exit_status(Verdict verdict);

// What a command of ours that fails with `code` ends with.
int exit_status(ErrorCode code);

// The same where the status of success belongs to the user's command.
int exec_exit_status(ErrorCode code);

}  // namespace prodaccess
