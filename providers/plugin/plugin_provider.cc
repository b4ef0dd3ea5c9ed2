#include "providers/plugin/plugin_provider.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/secret_spans.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kLongestTimeout{300'000};
constexpr int kMostRounds = 4;

std::vector<std::string> escaped(const std::vector<std::string>& lines) {
  std::vector<std::string> safe;
  safe.reserve(lines.size());
  for (const std::string& line : lines) safe.push_back(escape_for_terminal(line));
  return safe;
}

IssuedDescription escaped(const IssuedDescription& words) {
  return {escape_for_terminal(words.target), escape_for_terminal(words.identity),
          escaped(words.notes)};
}

HelperResult run_once(const PluginHost& host, const PluginParameters& parameters,
                      const PluginRequest& request) {
  HelperRun run;
  run.program = host.find(parameters.program);
  run.argv = {run.program.string(), std::string(plugin_operation_name(request.operation))};
  for (const auto& [name, value] : host.environment) run.environment.emplace_back(name, value);
  run.input = write_plugin_request(request);
  run.deadline = parameters.timeout;
  HelperResult result = host.run(run);
  if (!result.good()) {
    std::vector<std::string> hints = result.hints();
    hints.push_back("prodaccess provider test " + run.program.string() + "   tries it by itself");
    throw Error(ErrorCode::Provider,
                run.program.string() + " " + run.argv[1] + " " + result.description(run),
                std::move(hints));
  }
  return result;
}

PluginReply run_and_read(const PluginHost& host, const PluginParameters& parameters,
                         const PluginRequest& request) {
  const HelperResult result = run_once(host, parameters, request);
  try {
    return read_plugin_reply(request.operation, result.output.view());
  } catch (const Error& error) {
    throw Error(ErrorCode::Provider,
                escape_for_terminal(parameters.program) + " " +
                    std::string(plugin_operation_name(request.operation)) + ": " + error.what(),
                result.hints());
  }
}

void answer(const PluginQuestions& asked, const std::string& program, Prompt* prompt,
            SecretFields& answers) {
  for (const PluginQuestion& question : asked.questions) {
    if (prompt == nullptr) {
      throw Error(ErrorCode::Provider,
                  escape_for_terminal(program) + " asks for '" + question.name +
                      "' and there is nobody to ask",
                  {"run it in the foreground of a terminal"});
    }
    const std::string text =
        escape_for_terminal(program) + " asks: " + escape_for_terminal(question.text) + ": ";
    answers.insert_or_assign(
        question.name, question.secret ? prompt->ask_secret(text) : Secret(prompt->ask(text)));
  }
}

}  // namespace

PluginReply ask_plugin(const PluginHost& host, const PluginParameters& parameters,
                       PluginRequest request, Prompt* prompt) {
  SecretFields answers;
  request.answers = &answers;
  for (int round = 0; round < kMostRounds; ++round) {
    PluginReply reply = run_and_read(host, parameters, request);
    if (const auto* failure = std::get_if<PluginFailure>(&reply)) {
      throw Error(
          ErrorCode::Provider,
          escape_for_terminal(parameters.program + ": " + without_likely_secrets(failure->message)),
          escaped(failure->hints));
    }
    const auto* asked = std::get_if<PluginQuestions>(&reply);
    if (asked == nullptr) return reply;
    answer(*asked, parameters.program, prompt, answers);
  }
  throw Error(ErrorCode::Provider,
              escape_for_terminal(parameters.program) + " keeps asking questions");
}

PluginProvider::PluginProvider(std::string name, PluginHost host, const Clock& clock,
                               Prompt& prompt)
    : name_(std::move(name)), host_(std::move(host)), clock_(clock), prompt_(prompt) {}

PluginParameters PluginProvider::parameters(const Role& role) const {
  ConfigTable table = role.parameters;
  PluginParameters read;
  read.program = table.take_string("program").value_or(name_);
  if (table.has("program") && !read.program.starts_with('/')) {
    table.fail("program", "'program' must be an absolute path");
  }
  if (const auto timeout = table.take_duration("timeout")) {
    read.timeout = *timeout;
    if (read.timeout > kLongestTimeout || read.timeout.count() <= 0) {
      table.fail("timeout", "'timeout' must be from 1s to 5m");
    }
  }
  read.serves = table.take_strings("serves");
  read.tiers = table.take_bool("tiers").value_or(false);
  read.json = table.take_rest_as_json();
  return read;
}

PluginReply PluginProvider::ask(const Role& role, PluginRequest request) const {
  const PluginParameters read = parameters(role);
  request.role = role.name;
  request.parameters_json = read.json;
  return ask_plugin(host_, read, std::move(request), &prompt_);
}

void PluginProvider::check(const Role& role) const { parameters(role); }

std::vector<std::string> PluginProvider::tools(const Role& role) const {
  return parameters(role).serves;
}

std::optional<Effect> PluginProvider::narrowed(const Role& role) const {
  if (!role.narrowed) return std::nullopt;  // nobody counts on it: no need to ask
  const auto described = description(role, nullptr);
  return described ? described->narrowed : std::nullopt;
}

