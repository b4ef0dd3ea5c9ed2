#include "providers/plugin/plugin_conformance.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

using State = ConformanceCheck::State;

constexpr Seconds kLife{600};
// Text that breaks programs which glue JSON together by hand.
constexpr const char* kAwkwardReason = "it's \"quoted\" \\ $HOME `id` \xc3\xa9\xe2\x80\xa8 {}";

class Skip : public Error {
 public:
  explicit Skip(const std::string& why) : Error(ErrorCode::Provider, why) {}
};

void expect(bool condition, const std::string& what) {
  if (!condition) throw Error(ErrorCode::Provider, what);
}

class Kit {
 public:
  Kit(const PluginHost& host, const PluginParameters& parameters, const Clock& clock,
      Prompt* prompt)
      : host_(host), parameters_(parameters), clock_(clock), prompt_(prompt) {
    host_.run = [this, run = host.run](const HelperRun& plan) {
      HelperResult result = run(plan);
      errors_ += result.errors;
      return result;
    };
  }
  Kit(const Kit&) = delete;
  Kit& operator=(const Kit&) = delete;

  std::vector<ConformanceCheck> run() {
    check("the program is found and may be trusted", [&] { host_.find(parameters_.program); });
    if (checks_.back().state == State::Failed) return std::move(checks_);
    check("describe says what would be issued", [&] { describe(); });
    check("issue gives a handle, an end and fields", [&] { first_ = issue(kLife, "INC-1"); });
    check("issue copes with awkward text in a reason",
          [&] { second_ = issue(kLife, kAwkwardReason); });
    check("two issues have two handles", [&] { two_handles(); });
    check("a short grant gets a short credential", [&] { short_life(); });
    check("fields of the request that it does not know do no harm", [&] { extra_parameter(); });
    check("renew gives a longer life, or says that it cannot", [&] { renew(); });
    check("revoke ends what was issued", [&] { revoke(need(first_), true); });
    check("revoke may be repeated", [&] { revoke(need(first_), false); });
    check("revoke works with the handle alone", [&] { revoke(need(second_), false); });
    check("revoke of an unknown handle is answered", [&] { unknown_handle(); });
    check("probe reports findings, or says that it cannot", [&] { probe(); });
    check("another protocol version is refused", [&] { other_version(); });
    check("an unknown operation is refused",
          [&] { expect_refusal("frobnicate", known_request()); });
    check("input that is not JSON is refused", [&] { expect_refusal("issue", "{not json\n"); });
    check("empty input is refused", [&] { expect_refusal("issue", ""); });
    check("no field's value is on standard error", [&] { quiet_errors(); });
    return std::move(checks_);
  }

 private:
  void check(const std::string& name, const std::function<void()>& body) {
    try {
      body();
      checks_.push_back({State::Passed, name, ""});
    } catch (const Skip& skip) {
      checks_.push_back({State::Skipped, name, skip.what()});
    } catch (const Error& error) {
      std::string detail = error.what();
      for (const std::string& hint : error.hints()) detail += "; " + hint;
      checks_.push_back({State::Failed, name, detail});
    }
  }

  template <typename Reply>
  Reply ask(PluginRequest request, const std::string& wanted) {
    request.role = "conformance-test";
    request.parameters_json = parameters_.json;
    PluginReply reply = ask_plugin(host_, parameters_, std::move(request), prompt_);
    if (std::holds_alternative<PluginUnsupported>(reply)) throw Skip("it says that it cannot");
    auto* got = std::get_if<Reply>(&reply);
    expect(got != nullptr, "the reply is no " + wanted);
    return std::move(*got);
  }

  PluginRequest issue_request(Seconds life, const std::string& reason) const {
    PluginRequest request;
    request.operation = PluginOperation::Issue;
    request.person = "conformance";
    request.grant = "00000000c0f0a0ce";
    request.reason = reason;
    request.ticket = "INC-1";
    request.until = clock_.wall_now() + life;
    return request;
  }

  PluginIssued issue(Seconds life, const std::string& reason) {
    auto issued = ask<PluginIssued>(issue_request(life, reason), "credential");
    expect(issued.expires_at > clock_.wall_now(), "it has already ended");
    return issued;
  }

  const PluginIssued& need(const std::optional<PluginIssued>& issued) const {
    if (!issued) throw Skip("nothing was issued");
    return *issued;
  }

  void describe() { ask<PluginDescription>({}, "description"); }

  void two_handles() const {
    expect(need(first_).handle != need(second_).handle, "both are " + need(first_).handle);
  }

