// What the GCP provider takes from the machine, so that tests can give another. All must outlive
// it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/os/clock.h"
#include "core/os/files.h"
#include "core/os/helper_program.h"
#include "core/os/random.h"
#include "providers/http/http_client.h"

namespace prodaccess {

struct GcpHost {
  HttpClient& http;
  Files& files;
  const Clock& clock;
  Random& random;
  std::filesystem::path program;  // our own, which libraries are told to run
  std::filesystem::path home;
  // No system layer: programs that the user's own files name may run.
  bool self_governed = true;
  // An absolute path or a name, looked up on PATH, checked. Throws Error{Provider} for none.
  std::function<std::filesystem::path(const std::string&)> find_program;
  std::function<HelperResult(const HelperRun&)> run;
  // Of the environment; "" where it is unset.
  std::function<std::string(const std::string&)> variable;
};

// The environment that programs of the provider start with.
std::vector<std::pair<std::string, Secret>> helper_variables(const GcpHost& host);

}  // namespace prodaccess