bool PluginProvider::has_tiers(const Role& role) const { return parameters(role).tiers; }

std::optional<PluginDescription> PluginProvider::description(const Role& role,
                                                             std::string* problem) const {
  try {
    PluginReply reply = ask(role, {});
    if (auto* described = std::get_if<PluginDescription>(&reply)) return std::move(*described);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::Config) throw;
    if (problem != nullptr) *problem = error.what();
  }
  return std::nullopt;
}

IssuedDescription PluginProvider::describe(const Role& role) const {
  std::string problem;
  if (const auto described = description(role, &problem)) return escaped(described->words);
  IssuedDescription words{"plug-in " + name_, "", {}};
  if (!problem.empty()) words.notes.push_back(problem);
  return words;
}

std::string PluginProvider::shape(const Role& role) const {
  const PluginParameters read = parameters(role);
  return canonical_json(
      {{"program", read.program}, {"parameters", read.json}, {"tiers", read.tiers}});
}

Issued PluginProvider::take_issued(const IssueRequest& request, PluginIssued issued) const {
  Credential credential;
  credential.tier = request.tier;
  credential.issued_at = clock_.wall_now();
  credential.issued_boot = clock_.boot_now();
  credential.boot_id = clock_.boot_id();
  // The grant ends then, whatever the program could get.
  credential.expires_at = std::min(issued.expires_at, request.until);
  credential.handle = issued.handle;
  credential.fields = std::move(issued.fields);
  if (credential.expires_at <= credential.issued_at) {
    throw Error(ErrorCode::Provider, name_ + " issued a credential that has already ended");
  }
  IssuedDescription words =
      issued.words ? escaped(*issued.words) : IssuedDescription{"plug-in " + name_, "", {}};
  if (issued.expires_at > request.until) {
    words.notes.push_back("the credential itself lives until " + format_rfc3339(issued.expires_at));
  }
  return {std::move(credential), std::move(words)};
}

Issued PluginProvider::issue(const IssueRequest& request, const HandleObserver& on_handle) {
  PluginRequest asked;
  asked.operation = PluginOperation::Issue;
  asked.person = request.person;
  asked.grant = request.grant_id;
  asked.reason = request.access.reason;
  asked.ticket = request.access.ticket;
  asked.tier = request.tier;
  asked.until = request.until;
  PluginReply reply = ask(request.role, std::move(asked));
  auto* issued = std::get_if<PluginIssued>(&reply);
  if (issued == nullptr) throw Error(ErrorCode::Provider, name_ + " cannot issue anything");
  on_handle(issued->handle);
  return take_issued(request, std::move(*issued));
}

std::optional<Issued> PluginProvider::renew(const IssueRequest& request,
                                            const Credential& credential) {
  PluginRequest asked;
  asked.operation = PluginOperation::Renew;
  asked.person = request.person;
  asked.grant = request.grant_id;
  asked.reason = request.access.reason;
  asked.ticket = request.access.ticket;
  asked.tier = request.tier;
  asked.until = request.until;
  asked.handle = credential.handle;
  asked.fields = &credential.fields;
  PluginReply reply = ask(request.role, std::move(asked));
  auto* issued = std::get_if<PluginIssued>(&reply);
  if (issued == nullptr) return std::nullopt;
  return take_issued(request, std::move(*issued));
}

RevokeOutcome PluginProvider::revoke(const Role& role, const std::string& handle,
                                     const Credential* credential) {
  PluginRequest asked;
  asked.operation = PluginOperation::Revoke;
  asked.handle = handle;
  if (credential != nullptr) asked.fields = &credential->fields;
  PluginReply reply = ask(role, std::move(asked));
  auto* outcome = std::get_if<RevokeOutcome>(&reply);
  if (outcome == nullptr) {
    return {RevokeOutcome::State::NotRevocable, name_ + " cannot take anything back", std::nullopt};
  }
  outcome->detail = escape_for_terminal(outcome->detail);
  return std::move(*outcome);
}

std::vector<ProbeFinding> PluginProvider::probe(const Role& role) {
  PluginRequest asked;
  asked.operation = PluginOperation::Probe;
  PluginReply reply = ask(role, std::move(asked));
  auto* found = std::get_if<std::vector<ProbeFinding>>(&reply);
  if (found == nullptr) {
    return {
        {ProbeFinding::State::Good, "program", host_.find(parameters(role).program).string(), ""}};
  }
  for (ProbeFinding& finding : *found) {
    finding.subject = escape_for_terminal(finding.subject);
    finding.detail = escape_for_terminal(finding.detail);
    finding.hint = escape_for_terminal(finding.hint);
  }
  return std::move(*found);
}

std::vector<std::pair<std::string, Secret>> PluginProvider::environment(
    const Role&, const Credential& credential) const {
  std::vector<std::pair<std::string, Secret>> variables;
  for (const auto& [name, value] : credential.fields) {
    if (is_variable_field(name)) variables.emplace_back(name, value.duplicate());
  }
  return variables;
}

std::vector<std::string> PluginProvider::rival_variables() const { return {}; }

}  // namespace prodaccess
