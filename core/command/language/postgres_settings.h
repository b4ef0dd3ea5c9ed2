// What setting a parameter of PostgreSQL does: for the session, a role, a database or the server.
#pragma once

#include <string_view>

#include "core/command/language/finding.h"

namespace prodaccess {

enum class SettingReach { Session, Lasting };

// `value` is lower case; "" where it is not on the line or reset.
void judge_postgres_setting(SqlFinding& finding, std::string_view name, std::string_view value,
                            SettingReach reach);

}  // namespace prodaccess
