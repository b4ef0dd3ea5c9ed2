// PluginProvider: a provider of one's own, as a program named prodaccess-provider-NAME
// (prodaccess-provider(7)). A role names it as its provider and sets it up in a table of that name:
//
//   provider = "acme"
//   acme = { url = "https://vault.acme.example", team = "sre" }
//
// Of the table's keys these are ours, the rest goes to the program as "parameters":
//   program   the absolute path, where it does not lie in a trusted folder
//   timeout   how long one run may take; "30s", at most 5m
//   serves    tools for which a grant is chosen without --role; any
//   tiers     whether it can issue a read tier beside the wide one; false
//
// The program is never run to read the configuration, nor on the way of a command whose credential
// is at hand. Errors: Error{Provider} naming the program. Its words are escaped before they leave.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/grant/provider.h"
#include "core/os/clock.h"
#include "core/os/helper_program.h"
#include "providers/plugin/plugin_protocol.h"

namespace prodaccess {

// How plug-ins are found, run and asked for; tests give others.
struct PluginHost {
  // The program of a name or absolute path, checked as trust demands. Throws where there is none.
  std::function<std::filesystem::path(const std::string& name_or_path)> find;
  std::function<bool(const std::string& name_or_path)> has;
  std::function<HelperResult(const HelperRun&)> run = run_helper;
  std::vector<std::pair<std::string, std::string>> environment;  // all that the program gets
};

struct PluginParameters {
  std::string program;  // a name or an absolute path
  Milliseconds timeout{30'000};
  std::vector<std::string> serves;
  bool tiers = false;
  std::string json;  // what the program gets
};

// One run of `program`; questions are answered through `prompt` (null: nobody can be asked) and the
// program run again. Throws what a failure says.
PluginReply ask_plugin(const PluginHost& host, const PluginParameters& parameters,
                       PluginRequest request, Prompt* prompt);

class PluginProvider final : public Provider {
 public:
  // `clock` and `prompt` must outlive it.
  PluginProvider(std::string name, PluginHost host, const Clock& clock, Prompt& prompt);

  std::string name() const override { return name_; }
  void check(const Role& role) const override;
  std::vector<std::string> tools(const Role& role) const override;
  std::optional<Effect> narrowed(const Role& role) const override;
  bool has_tiers(const Role& role) const override;
  IssuedDescription describe(const Role& role) const override;
  std::string shape(const Role& role) const override;
  Issued issue(const IssueRequest& request, const HandleObserver& on_handle) override;
  std::optional<Issued> renew(const IssueRequest& request, const Credential& credential) override;
  RevokeOutcome revoke(const Role& role, const std::string& handle,
                       const Credential* credential) override;
  std::vector<ProbeFinding> probe(const Role& role) override;
  std::vector<std::pair<std::string, Secret>> environment(
      const Role& role, const Credential& credential) const override;
  std::vector<std::string> rival_variables() const override;

 private:
  PluginParameters parameters(const Role& role) const;
  PluginReply ask(const Role& role, PluginRequest request) const;
  // Nothing where the program cannot be asked now.
  std::optional<PluginDescription> description(const Role& role, std::string* problem) const;
  Issued take_issued(const IssueRequest& request, PluginIssued issued) const;

  std::string name_;
  PluginHost host_;
  const Clock& clock_;
  Prompt& prompt_;
};

}  // namespace prodaccess
