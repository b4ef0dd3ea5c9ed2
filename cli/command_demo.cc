// prodaccess demo: a guided tour of the installed program, in a temporary home of its own, on the
// embedded authority: no account, no network, and nothing of the person's own is touched.
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/system_layer.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/attached_program.h"
#include "core/os/environment.h"
#include "core/os/files.h"
#include "core/os/program.h"
#include "core/os/temporary_folder.h"
#include "core/os/terminal.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kPausePatience{600'000};
constexpr const char* kConfiguration = R"(# The demo's own configuration; it goes away with it.
[stores]
durable = "file"
passphrase_from = "key-file:{home}/store.key"

[roles.ops]
description = "Work in the demo's folder"
provider    = "local"
ttl_default = "15m"
reason      = "required"
local       = { kind = "token", audience = "https://service.example.com" }

[roles.look]
description = "Look, and change nothing"
provider    = "local"
ttl_default = "15m"
effects     = ["read"]
local       = { kind = "token", audience = "https://service.example.com" }
)";

struct DemoOptions {
  bool yes = false;
};

// The tour's home; gone with it.
class DemoHome {
 public:
  DemoHome(Files& files, Random& random) : folder_(make_temporary_folder()) {
    std::string text = kConfiguration;
    const std::string mark = "{home}";
    text.replace(text.find(mark), mark.size(), folder_.string());
    files.make_folder(folder_ / ".config/prodaccess");
    files.write(folder_ / ".config/prodaccess/config.toml", text);
    files.write(folder_ / "store.key", hex(random.bytes(32)));
    files.make_folder(folder_ / "srv/cache");
    for (const char* name : {"old-1", "old-2", "old-3"}) {
      files.write(folder_ / "srv/cache" / name, "cached\n");
    }
  }
  ~DemoHome() {
    std::error_code ignored;  // it holds nothing but the tour's own
    std::filesystem::remove_all(folder_, ignored);
  }
  DemoHome(const DemoHome&) = delete;
  DemoHome& operator=(const DemoHome&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  bool has_sessions() const {
    std::error_code ignored;
    const auto folder = folder_ / ".local/state/prodaccess/run/sessions";
    return std::filesystem::exists(folder, ignored) && !std::filesystem::is_empty(folder, ignored);
  }

 private:
  std::filesystem::path folder_;
};

// Thrown where the person has seen enough.
struct TourEnded {};

class Tour {
 public:
  Tour(Context& context, const DemoOptions& options)
      : context_(context),
        home_(context.files(), context.random()),
        asks_(!options.yes && !context.json() && context.has_terminal()) {}

  void walk();
  void clean_up() {
    if (granted_) run_quietly({"revoke", "--all"});
  }
  bool good() const { return good_; }
  Json steps() const { return steps_; }

 private:
  void say(const std::string& text) const {
    if (context_.json()) return;
    print_line("");
    print_line("# " + text);
  }
  void pause();
  AttachedPlan plan(const std::vector<std::string>& words) const;
  int run_quietly(const std::vector<std::string>& words) const;
  int run(const std::vector<std::string>& words, const std::vector<int>& expected);
  void note(const std::vector<std::string>& words, int status, const std::vector<int>& expected);
  void destroy();
  void brake();
  void without_keyring();

  Context& context_;
  DemoHome home_;
  bool asks_;
  bool granted_ = false;
  bool good_ = true;
  Json steps_ = Json::array();
};

void Tour::pause() {
  if (!asks_) return;
  Question question;
  question.prompt = "  (Enter goes on, Ctrl-C ends the tour) ";
  question.patience = kPausePatience;
  question.by_hand = false;
  if (context_.terminal()->ask(question).kind != Answer::Kind::Given) throw TourEnded();
}

AttachedPlan Tour::plan(const std::vector<std::string>& words) const {
  AttachedPlan plan;
  plan.program = own_program();
  plan.argv = {"prodaccess"};
  plan.argv.insert(plan.argv.end(), words.begin(), words.end());
  for (const std::string_view entry : caller_environment()) {
    const std::string_view name = entry.substr(0, entry.find('='));
    const bool elsewhere =
        name == "HOME" || name.starts_with("XDG_") || name.starts_with("PRODACCESS_");
    if (!elsewhere) plan.environment.emplace_back(entry);
  }
  plan.environment.push_back("HOME=" + home_.folder().string());
  plan.folder = home_.folder();
  plan.quiet = context_.json();
  return plan;
}

int Tour::run_quietly(const std::vector<std::string>& words) const {
  AttachedPlan silent = plan(words);
  silent.quiet = true;
  silent.no_input = true;
  return AttachedProgram(silent).wait();
}

void Tour::note(const std::vector<std::string>& words, int status,
                const std::vector<int>& expected) {
  const bool as_expected = std::find(expected.begin(), expected.end(), status) != expected.end();
  std::vector<std::string> argv{"prodaccess"};
  argv.insert(argv.end(), words.begin(), words.end());
  steps_.push_back({{"command", argv}, {"status", status}, {"as_expected", as_expected}});
  if (as_expected) return;
  good_ = false;
  warn("this ended with status " + std::to_string(status) + ", which the tour did not expect");
}

int Tour::run(const std::vector<std::string>& words, const std::vector<int>& expected) {
  if (!context_.json()) {
    std::string line = "$ prodaccess";
    for (const std::string& word : words) line += " " + shell_quote(word);
    print_line(line);
  }
  const int status = AttachedProgram(plan(words)).wait();
  note(words, status, expected);
  pause();
  return status;
}

// The destructive command: at a terminal the person answers for themselves; elsewhere the tour
// shows what would be asked, and that nothing but a person's answer lets it through.
void Tour::destroy() {
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--", "rm", "-r", "srv/cache"});
    return words;
  };
  say("What would a destructive command do, and why would it be stopped?");
  run(with({"policy", "explain"}), {kDone});
  if (asks_) {
    say("It is previewed, then asks for the target's name and a fresh challenge: type them");
    run(with({"exec", "--role", "ops"}), {kDone, 126});
    return;
  }
  say("Its preview alone; nothing is run");
  run(with({"exec", "--role", "ops", "--dry-run"}), {kDone});
  say("Without a person at a terminal it is refused");
  if (context_.has_terminal()) {
    say("(left out here: at this terminal it would wait for your answer)");
    return;
  }
  run(with({"exec", "--role", "ops"}), {126});
}

