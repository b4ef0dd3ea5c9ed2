// GrantTokens: the tokens made for one credential of a grant, recorded before any secret hangs from
// them.
//
// A lease belongs to the token that asked for it: with that token's accessor on record, whatever is
// issued afterwards can be ended after a crash, also where its answer was lost. The tokens have the
// grant's end as theirs, so that the server itself ends what a crashed machine never does.
//
// Ended on destruction unless kept. Errors: Error{Provider}. Threads: one.
#pragma once

#include <optional>
#include <string>

#include "core/grant/provider.h"
#include "core/os/clock.h"
#include "providers/vault/vault_client.h"
#include "providers/vault/vault_handle.h"
#include "providers/vault/vault_login.h"
#include "providers/vault/vault_parameters.h"

namespace prodaccess {

class GrantTokens {
 public:
  // Takes over a fresh session; a lent one is only used. `on_handle` may be empty (a probe).
  GrantTokens(VaultClient& client, const Clock& clock, VaultSession session)
      : client_(client), clock_(clock), session_(std::move(session)) {}
  GrantTokens(const GrantTokens&) = delete;
  GrantTokens& operator=(const GrantTokens&) = delete;
  ~GrantTokens();

  // Makes and records what the target asks for. `until`: the grant's end; `longest`: how long the
  // token may live in all, renewals included.
  void make(const VaultParameters& parameters, const IssueRequest& request, Seconds longest,
            const HandleObserver& on_handle);

  // What asks the engine: the grant's own token, or the fresh session where there is none.
  const Secret& token() const { return child_ ? child_->token : session_.token; }
  const Secret& parent() const { return session_.token; }
  const VaultHandle& handle() const { return handle_; }
  std::optional<WallTime> until() const;
  // The token that ends all of it: the handle's first accessor is its.
  Secret root() const;
  void keep() { kept_ = true; }

 private:
  void fit_session(Seconds wanted, bool with_child);
  void make_child(const VaultParameters& parameters, const IssueRequest& request, Seconds life,
                  Seconds longest);
  void end(const Secret& token) noexcept;

  VaultClient& client_;
  const Clock& clock_;
  VaultSession session_;
  std::optional<VaultToken> child_;
  std::optional<WallTime> child_until_;
  VaultHandle handle_;
  bool orphan_ = false;
  bool kept_ = false;
};

}  // namespace prodaccess
