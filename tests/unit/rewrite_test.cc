// Rewrites that leave a command's meaning alone (quotes, paths, wrappers, variables, options moved
// or spelt otherwise) never give a milder verdict. Seeded; a million with PRODACCESS_TEST_FULL=1.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "core/command/shell/script.h"
#include "core/command/understand.h"

using namespace prodaccess;

namespace {

using Argv = std::vector<std::string>;

// Options stand last, in the form --name=value, where the tool lets them stand anywhere.
const std::vector<Argv>& commands() {
  static const std::vector<Argv> kCommands{
      {"kubectl", "get", "pods", "--namespace=prod"},
      {"kubectl", "delete", "pod", "web-1", "--namespace=prod", "--context=live"},
      {"kubectl", "delete", "deploy/api", "--namespace=prod"},
      {"kubectl", "scale", "deploy", "api", "--replicas=0", "--namespace=prod"},
      {"kubectl", "scale", "deploy", "api", "--replicas=3", "--namespace=prod"},
      {"kubectl", "drain", "node-1", "--context=live"},
      {"kubectl", "apply", "--filename=x.yaml", "--namespace=prod"},
      {"kubectl", "create", "clusterrolebinding", "x", "--clusterrole=cluster-admin", "--user=me"},
      {"kubectl", "get", "secret", "db", "--output=yaml", "--namespace=prod"},
      {"kubectl", "exec", "web-1", "--namespace=prod", "--", "rm", "-rf", "/srv/x"},
      {"rm", "-rf", "/srv/x"},
      {"rm", "-r", "/srv/a b", "/srv/c"},
      {"psql", "--command=DROP TABLE users", "--dbname=prod"},
      {"psql", "--command=SELECT 1", "--dbname=prod"},
      {"psql", "--command=DELETE FROM users WHERE id = 5", "--dbname=prod"},
      {"sh", "-c", "kubectl delete ns prod"},
      {"ssh", "host", "rm -rf /srv/x"},
      {"echo", "rm", "-rf", "/srv/x"},
      {"rm", "--recursive", "--force", "/srv/x"},
      {"aws", "ec2", "describe-instances", "--region=eu-1", "--profile=prod"},
      {"aws", "ec2", "terminate-instances", "--instance-ids=i-1", "--region=eu-1"},
      {"aws", "rds", "modify-db-instance", "--db-instance-identifier=d",
       "--backup-retention-period=0", "--profile=prod"},
      {"aws", "rds", "modify-db-instance", "--db-instance-identifier=d",
       "--no-deletion-protection"},
      {"aws", "autoscaling", "update-auto-scaling-group", "--auto-scaling-group-name=g",
       "--desired-capacity=0", "--region=eu-1"},
      {"aws", "dynamodb", "batch-write-item",
       "--request-items={\"t\":[{\"DeleteRequest\":{\"Key\":{\"id\":{\"S\":\"1\"}}}}]}",
       "--region=eu-1"},
      {"aws", "secretsmanager", "get-secret-value", "--secret-id=s", "--region=eu-1"},
      {"aws", "s3", "rm", "s3://b/k", "--recursive", "--profile=prod"},
      {"gcloud", "compute", "instances", "delete", "i", "--project=p", "--zone=z"},
      {"gcloud", "sql", "instances", "patch", "i", "--activation-policy=NEVER", "--project=p"},
      {"az", "group", "delete", "--name=rg", "--subscription=s"},
      {"git", "push", "--force-with-lease", "origin", "main"},
      {"git", "reset", "--hard"},
      {"docker", "volume", "rm", "data"},
      {"vault", "kv", "delete", "secret/x"},
      {"redis-cli", "FLUSHALL"},
      {"systemctl", "stop", "nginx"},
  };
  return kCommands;
}

// How strict the verdict on it is, whatever the policy: what is hidden counts as destructive.
int strictness(const Invocation& invocation) {
  int worst = static_cast<int>(invocation.effect);
  if (invocation.opaque_cause == OpaqueCause::Hidden ||
      invocation.opaque_cause == OpaqueCause::Limit) {
    worst = static_cast<int>(Effect::Destructive);
  }
  for (const Invocation& part : invocation.parts) worst = std::max(worst, strictness(part));
  return worst;
}

class Rewriter {
 public:
  explicit Rewriter(std::uint64_t seed) : random_(seed) {}

