// Invocation: a CommandLine understood. What `understand` returns, `decide` judges, the prompt
// shows and the ledger keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/command/effect.h"

namespace prodaccess {

// One thing that a command acts on. Empty fields are unknown or do not apply.
struct Target {
  std::string system;      // "aws", "gcp", "kube", "postgres", "mysql", "file", "host", ...
  std::string account;     // account or project
  std::string cluster;     // cluster or context, database host
  std::string namespace_;  // namespace, database, schema
  std::string region;
  std::string kind;      // "instance", "deployment", "table", "object", ...
  std::string name;      // "" with `pattern` unset: all of the kind
  bool pattern = false;  // `name` is a glob, prefix, selector or WHERE

  bool operator==(const Target&) const = default;
};

enum class PreviewKind : std::uint8_t { None, Native, Read, Plan };

// What shows a destructive command's result without doing it.
struct Preview {
  PreviewKind kind = PreviewKind::None;
  std::vector<std::string> argv;  // from the pack and checked arguments alone; empty for None
  bool wide_tier = false;         // needs the rights of the real call
  bool output_is_count = false;   // a line of its output is the number of things concerned
  bool output_is_digest = false;  // its output counts as core/policy/pulumi_preview.h says
  // How success and denial look where the exit status does not say: text to find in the output.
  // EC2 answers success with an error named DryRunOperation.
  std::string success_text;
  std::string denied_text;
  // Plan: how the plan is shown as JSON, and the command that applies exactly that plan. Each has
  // the word "{plan}" where the plan file's path goes. Variables of `folded` ("TF_CLI_ARGS*") are
  // left out of all three: their words are in them.
  std::vector<std::string> show_argv;
  std::vector<std::string> apply_argv;
  std::string saved_plan;  // the plan that the line names: shown and applied, and `argv` is empty
  std::vector<std::string> folded;
};

// Where an opaque effect came from decides whether anything may lower it (it may not, for a Limit).
enum class OpaqueCause : std::uint8_t { NotOpaque, Unknown, Program, Hidden, Limit };

struct Invocation {
  std::vector<std::string> argv;  // of this part, after its wrappers were taken off
  std::string tool;               // pack name: "aws", "kubectl"; "" for an unknown program
  std::string action;             // "ec2 terminate-instances", "delete"; "" where there is none
  Effect effect = Effect::Opaque;
  std::string kind;  // finer than the effect: "client_credential", "sql", ...; often ""
  OpaqueCause opaque_cause = OpaqueCause::NotOpaque;
  std::vector<Target> targets;
  std::optional<bool> reversible;
  std::optional<std::int64_t> count;  // how many things, where the line says
  std::optional<std::int64_t> scale;  // how much is created or grown
  bool runs_project_code = false;
  bool interactive = false;        // a session whose commands are not on the line
  std::int64_t usually_takes = 0;  // seconds; 0: unknown
  Preview preview;
  std::vector<std::string> reasons;       // why this effect, in plain words
  std::vector<std::string> wrappers;      // what was taken off: "sudo -u app"
  std::vector<std::size_t> secret_words;  // indices into argv whose values must not be recorded
  std::vector<Invocation> parts;          // the inner commands of a compound or wrapper
};

// The most severe effect of an invocation and all of its parts.
Effect worst_effect(const Invocation& invocation);

}  // namespace prodaccess
