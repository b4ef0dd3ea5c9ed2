// prodaccess init: writes a commented first configuration that works as it stands, from few
// questions.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/starter.h"
#include "cli/system_layer.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/grant/provider.h"
#include "core/os/files.h"
#include "core/os/store_probe.h"

namespace prodaccess {
namespace {

struct InitOptions {
  std::string provider;
  bool force = false;
  bool print = false;
  bool yes = false;
};

// The questions of one run; without a person every answer is the default.
class Interview {
 public:
  Interview(Context& context, const InitOptions& options)
      : context_(context),
        asks_(!options.yes && !options.print && !context.json() && context.has_terminal()) {}

  std::string ask(const std::string& question, const std::string& otherwise) {
    if (!asks_) return otherwise;
    const std::string answer{
        trim(context_.prompt().ask(question + " [" + escape_for_terminal(otherwise) + "]:"))};
    return answer.empty() ? otherwise : answer;
  }

  void tell(const std::string& line) {
    if (asks_) context_.prompt().tell(line);
  }

  std::string ask_provider() {
    std::vector<std::string> names;
    for (const StarterQuestion& question : starter_questions()) names.push_back(question.provider);
    return ask("Who gives the access: " + join(names, ", ") + "?", names.front());
  }

 private:
  Context& context_;
  bool asks_;
};

// Why the desktop's keyring cannot keep what must last; absent where it can.
std::optional<std::string> desktop_keyring_trouble(Context& context) {
  Stores stores(context.files(), context.clock(), context.random(), StoreOptions{});
  std::string trouble = "there is none";
  for (const StoreFinding& store : stores.examine()) {
    if (!store.durable) continue;
    if (store.works) return std::nullopt;
    trouble = store.detail;
  }
  return trouble;
}

// Where no keyring of a desktop works, the keys of this machine lie in an encrypted file; asked for
// by whoever runs `init`, as nothing but the configuration may choose it.
std::string durable_store_lines(Interview& interview, const std::string& trouble,
                                const std::filesystem::path& key_file) {
  interview.tell("the desktop's keyring is of no use here: " + trouble);
  interview.tell("so what must last goes to an encrypted file");
  const std::string by = interview.ask("Opened by key-file, or prompt (a passphrase)?", "key-file");
  if (by != "key-file" && by != "prompt") {
    throw Error(ErrorCode::Usage, "neither key-file nor prompt: " + escape_for_terminal(by),
                {"prodaccess init", "a key in ssh-agent: prodaccess-config(5), STORES"});
  }
  const std::string from = by == "prompt" ? by : "key-file:" + key_file.string();
  return "# no desktop keyring when this was written: " + escape_for_terminal(trouble) +
         "\ndurable   = \"file\"\npassphrase_from = " + Json(from).dump() + "\n";
}

void require_absent(Context& context, const InitOptions& options,
                    const std::filesystem::path& path) {
  if (has_system_layer(context.paths().config.system)) {
    throw Error(ErrorCode::Usage,
                "this machine is governed by " + context.paths().config.system.string() +
                    "; its roles are ready, and a file of yours could only narrow them",
                {"prodaccess roles   shows what can be requested"});
  }
  if (!options.force && context.files().read(path, Owner::Me)) {
    throw Error(ErrorCode::Usage, path.string() + " is there already; nothing was changed",
                {"prodaccess roles          shows what it gives",
                 "prodaccess init --print   prints a starter beside it"});
  }
}

void make_key_file(Context& context, const std::filesystem::path& path) {
  if (context.files().read(path, Owner::Me)) return;  // it may open a store that is there
  context.files().write(path, hex(context.random().bytes(32)) + "\n");
}

void report(Context& context, const StarterAnswers& answers,
            const std::vector<std::filesystem::path>& written) {
  const std::string role = starter_question(answers.provider).role;
  if (context.json()) {
    Json files = Json::array();
    for (const auto& path : written) files.push_back(path.string());
    print_json(
        {{"written", written.front().string()}, {"files", std::move(files)}, {"role", role}});
    return;
  }
  print_line("written: " + written.front().string());
  if (written.size() > 1) {
    print_line("written: " + written.back().string() +
               "   (opens the encrypted store; whoever has both has the keys)");
  }
  print_line("next:    prodaccess doctor");
  print_line("         prodaccess request --role " + role + " --reason \"try\"");
}

void check(Context& context) {
  for (const auto& [name, role] : context.config().roles) context.provider(role).check(role);
}

// Writes it and asks the loader and the provider; a wrong answer leaves what was there before.
void write_checked(Context& context, const std::filesystem::path& path, const std::string& text) {
  const auto before = context.files().read(path, Owner::Me);
  context.files().write(path, text);
  try {
    check(context);
  } catch (const Error& error) {
    if (before) {
      context.files().write(path, *before);
    } else {
      context.files().remove(path);
    }
    throw Error(error.code(), error.what(),
                {"no configuration was written; again: prodaccess init"});
  }
}

int run(const InitOptions& options, Context& context) {
  const auto folder = context.paths().config.user;
  const auto path = folder / "config.toml";
  const auto key_file = folder / "store.key";
  if (!options.print) require_absent(context, options, path);
  Interview interview(context, options);
  StarterAnswers answers;
  answers.provider = options.provider.empty() ? interview.ask_provider() : options.provider;
  const StarterQuestion& question = starter_question(answers.provider);
  answers.target = interview.ask(question.question, question.example);
  if (options.print) {
    print_raw(starter_configuration(answers));
    return kDone;
  }
  if (const auto trouble = desktop_keyring_trouble(context)) {
    answers.durable_store = durable_store_lines(interview, *trouble, key_file);
  }
  context.files().make_folder(folder);
  std::vector<std::filesystem::path> written{path};
  if (answers.durable_store.find("key-file:") != std::string::npos) {
    make_key_file(context, key_file);
    written.push_back(key_file);
  }
  write_checked(context, path, starter_configuration(answers));
  report(context, answers, written);
  return kDone;
}

}  // namespace

void add_init(Command& root) {
  auto options = std::make_shared<InitOptions>();
  Command& command = root.add("init", "write a commented first configuration");
  command.describe(
      "At a terminal it asks who gives the access, for the one thing that this provider needs, "
      "and, "
      "where no\ndesktop keyring works, what opens the encrypted file that then holds this "
      "machine's "
      "own keys. Enter\ntakes the answer in brackets; without a terminal, or with --yes, all of "
      "them "
      "are taken.");
  std::vector<std::string> providers;
  for (const StarterQuestion& question : starter_questions())
    providers.push_back(question.provider);
  command.option("--provider", &options->provider, "NAME", "write a role of this provider")
      .one_of(providers);
  command.flag("--yes", &options->yes, "ask nothing");
  command.flag("--force", &options->force, "replace a configuration that is there");
  command.flag("--print", &options->print, "print it instead of writing it");
  command.example("prodaccess init");
  command.example("prodaccess init --provider aws --yes");
  command.example("prodaccess init --print > /tmp/look.toml");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
