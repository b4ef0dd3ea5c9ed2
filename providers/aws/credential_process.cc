#include "providers/aws/credential_process.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/os/program.h"
#include "providers/aws/metadata_credentials.h"

namespace prodaccess {
namespace {

constexpr const char* kSearchPath = "/usr/local/bin:/usr/bin:/bin";
constexpr std::size_t kLongestOutput = 64U << 10;
constexpr Milliseconds kPatience{60'000};

std::string last_line(const std::string& text) {
  std::string last;
  for (const std::string& line : split(text, '\n')) {
    if (!trim(line).empty()) last = trim(line);
  }
  return last.substr(0, 300);
}

Secret output_of(const HelperRunner& run, const std::filesystem::path& home,
                 const std::vector<std::string>& words) {
  const auto program = find_program(words.front(), kSearchPath);
  if (!program) {
    throw Error(ErrorCode::Provider, "there is no program " + escape_for_terminal(words.front()));
  }
  HelperRun plan;
  plan.program = program->path;
  plan.argv = words;
  plan.environment.emplace_back("HOME", Secret(home.string()));
  plan.environment.emplace_back("PATH", Secret(kSearchPath));
  plan.environment.emplace_back("LANG", Secret("C.UTF-8"));
  plan.deadline = kPatience;
  plan.output_limit = kLongestOutput;
  HelperResult result = run(plan);
  if (!result.good()) {
    const std::string said = last_line(result.errors);
    throw Error(ErrorCode::Provider, escape_for_terminal(words.front()) + " " +
                                         result.description(plan) +
                                         (said.empty() ? "" : ": " + escape_for_terminal(said)));
  }
  return std::move(result.output);
}

bool is_version_1(std::string_view text) {
  try {
    const Json object = parse_json_strictly(text, "the output");
    const auto version = object.find("Version");
    return version != object.end() && version->is_number_integer() && *version == 1;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

AwsCredential process_credentials(const HelperRunner& run, const std::filesystem::path& home,
                                  const std::vector<std::string>& words) {
  const Secret output = output_of(run, home, words);
  const std::string source = escape_for_terminal(words.front());
  if (!is_version_1(output.view())) {
    throw Error(ErrorCode::Provider,
                "the output of " + source + " is not that of a credential_process",
                {"it prints one JSON object with \"Version\": 1"});
  }
  return read_credential_json(output.view(), "SessionToken", source);
}

Secret line_of_program(const HelperRunner& run, const std::filesystem::path& home,
                       const std::vector<std::string>& words) {
  const Secret output = output_of(run, home, words);
  return Secret(trim(output.view()));
}

}  // namespace prodaccess
