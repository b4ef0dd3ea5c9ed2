// What `doctor postgres` finds for one role.
#pragma once

#include <vector>

#include "core/grant/provider.h"
#include "core/os/clock.h"
#include "providers/postgres/postgres_parameters.h"
#include "providers/postgres/sql_session.h"

namespace prodaccess {

std::vector<ProbeFinding> probe_postgres(const Role& role, const PostgresParameters& parameters,
                                         SqlSession& session, const Clock& clock);

}  // namespace prodaccess
