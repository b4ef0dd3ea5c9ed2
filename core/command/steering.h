// steering: what decides, beside the line, where a command acts and what it does: variables and
// files of its tool, as its pack names them, and the files that an opaque command names and will
// run.
//
// A confirmation or an approval is for one command here and now; so these are bound to it too.
// Sources of what the built-in packs name: chapters ENVIRONMENT and FILES of the tools' manuals.
// Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/command/invocation.h"
#include "core/command/pack/pack_set.h"

namespace prodaccess {

struct Steering {
  std::map<std::string, std::string> variables;  // those that are set
  std::set<std::string> files;                   // as typed, or absolute; they need not exist
};

Steering steering_of(const Invocation& invocation, const PackSet& packs,
                     const std::map<std::string, std::string, std::less<>>& environment);

}  // namespace prodaccess
