// Whether what a read tier gets can only read, by the server's own word. Pure.
//
// Each answer is "" for yes, or what goes beyond reading, in words; whatever is not understood goes
// beyond it.
#pragma once

#include <string>
#include <string_view>

namespace prodaccess {

// `body`: the reply to sys/internal/ui/resultant-acl, asked with the token in question. What the
// policy "default" lets every token do to itself does not count.
std::string acl_beyond_reading(std::string_view body);

// `body`: the reply to MOUNT/roles/ROLE of the database engine, with the statements that make a
// user of PostgreSQL. Reading is: a role with LOGIN alone, GRANTs of SELECT, USAGE and CONNECT (or
// of a predefined role that reads), and settings of the session.
std::string sql_beyond_reading(std::string_view body);

}  // namespace prodaccess
