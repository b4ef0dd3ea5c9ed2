// store_tool: the secret stores by hand, for the end-to-end tests.
//
//   store_tool [--file PATH --from PASSPHRASE_FROM] ephemeral|durable STORE put KEY [SECONDS]
//   <SECRET store_tool ... ephemeral|durable STORE get|erase KEY | keys store_tool ... examine
//
// STORE may be "auto". "--from prompt" takes PASSPHRASE from the environment.

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>

#include "core/base/error.h"
#include "core/os/store_probe.h"

using namespace prodaccess;

namespace {

struct Command {
  StoreOptions options;
  std::vector<std::string> words;
};

Command parse(int argc, char** argv) {
  Command command;
  command.words.assign(argv + 1, argv + argc);
  const char* socket = std::getenv("SSH_AUTH_SOCK");
  command.options.agent_socket = socket == nullptr ? "" : socket;
  command.options.ask = [](const std::string&) {
    const char* passphrase = std::getenv("PASSPHRASE");
    if (passphrase == nullptr) throw Error(ErrorCode::Denied, "nobody can be asked");
    return Secret(std::string_view(passphrase));
  };
  auto& words = command.words;
  while (words.size() > 2 && words[0].starts_with("--")) {
    if (words[0] == "--file") command.options.file = words[1];
    if (words[0] == "--from") command.options.passphrase_from = words[1];
    words.erase(words.begin(), words.begin() + 2);
  }
  return command;
}

int show(const std::optional<Secret>& secret) {
  if (!secret) return 4;
  std::cout << secret->view();
  return 0;
}

std::string standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

int use_ephemeral(EphemeralStore& store, const std::vector<std::string>& words) {
  const SystemClock clock;
  if (words[2] == "put") {
    store.put(words[3], standard_input(), clock.wall_now() + Seconds{std::stoi(words[4])});
  }
  if (words[2] == "get") return show(store.get(words[3]));
  if (words[2] == "erase") store.erase(words[3]);
  return 0;
}

int use_durable(DurableStore& store, const std::vector<std::string>& words) {
  if (words[2] == "put") store.put(words[3], standard_input());
  if (words[2] == "get") return show(store.get(words[3]));
  if (words[2] == "erase") store.erase(words[3]);
  if (words[2] == "keys") {
    for (const std::string& key : store.keys()) std::cout << key << '\n';
  }
  return 0;
}

int run(Command command) {
  const std::vector<std::string> words = command.words;
  if (words.at(0) == "ephemeral") command.options.ephemeral = words.at(1);
  if (words.at(0) == "durable") command.options.durable = words.at(1);
  const SystemClock clock;
  SystemRandom random;
  const auto files = make_system_files();
  Stores stores(*files, clock, random, command.options);
  if (words[0] == "ephemeral") return use_ephemeral(stores.ephemeral(), words);
  if (words[0] == "durable") return use_durable(stores.durable(), words);
  for (const StoreFinding& finding : stores.examine()) {
    std::cout << (finding.durable ? "durable " : "ephemeral ") << finding.name << " "
              << (finding.works ? "works" : "fails") << (finding.chosen ? " chosen" : "") << " "
              << finding.detail << '\n';
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const Error& error) {
    std::cerr << code_name(error.code()) << ": " << error.what() << '\n';
    for (const std::string& hint : error.hints()) std::cerr << "hint: " << hint << '\n';
  } catch (const std::exception& error) {
    std::cerr << "store_tool: " << error.what() << '\n';
  }
  return 1;
}
