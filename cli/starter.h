// The first configuration that `prodaccess init` writes, from a few answers.
#pragma once

#include <string>
#include <vector>

namespace prodaccess {

struct StarterAnswers {
  std::string provider = "local";
  std::string target;         // what the provider's question asks for; "" for its example
  std::string durable_store;  // lines for [stores]; "" leaves it to "auto"
};

// What a provider has to be told first.
struct StarterQuestion {
  std::string provider;
  std::string question;
  std::string example;
  std::string role;  // the role that it becomes
};

// In the order in which they are offered; local first.
const std::vector<StarterQuestion>& starter_questions();
// Throws Error{Usage} for a provider that is not among them.
const StarterQuestion& starter_question(const std::string& provider);

// TOML, commented; read by the loader as it is.
std::string starter_configuration(const StarterAnswers& answers);

}  // namespace prodaccess
