// prodaccess provider: the kit for authors of provider programs.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/grant/provider.h"
#include "providers/plugin/plugin_conformance.h"
#include "providers/plugin/plugin_host.h"

namespace prodaccess {
namespace {

struct ProviderTestOptions {
  std::string program;
  std::string parameters = "{}";
  std::optional<Seconds> timeout;
};

std::string_view state_name(ConformanceCheck::State state) {
  switch (state) {
    case ConformanceCheck::State::Passed: return "passed";
    case ConformanceCheck::State::Failed: return "failed";
    case ConformanceCheck::State::Skipped: return "skipped";
  }
  return "failed";
}

PluginParameters parameters_of(const ProviderTestOptions& options) {
  PluginParameters parameters;
  // A path where there is a slash in it, else the NAME of prodaccess-provider-NAME.
  parameters.program = options.program.find('/') == std::string::npos
                           ? options.program
                           : std::filesystem::absolute(options.program).lexically_normal().string();
  if (options.timeout) parameters.timeout = *options.timeout;
  try {
    const Json given = parse_json_strictly(options.parameters, "--parameters");
    if (!given.is_object()) throw Error(ErrorCode::Usage, "--parameters must be a JSON object");
    parameters.json = canonical_json(given);
  } catch (const Error& error) {
    throw Error(ErrorCode::Usage, error.what(), {"--parameters '{\"url\":\"https://...\"}'"});
  }
  return parameters;
}

void print_checks(const std::vector<ConformanceCheck>& checks) {
  for (const ConformanceCheck& check : checks) {
    print_line(std::string(state_name(check.state)) + "  " + check.name +
               (check.detail.empty() ? "" : ": " + check.detail));
  }
}

Json checks_json(const std::vector<ConformanceCheck>& checks) {
  Json list = Json::array();
  for (const ConformanceCheck& check : checks) {
    list.push_back(
        {{"check", check.name}, {"state", state_name(check.state)}, {"detail", check.detail}});
  }
  return list;
}

int run_test(Context& context, const ProviderTestOptions& options) {
  const PluginParameters parameters = parameters_of(options);
  const PluginHost host = make_plugin_host(true, environment_variable("HOME"));
  Prompt* prompt = context.has_terminal() ? &context.prompt() : nullptr;
  const auto checks = check_plugin(host, parameters, context.clock(), prompt);
  const auto count = [&](ConformanceCheck::State state) {
    return std::count_if(checks.begin(), checks.end(),
                         [&](const ConformanceCheck& check) { return check.state == state; });
  };
  const auto failed = count(ConformanceCheck::State::Failed);
  if (context.json()) {
    print_json({{"program", parameters.program},
                {"passed", count(ConformanceCheck::State::Passed)},
                {"failed", failed},
                {"skipped", count(ConformanceCheck::State::Skipped)},
                {"checks", checks_json(checks)}});
  } else {
    print_checks(checks);
    print_line(std::to_string(failed) + " of " + std::to_string(checks.size()) + " checks failed");
  }
  return failed == 0 ? kDone : kFailed;
}

}  // namespace

void add_provider(Command& root) {
  Command& provider = root.add("provider", "provider programs of one's own");
  provider.describe("See prodaccess-provider(7) for the protocol and a whole example.");
  provider.example("prodaccess provider test ./prodaccess-provider-acme");
  const auto options = std::make_shared<ProviderTestOptions>();
  Command& test = provider.add("test", "try a provider program against the protocol");
  test.positional("PROGRAM", &options->program, "its path, or NAME of prodaccess-provider-NAME")
      .required()
      .completes("files");
  test.option("--parameters", &options->parameters, "JSON",
              "what a role would say in the provider's table");
  test.option("--timeout", &options->timeout, "DURATION", "how long one run may take; 30s");
  test.describe(
      "Runs the program through every operation, good and bad. It issues for real, a few "
      "times and for ten minutes at most, and revokes all of it again.");
  test.example("prodaccess provider test ./prodaccess-provider-acme --json");
  test.example("prodaccess provider test acme --parameters '{\"url\":\"https://vault.example\"}'");
  test.exit_status("1", "a check failed");
  test.runs([options](Context& context) { return run_test(context, *options); });
}

}  // namespace prodaccess