  std::string rewrite(Argv argv) {
    if (chance(3)) abbreviate_options(argv);
    if (chance(2)) move_options(argv);
    if (chance(2)) respell_options(argv);
    return disguise(std::move(argv));
  }

  // An option of the tool's own, which says where: before the verb, or last.
  std::string with_global(Argv argv) {
    static const std::map<std::string, std::string> kGlobals{
        {"kubectl", "--context=live"}, {"helm", "--kube-context=live"}, {"aws", "--region=eu-1"},
        {"gcloud", "--project=p"},     {"git", "--git-dir=.git"},       {"terraform", "-chdir=x"},
        {"docker", "--context=live"},  {"oc", "--context=live"},        {"flux", "--context=live"},
        {"pulumi", "--cwd=x"}};
    const auto global = kGlobals.find(argv[0]);
    if (global != kGlobals.end()) {
      const bool anywhere = argv[0] == "kubectl" || argv[0] == "helm" || argv[0] == "gcloud";
      const bool last = anywhere && own_words(argv) == argv.size() && chance(2);
      const std::size_t equals = global->second.find('=');
      const auto at = last ? argv.end() : argv.begin() + 1;
      if (chance(2) || argv[0] == "terraform") {
        argv.insert(at, global->second);
      } else {
        argv.insert(at, {global->second.substr(0, equals), global->second.substr(equals + 1)});
      }
    }
    return disguise(std::move(argv));
  }

