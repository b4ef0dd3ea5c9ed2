// Zone data: the bytes of a time zone's TZif file from the system's tzdata.
//
// Names are those of the IANA data base ("Europe/Berlin"); links between zones are followed, since
// the folder is root's. Absent: no such zone, a name that leaves the folder, or a file that others
// may change.
#pragma once

#include <optional>
#include <string>

namespace prodaccess {

std::optional<std::string> read_zone_data(const std::string& name);

}  // namespace prodaccess