void Tour::brake() {
  say("The emergency brake: what runs under a grant ends with it");
  const std::vector<std::string> sleep{"exec", "--role", "ops", "--", "sleep", "600"};
  if (!context_.json()) print_line("$ prodaccess exec --role ops -- sleep 600 &");
  AttachedPlan background = plan(sleep);
  background.no_input = true;
  AttachedProgram child(background);
  for (int round = 0; round < 200 && !home_.has_sessions(); ++round) {
    std::this_thread::sleep_for(Milliseconds{50});
  }
  run({"status"}, {kDone});
  run({"revoke", "--all"}, {kDone});
  note(sleep, child.wait(), {128 + 2, 128 + 9, 128 + 15, 126});
  granted_ = false;
  say("After that the grant serves nothing any more");
  run({"exec", "--role", "ops", "--", "ls", "srv"}, {kExecFailed});
}

void Tour::without_keyring() {
  say("No keyring works here (prodaccess doctor says why), so nothing can be kept: --once issues, "
      "runs and revokes in one go");
  run({"exec", "--once", "--role", "look", "--", "ls", "srv/cache"}, {kDone});
}

void Tour::walk() {
  say("This tour works in " + home_.folder().string() +
      ", which is removed at the end; it needs no account and no network");
  say("What can be asked for");
  run({"roles"}, {kDone});
  say("A grant: for a time, with a reason, on record");
  const std::vector<std::string> request{
      "request", "--role", "ops", "--ttl", "10m", "--reason", "INC-42 the disk is full"};
  if (run(request, {kDone, kFailed}) == kDone) {
    granted_ = true;
    say("A read passes at once");
    run({"exec", "--role", "ops", "--", "ls", "-l", "srv/cache"}, {kDone});
    destroy();
    say("A role that only reads refuses what changes things");
    run({"request", "--role", "look"}, {kDone});
    run({"exec", "--role", "look", "--", "rm", "-r", "srv"}, {126});
    brake();
  } else {
    without_keyring();
  }
  say("The ledger tells the whole story, and shows that nothing in it was changed");
  run({"audit", "show"}, {kDone});
  run({"audit", "verify"}, {kDone});
}

void require_self_governed(Context& context) {
  if (!has_system_layer(context.paths().config.system)) return;
  throw Error(ErrorCode::Config,
              "this machine is governed by " + context.paths().config.system.string() +
                  ", which leaves no room for the tour's own roles",
              {"prodaccess roles   shows what is there to try",
               "prodaccess policy explain -- COMMAND   asks what would happen, and runs nothing"});
}

int run_demo(Context& context, const DemoOptions& options) {
  require_self_governed(context);
  Tour tour(context, options);
  try {
    tour.walk();
  } catch (const TourEnded&) {
    tour.clean_up();
    if (!context.json()) print_line("The tour ends here; nothing of it is left.");
    return kDone;
  } catch (...) {
    tour.clean_up();
    throw;
  }
  tour.clean_up();
  if (context.json()) {
    print_json({{"steps", tour.steps()}, {"good", tour.good()}});
  } else {
    print_line("");
    print_line("That was the main job. Next: prodaccess init, then prodaccess doctor.");
  }
  return tour.good() ? kDone : kFailed;
}

}  // namespace

void add_demo(Command& root) {
  const auto options = std::make_shared<DemoOptions>();
  Command& command = root.add("demo", "a guided tour, safe: in a temporary home, without network");
  command.describe(
      "Each step is explained and then really run: a grant, a read, a destructive command with its "
      "preview\nand confirmation, the emergency brake, the ledger. It uses the embedded authority "
      "and a folder of its\nown, which is removed at the end; your own configuration, grants and "
      "ledger are not touched.\n\nWithout a terminal, or with --yes, it does not stop between the "
      "steps and nothing destructive is run.");
  command.flag("--yes", &options->yes, "do not stop between the steps");
  command.example("prodaccess demo");
  command.example("prodaccess demo --yes", "all of it at once");
  command.exit_status("1", "a step went otherwise than expected");
  command.runs([options](Context& context) { return run_demo(context, *options); });
}

}  // namespace prodaccess