  void short_life() {
    need(first_);
    const WallTime until = clock_.wall_now() + Seconds{60};
    const PluginIssued issued = issue(Seconds{60}, "INC-1");
    revoke(issued, true);
    if (issued.expires_at > until + Seconds{1}) {
      throw Skip("it lives until " + format_rfc3339(issued.expires_at) +
                 ", longer than the grant: say so in its notes");
    }
  }

  void extra_parameter() {
    PluginParameters more = parameters_;
    expect(more.json.size() >= 2, "the parameters are not an object");
    more.json.insert(1, more.json == "{}" ? "\"x_unknown\":1" : "\"x_unknown\":1,");
    PluginRequest request;
    request.role = "conformance-test";
    request.parameters_json = more.json;
    // It may refuse the parameter, in words; it may not break on it.
    read_plugin_reply(PluginOperation::Describe,
                      raw_run("describe", write_plugin_request(request)).output.view());
  }

  void renew() {
    PluginRequest request = issue_request(kLife * 2, "INC-1");
    request.operation = PluginOperation::Renew;
    request.handle = need(first_).handle;
    request.fields = &first_->fields;
    auto renewed = ask<PluginIssued>(std::move(request), "credential");
    expect(renewed.expires_at >= first_->expires_at, "the renewed life is shorter");
    first_ = std::move(renewed);
  }

  void revoke(const PluginIssued& issued, bool with_fields) {
    PluginRequest request;
    request.operation = PluginOperation::Revoke;
    request.handle = issued.handle;
    if (with_fields) request.fields = &issued.fields;
    const auto outcome = ask<RevokeOutcome>(std::move(request), "outcome");
    expect(outcome.state != RevokeOutcome::State::Failed,
           "it failed: " + escape_for_terminal(outcome.detail));
    expect(outcome.state != RevokeOutcome::State::NotRevocable || outcome.alive_until,
           "what cannot be revoked needs 'alive_until'");
  }

  void unknown_handle() {
    PluginRequest request;
    request.operation = PluginOperation::Revoke;
    request.role = "conformance-test";
    request.parameters_json = parameters_.json;
    request.handle = "no-such-handle";
    read_plugin_reply(PluginOperation::Revoke,
                      raw_run("revoke", write_plugin_request(request)).output.view());
  }

  void quiet_errors() {
    for (const auto* issued : {&need(first_), &need(second_)}) {
      for (const auto& [name, value] : issued->fields) {
        expect(value.size() < 8 || errors_.find(value.view()) == std::string::npos,
               "the field '" + name + "' was written there");
      }
    }
  }

  void probe() {
    PluginRequest request;
    request.operation = PluginOperation::Probe;
    ask<std::vector<ProbeFinding>>(std::move(request), "list of findings");
  }

  std::string known_request() const {
    PluginRequest request = issue_request(kLife, "INC-1");
    request.parameters_json = parameters_.json;
    std::string text(write_plugin_request(request).view());
    const std::string known = "\"operation\":\"issue\"";
    const std::size_t at = text.find(known);
    if (at != std::string::npos) text.replace(at, known.size(), "\"operation\":\"frobnicate\"");
    return text;
  }

  void other_version() {
    PluginRequest request = issue_request(kLife, "INC-1");
    request.parameters_json = parameters_.json;
    request.protocol = 999;
    expect_refusal("issue", write_plugin_request(request).view());
  }

  HelperResult raw_run(const std::string& operation, Secret input) {
    HelperRun run;
    run.program = host_.find(parameters_.program);
    run.argv = {run.program.string(), operation};
    for (const auto& [name, value] : host_.environment) run.environment.emplace_back(name, value);
    run.input = std::move(input);
    run.deadline = parameters_.timeout;
    HelperResult result = host_.run(run);
    expect(result.end == HelperResult::End::Exited, "it " + result.description(run));
    return result;
  }

  // An error in words, or a failure: anything but a reply that looks like success.
  void expect_refusal(const std::string& operation, std::string_view input) {
    const HelperResult result = raw_run(operation, Secret(input));
    if (result.status != 0) return;
    const PluginReply reply = read_plugin_reply(PluginOperation::Issue, result.output.view());
    expect(std::holds_alternative<PluginFailure>(reply) ||
               std::holds_alternative<PluginUnsupported>(reply),
           "it answered as if all were well");
  }

  PluginHost host_;
  const PluginParameters& parameters_;
  const Clock& clock_;
  Prompt* prompt_;
  std::vector<ConformanceCheck> checks_;
  std::string errors_;  // all that it wrote on standard error
  std::optional<PluginIssued> first_;
  std::optional<PluginIssued> second_;
};

}  // namespace

std::vector<ConformanceCheck> check_plugin(const PluginHost& host,
                                           const PluginParameters& parameters, const Clock& clock,
                                           Prompt* prompt) {
  return Kit(host, parameters, clock, prompt).run();
}

}  // namespace prodaccess
