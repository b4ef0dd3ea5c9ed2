// Provider: something that issues and ends credentials. One class per provider, in `providers/`.
//
// A provider does protocol, not policy and not words for people beyond its notes: it never touches
// the terminal (it asks through Prompt), the ledger, the keyring or the state folder, except
// through what it is given.
//
// Errors: Error{Provider} with one line and what to do next; Error{Config} from `check`.
// Threads: one provider, one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/grant/credential.h"
#include "core/grant/fresh_credential.h"
#include "core/grant/grant.h"
#include "core/grant/login.h"
#include "core/grant/role.h"
#include "core/grant/single_flight.h"
#include "core/os/child_service.h"

namespace prodaccess {

// How a provider asks a person: on the controlling terminal, never stdin. Throws Error{Denied}
// where nobody can be asked.
class Prompt {
 public:
  virtual ~Prompt() = default;
  virtual Secret ask_secret(const std::string& question) = 0;
  virtual std::string ask(const std::string& question) = 0;
  virtual void tell(const std::string& line) = 0;
  // Where it asks, for those who wait elsewhere: "pts/3"; "" where nobody can be asked.
  virtual std::string place() const { return ""; }
};

// A session at the provider that a grant's credentials are made from: kept for the grant, so that a
// person's code is asked for once. Agents' and one-shot ones stay in this process.
class BaseSession {
 public:
  struct Made {
    Secret bytes;
    WallTime until{};
  };
  virtual ~BaseSession() = default;
  // What is kept and lives, else what `make` gives. Of many processes that want it at once, one
  // makes it; the others hear its stages.
  virtual Secret get(const std::function<Made(const StageReport&)>& make) = 0;
  // It was refused: the next `get` makes a new one.
  virtual void forget() = 0;
};

struct IssueRequest {
  const Role& role;
  AccessRequest access;
  std::string person;  // who asks, as the ledger calls them
  std::string grant_id;
  Tier tier = Tier::Wide;
  WallTime until{};        // the grant's end, or the wide tier's: no credential outlives it
  StageReport stage = {};  // for those who wait for this credential; may be empty
  BaseSession* base_session = nullptr;  // null: there is nowhere to keep one
};

struct Issued {
  Credential credential;
  IssuedDescription description;
};

// Told the handle before the secret is used, so that a crash never leaves an orphan.
using HandleObserver = std::function<void(const std::string& handle)>;

struct RevokeOutcome {
  enum class State { Revoked, NotRevocable, Failed } state = State::NotRevocable;
  std::string detail;                   // what was done, or what still lives
  std::optional<WallTime> alive_until;  // until when, where it cannot be taken back
};

struct DenyRequest {
  const Role& role;
  const Grant& grant;
  std::string person;                      // as in the grant's IssueRequest
  const Credential* credential = nullptr;  // to be asked once it should be dead; may be null
};

// The stable name: "revoked", "not_revocable", "failed".
std::string_view revoke_state_name(RevokeOutcome::State state);

struct ProbeFinding {
  enum class State { Good, Warning, Bad } state = State::Good;
  std::string subject;  // "reachability", "identity", "clock skew", ...
  std::string detail;
  std::string hint;  // the line that mends it
};

// The run of one child, for what is served to it.
struct ServedRun {
  const Role& role;
  const Credential& credential;
  WallTime until;                                 // the grant's end
  std::function<Successor()> successor;           // of the credential
  std::function<std::filesystem::path()> folder;  // makes one private to this run, removed after it

  FreshCredential fresh_credential(const Clock& clock) const;
};

class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string name() const = 0;

  // Takes every key of `role.parameters` and throws Error{Config} with its place for what is wrong.
  virtual void check(const Role& role) const = 0;
  // Packs that a grant of this role serves without `--role` ("aws", "ssh", ...); empty: any.
  virtual std::vector<std::string> tools(const Role& role) const = 0;
  // What narrows the credential of this role at the provider itself; absent: nothing does.
  virtual std::optional<Effect> narrowed(const Role& role) const = 0;
  // Whether the role has a read tier beside the wide one. Then the grant keeps the read credential
  // alone: each command that needs the wide one is issued its own, ended with it.
  virtual bool has_tiers(const Role& role) const = 0;
  // Words for `roles`, `status` and the prompt, known before anything is issued.
  virtual IssuedDescription describe(const Role& role) const = 0;
  // Everything that shapes the credential, in canonical form; part of the request key.
  virtual std::string shape(const Role& role) const = 0;

  virtual Issued issue(const IssueRequest& request, const HandleObserver& on_handle) = 0;
  // A longer life for what was issued, up to `until`; absent: issue again instead.
  virtual std::optional<Issued> renew(const IssueRequest& request,
                                      const Credential& credential) = 0;
  // `credential` may be null: after a crash only the handle is known.
  virtual RevokeOutcome revoke(const Role& role, const std::string& handle,
                               const Credential* credential) = 0;
  // The strongest means there are, where a person asks for them by `revoke --provider`: they may
  // end what others hold too, and the outcome says so. Absent: there are none beyond `revoke`.
  virtual std::optional<RevokeOutcome> deny(const DenyRequest&) { return std::nullopt; }
  virtual std::vector<ProbeFinding> probe(const Role& role) = 0;
  // Where a person signs in before this role can be issued; null: nowhere.
  virtual std::unique_ptr<Login> login(const Role&) { return nullptr; }

  // The variables that the credential becomes (before the role's own `env` templates).
  virtual std::vector<std::pair<std::string, Secret>> environment(
      const Role& role, const Credential& credential) const = 0;
  // Names (globs) of variables that would make the child somebody else: taken out of its
  // environment.
  virtual std::vector<std::string> rival_variables() const = 0;
  // Names (globs) of variables that hold what this role is issued from: taken out as well.
  virtual std::vector<std::string> base_variables(const Role&) const { return {}; }
  // What the parent serves while the child runs (an agent socket, an endpoint); null: nothing.
  virtual std::unique_ptr<ChildService> serve(const ServedRun&) { return nullptr; }
};

}  // namespace prodaccess
