// The password of the login that makes roles: from the durable store, a pass file or a command.
//
// Errors: Error{Provider} with what to do; Error{Unsafe} for a pass file that others may read.
#pragma once

#include <functional>
#include <string>

#include "core/os/files.h"
#include "core/os/store.h"
#include "providers/postgres/postgres_connection.h"
#include "providers/postgres/postgres_parameters.h"

namespace prodaccess {

// Its name in the durable store: one for each login and server.
std::string admin_password_key(const PostgresAddress& admin);

AdminPassword find_admin_password(const PostgresParameters& parameters, const OpenStore& open_store,
                                  Files& files);

}  // namespace prodaccess