  // The same words in other spellings, through programs that run them, or with more words after.
  std::string disguise(Argv argv) {
    if (chance(6)) return with_more_words(argv);
    if (chance(4) && argv[0].find('/') == std::string::npos) argv[0] = "/usr/bin/" + argv[0];
    std::string line;
    for (const std::string& word : argv) line += (line.empty() ? "" : " ") + spell(word);
    if (chance(4)) line = through_variable(argv);
    for (int times = below(3); times > 0; --times) line = wrapped(line);
    return line;
  }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<std::uint64_t>(limit)); }
  bool chance(int one_in) { return below(one_in) == 0; }

  static std::size_t own_words(const Argv& argv) {
    return static_cast<std::size_t>(std::find(argv.begin(), argv.end(), "--") - argv.begin());
  }

  // Long options to a beginning that no other option of the command has.
  void abbreviate_options(Argv& argv) {
    static const std::map<std::string, std::size_t> kShortest{{"--instance-ids", 6},
                                                              {"--backup-retention-period", 10},
                                                              {"--no-deletion-protection", 9},
                                                              {"--request-items", 6},
                                                              {"--secret-id", 4},
                                                              {"--region", 5},
                                                              {"--profile", 5},
                                                              {"--recursive", 6},
                                                              {"--force-with-lease", 9},
                                                              {"--hard", 4},
                                                              {"--command", 6},
                                                              {"--dbname", 5}};
    const bool takes = argv[0] == "aws" || argv[0] == "git" || argv[0] == "rm" || argv[0] == "psql";
    for (std::size_t i = 1; takes && i < argv.size(); ++i) {
      const std::string name = argv[i].substr(0, argv[i].find('='));
      const auto found = kShortest.find(name);
      if (found == kShortest.end() || (argv[1] == "s3" && name == "--recursive")) continue;
      const auto spare = static_cast<int>(name.size() - found->second);
      argv[i] = name.substr(0, name.size() - static_cast<std::size_t>(below(spare + 1))) +
                argv[i].substr(name.size());
    }
  }

  // Whether the tool lets the option stand before its verb, too.
  static bool moves(const Argv& argv, const std::string& word) {
    if (!word.starts_with("--") || word.find('=') == std::string::npos) return false;
    return argv[0] != "aws" || word.starts_with("--reg") || word.starts_with("--pro");
  }

  // Options of the form --name=value to any place behind the program.
  void move_options(Argv& argv) {
    const std::size_t end = own_words(argv);
    for (std::size_t i = 1; i < end; ++i) {
      if (!moves(argv, argv[i])) continue;
      const std::string option = argv[i];
      argv.erase(argv.begin() + static_cast<std::ptrdiff_t>(i));
      argv.insert(argv.begin() + 1 + below(static_cast<int>(end) - 1), option);
    }
  }

  // --name=value as --name value.
  void respell_options(Argv& argv) {
    for (std::size_t i = 1; i < own_words(argv); ++i) {
      const std::size_t equals = argv[i].find('=');
      if (!argv[i].starts_with("--") || equals == std::string::npos || chance(2)) continue;
      const std::string value = argv[i].substr(equals + 1);
      argv[i].resize(equals);
      argv.insert(argv.begin() + static_cast<std::ptrdiff_t>(i) + 1, value);
      ++i;
    }
  }

  // The word in some quoting.
  std::string spell(const std::string& word) {
    switch (below(7)) {
      case 0: return "'" + join(split(word, '\''), "'\\''") + "'";
      case 1: return double_quoted(word);
      case 2: {
        std::string text;
        for (const char c : word) text += std::string("\\") + c;
        return text.empty() ? "''" : text;
      }
      case 3: {
        std::string text = "$'";
        constexpr std::string_view kDigits = "0123456789abcdef";
        for (const char c : word) {
          const auto byte = static_cast<unsigned char>(c);
          text += std::string("\\x") + kDigits[byte >> 4U] + kDigits[byte & 15U];
        }
        return text + "'";
      }
      case 4: {
        const auto at = static_cast<std::size_t>(below(static_cast<int>(word.size()) + 1));
        return shell_quote(word.substr(0, at)) + "''" + shell_quote(word.substr(at));
      }
      case 5: return "\"$(printf %s " + shell_quote(word) + ")\"";
      default: return shell_quote(word);
    }
  }

  static std::string double_quoted(const std::string& word) {
    std::string text = "\"";
    for (const char c : word) {
      if (c == '"' || c == '\\' || c == '$' || c == '`') text += '\\';
      text += c;
    }
    return text + "\"";
  }

  // Words that are not on the line come after those that are.
  std::string with_more_words(const Argv& argv) {
    std::string line;
    for (const std::string& word : argv) line += (line.empty() ? "" : " ") + spell(word);
    switch (below(4)) {
      case 0: return "xargs " + line;
      case 1: return "parallel -q " + line + " < list";
      case 2: return line + " $MORE";
      default: return "f() { " + line + " \"$@\"; }; f $MORE";
    }
  }

  std::string through_variable(const Argv& argv) {
    std::string line = "v=" + shell_quote(argv[0]) + "; $v";
    if (chance(2)) line = "f() { " + shell_quote(argv[0]) + " \"$@\"; }; f";
    for (std::size_t i = 1; i < argv.size(); ++i) line += " " + spell(argv[i]);
    return line;
  }

  std::string wrapped(const std::string& line) {
    switch (below(14)) {
      case 0: return "sh -c " + shell_quote(line);
      case 1: return "sudo bash -c " + shell_quote(line);
      case 2: return "eval " + shell_quote(line);
      case 3: return "( " + line + "\n)";
      case 4: return "true && { " + line + "\n}";
      case 5: return "timeout 5 sh -c " + shell_quote(line);
      case 6: return "env A=1 sh -c " + shell_quote(line);
      case 7: return "nohup sh -c " + shell_quote(line) + " &";
      case 8: return "if true; then " + line + "\nfi";
      case 9: return "nice -n 5 ionice -c 3 sh -c " + shell_quote(line);
      case 10: return "flock /tmp/l -c " + shell_quote(line);
      case 11: return "su -c " + shell_quote(line) + " app";
      case 12: return "ssh -p 22 host " + shell_quote(line);
      default: return "sh <<'END_OF_IT'\n" + line + "\nEND_OF_IT";
    }
  }

  std::mt19937_64 random_;
};

