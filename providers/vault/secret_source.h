// SecretSources: where trusted configuration says that a secret of prodaccess's own login lies.
//
//   env:NAME              our own environment
//   file:/PATH            a file of mine that nobody else can read (a link to one from root is fine
//                         for what Kubernetes and CI systems mount)
//   command:/PROGRAM ARG  what a trusted program prints, run with a clean environment
//   stored                the durable store: what `prodaccess login ROLE` kept there
//   prompt                asked for on the terminal
//   github-actions:AUDIENCE   the CI job's identity token, asked of the runner
//
// Errors: Error{Provider} saying what is missing; never a value. Threads: one.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/secret.h"
#include "core/grant/provider.h"
#include "core/os/files.h"
#include "core/os/store.h"
#include "providers/http/http_client.h"

namespace prodaccess {

// What lies in the durable store for source "stored", as one line of text.
struct KeptSecret {
  Secret secret;
  std::optional<WallTime> until;
  std::string who;  // as the server calls them; "" where it does not say

  Secret text() const;
  // Throws Error{Keyring} for anything else.
  static KeptSecret parse(std::string_view text);
};

// What is wrong with the text of a source, to follow the key's name; absent: nothing.
std::optional<std::string> secret_source_problem(const std::string& source);

struct SecretSources {
  Files& files;
  HttpClient& http;
  std::function<std::string(const char*)> variable;  // our environment; "" where unset
  OpenStore store;                                   // opened when first needed
  std::function<Prompt&()> prompt;

  // One line without the blanks around it. `what` names it for people ("the password of ana");
  // `key` is its name in the durable store, `login` that of the login which puts it there.
  Secret take(const std::string& source, const std::string& what, const std::string& key,
              const std::string& login) const;
};

}  // namespace prodaccess
