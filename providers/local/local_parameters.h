// What a role of the embedded provider says in its [roles.NAME.local] table:
//
//   local = { kind = "ssh", principals = ["debug"] }
//     extensions      what the login may do; ["permit-pty"] where the key is absent
//     source_address  networks from which the certificate is accepted, as CIDR
//     force_command   the one command that sshd will run
//   local = { kind = "token", audience = ["https://orders.internal"] }
//     issuer          `iss`; "prodaccess-local"
//     subject         `sub`; the person who asks
//     claims          further claims: strings, or lists of strings
//   both:
//     backdate        how far before now validity begins, for clocks that lag; "1m", at most 10m
//
// Every value is checked as strictly as its reader would want it. Errors: Error{Config} with
// FILE:LINE:COLUMN.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/config_table.h"
#include "core/base/time.h"

namespace prodaccess {

enum class LocalKind { Ssh, Token };

struct LocalParameters {
  LocalKind kind = LocalKind::Ssh;
  Seconds backdate{60};

  // kind = "ssh"
  std::vector<std::string> principals;
  std::map<std::string, std::string> extensions;        // name, value ("" for flags)
  std::map<std::string, std::string> critical_options;  // "source-address", "force-command"

  // kind = "token"
  std::vector<std::string> audience;
  std::string issuer;
  std::string subject;  // "": the person who asks
  std::map<std::string, std::vector<std::string>> claims;
  std::vector<std::string> list_claims;  // those of them that are lists, whatever their length
};

// Takes the table by value: its keys are taken here and anything left over is an error.
LocalParameters read_local_parameters(ConfigTable table);

// Whether sshd takes `text` as an address or a network whose host bits are zero.
bool is_source_address(const std::string& text);

}  // namespace prodaccess