// The words of the line, where it is one command of words that are all there.
std::optional<Argv> plain_words(const std::string& line) {
  const Script script = parse_shell(line, {});
  if (script.commands.size() != 1 || !script.problems.empty()) return std::nullopt;
  const SimpleCommand& command = script.commands[0];
  const bool plain = command.assignments.empty() && command.redirects.empty() && !command.input;
  Argv argv;
  for (const Word& word : command.words) {
    if (!word.known || word.glob || word.text.starts_with('~') || word.text.empty()) return {};
    argv.push_back(word.text);
  }
  // Keywords and redirects are none once they are quoted.
  std::string again;
  for (const std::string& word : argv) again += (again.empty() ? "" : " ") + shell_quote(word);
  const Script quoted = parse_shell(again, {});
  const bool same = quoted.commands.size() == 1 && quoted.commands[0].words.size() == argv.size();
  if (!plain || !same || argv.empty() || line.find(argv[0]) != 0) return std::nullopt;
  return argv;
}

// Whether standard input decides what it does: a rewrite may give it another one.
bool asks_for_input(const Argv& argv, const PackSet& packs) {
  Surroundings empty;
  empty.standard_input = "";
  return strictness(understand(CommandLine{argv}, packs, empty)) !=
         strictness(understand(CommandLine{argv}, packs, {}));
}

std::vector<Argv> commands_of_the_tables() {
  const PackSet packs;
  std::vector<Argv> found;
  const std::filesystem::path folder =
      std::filesystem::path(PRODACCESS_SOURCE_DIR) / "tests/decisions";
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().filename().string().starts_with("sql")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("# ") || line.find("\u240a") != std::string::npos) continue;
      auto argv = plain_words(line.substr(0, line.find('\t')));
      if (argv && !asks_for_input(*argv, packs)) found.push_back(std::move(*argv));
    }
  }
  return found;
}

std::uint64_t rounds(std::uint64_t usual) {
  const char* full = std::getenv("PRODACCESS_TEST_FULL");
  return full != nullptr && std::string_view(full) == "1" ? 1000000 : usual;
}

template <class Rewrite>
void check_never_milder(const std::vector<Argv>& commands, std::uint64_t times, Rewrite rewrite) {
  const PackSet packs;
  std::vector<int> base;
  for (const Argv& argv : commands) {
    base.push_back(strictness(understand(CommandLine{argv}, packs, {})));
  }
  std::uint64_t milder = 0;
  for (std::uint64_t seed = 0; seed < times && milder < 5; ++seed) {
    const std::size_t which = seed % commands.size();
    const std::string line = rewrite(Rewriter(seed), commands[which]);
    const Invocation invocation = understand_shell(line, packs, {});
    if (strictness(invocation) >= base[which]) continue;
    ++milder;
    INFO(CommandLine{commands[which]}.quoted());
    INFO(line);
    INFO(effect_name(invocation.effect));
    CHECK(false);
  }
}

}  // namespace

TEST_CASE("rewrites never give a milder verdict") {
  check_never_milder(commands(), rounds(20000),
                     [](Rewriter rewriter, const Argv& argv) { return rewriter.rewrite(argv); });
}

TEST_CASE("rewrites of the decision tables never give a milder verdict") {
  const std::vector<Argv> commands = commands_of_the_tables();
  CHECK(commands.size() > 1000);
  check_never_milder(commands, rounds(commands.size()), [](Rewriter rewriter, const Argv& argv) {
    return rewriter.with_global(argv);
  });
}
