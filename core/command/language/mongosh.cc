#include "core/command/language/mongosh.h"

#include "core/command/language/finding.h"
namespace prodaccess {
SqlFinding classify_mongosh(std::string_view, Inner&) { return {}; }
}  // namespace prodaccess
