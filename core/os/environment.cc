#include "core/os/environment.h"

#include <algorithm>
#include <set>

#include "core/base/text.h"

extern char** environ;

namespace prodaccess {
namespace {

constexpr std::string_view kRival = "rival credential";
constexpr std::string_view kEndpoint = "endpoint override";
constexpr std::string_view kLoader = "loader hook";
constexpr std::string_view kInterpreter = "interpreter hook";
constexpr std::string_view kPager = "pager or editor hook";
constexpr std::string_view kUnverified = "turns verification off";
constexpr std::string_view kLogsKeys = "writes keys of connections to a file";
constexpr std::string_view kOurs = "prodaccess's own";

struct Drop {
  std::string_view pattern;  // a name, or its beginning before '*'
  std::string_view why;
};

// Sources: environment chapters of the tools' manuals; ld.so(8) "Secure-execution mode".
constexpr Drop kDrops[] = {
    {"AWS_ACCESS_KEY*", kRival},
    {"AWS_CA_BUNDLE", kUnverified},
    {"AWS_CONFIG_FILE", kRival},
    {"AWS_CONTAINER_*", kRival},
    {"AWS_CREDENTIAL*", kRival},
    {"AWS_DEFAULT_PROFILE", kRival},
    {"AWS_EC2_METADATA_SERVICE_ENDPOINT*", kEndpoint},
    {"AWS_ENDPOINT_URL*", kEndpoint},
    {"AWS_PAGER", kPager},
    {"AWS_PROFILE", kRival},
    {"AWS_ROLE_*", kRival},
    {"AWS_SECRET*", kRival},
    {"AWS_SECURITY_TOKEN", kRival},
    {"AWS_SESSION_TOKEN", kRival},
    {"AWS_SHARED_CREDENTIALS_FILE", kRival},
    {"AWS_VAULT*", kRival},
    {"AWS_WEB_IDENTITY_*", kRival},
    {"BOTO_CONFIG", kRival},
    {"VAULT_*", kRival},
    {"BAO_*", kRival},
    {"GOOGLE_*", kRival},
    {"CLOUDSDK_PYTHON*", kInterpreter},
    {"CLOUDSDK_API_ENDPOINT_OVERRIDES_*", kEndpoint},
    {"CLOUDSDK_*", kRival},
    {"GCE_METADATA_*", kEndpoint},
    {"AZURE_*", kRival},
    {"ARM_*", kRival},
    {"MSI_*", kRival},
    {"IDENTITY_ENDPOINT", kRival},
    {"IDENTITY_HEADER", kRival},
    {"CONSUL_HTTP_TOKEN*", kRival},
    {"NOMAD_TOKEN", kRival},
    {"PGPASSWORD", kRival},
    {"PGPASSFILE", kRival},
    {"PGSERVICE*", kRival},
    {"PGSYSCONFDIR", kRival},
    {"PSQLRC", kInterpreter},
    {"PSQL_PAGER", kPager},
    {"MYSQL_PWD", kRival},
    {"REDISCLI_AUTH", kRival},
    {"LD_*", kLoader},
    {"GLIBC_TUNABLES", kLoader},
    {"GCONV_PATH", kLoader},
    {"GETCONF_DIR", kLoader},
    {"HOSTALIASES", kLoader},
    {"LOCALDOMAIN", kLoader},
    {"LOCPATH", kLoader},
    {"MALLOC_*", kLoader},
    {"NIS_PATH", kLoader},
    {"NLSPATH", kLoader},
    {"RESOLV_HOST_CONF", kLoader},
    {"RES_OPTIONS", kLoader},
    {"OPENSSL_CONF", kLoader},
    {"OPENSSL_ENGINES", kLoader},
    {"OPENSSL_MODULES", kLoader},
    {"BASH_ENV", kInterpreter},
    {"BASH_FUNC_*", kInterpreter},
    {"BASHOPTS", kInterpreter},
    {"ENV", kInterpreter},
    {"IFS", kInterpreter},
    {"PROMPT_COMMAND", kInterpreter},
    {"PS4", kInterpreter},
    {"SHELLOPTS", kInterpreter},
    {"ZDOTDIR", kInterpreter},
    {"PYTHONBREAKPOINT", kInterpreter},
    {"PYTHONEXECUTABLE", kInterpreter},
    {"PYTHONHOME", kInterpreter},
    {"PYTHONINSPECT", kInterpreter},
    {"PYTHONPATH", kInterpreter},
    {"PYTHONSTARTUP", kInterpreter},
    {"PYTHONUSERBASE", kInterpreter},
    {"PYTHONPLATLIBDIR", kInterpreter},
    {"PYTHONPYCACHEPREFIX", kInterpreter},
    {"PYTHONWARNINGS", kInterpreter},
    {"PYTHONHTTPSVERIFY", kUnverified},
    {"PERL5DB*", kInterpreter},
    {"PERL5LIB", kInterpreter},
    {"PERL5OPT", kInterpreter},
    {"PERLLIB", kInterpreter},
    {"PERLIO_DEBUG", kInterpreter},
    {"RUBYLIB", kInterpreter},
    {"RUBYOPT", kInterpreter},
    {"NODE_OPTIONS", kInterpreter},
    {"NODE_PATH", kInterpreter},
    {"NODE_REPL_EXTERNAL_MODULE", kInterpreter},
    {"NODE_TLS_REJECT_UNAUTHORIZED", kUnverified},
    {"JAVA_TOOL_OPTIONS", kInterpreter},
    {"JDK_JAVA_OPTIONS", kInterpreter},
    {"_JAVA_OPTIONS", kInterpreter},
    {"CLASSPATH", kInterpreter},
    {"DOTNET_STARTUP_HOOKS", kInterpreter},
    {"AWS_DATA_PATH", kInterpreter},
    {"CURL_HOME", kInterpreter},
    {"HELM_PLUGINS", kInterpreter},
    {"HGRCPATH", kInterpreter},
    {"KUBECTL_EXTERNAL_DIFF", kInterpreter},
    {"KUBERC", kInterpreter},
    {"RSYNC_RSH", kInterpreter},
    {"SVN_SSH", kInterpreter},
    {"CVS_RSH", kInterpreter},
    {"TAR_OPTIONS", kInterpreter},
    {"TF_REATTACH_PROVIDERS", kInterpreter},
    {"WGETRC", kInterpreter},
    {"SSLKEYLOGFILE", kLogsKeys},
    {"LUA_INIT*", kInterpreter},
    {"LUA_PATH*", kInterpreter},
    {"LUA_CPATH*", kInterpreter},
    {"GIT_ASKPASS", kInterpreter},
    {"GIT_CONFIG*", kInterpreter},
    {"GIT_EDITOR", kPager},
    {"GIT_EXEC_PATH", kInterpreter},
    {"GIT_EXTERNAL_DIFF", kInterpreter},
    {"GIT_PAGER", kPager},
    {"GIT_PROXY_COMMAND", kInterpreter},
    {"GIT_SEQUENCE_EDITOR", kPager},
    {"GIT_SSH*", kInterpreter},
    {"GIT_SSL_NO_VERIFY", kUnverified},
    {"GIT_TEMPLATE_DIR", kInterpreter},
    {"SSH_ASKPASS*", kInterpreter},
    {"PAGER", kPager},
    {"MANPAGER", kPager},
    {"SYSTEMD_PAGER", kPager},
    {"LESSOPEN", kPager},
    {"LESSCLOSE", kPager},
    {"LESSKEY*", kPager},
    {"PRODACCESS_*", kOurs},
};

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.back() != '*') return pattern == name;
  pattern.remove_suffix(1);
  return name.substr(0, pattern.size()) == pattern;
}

bool any_matches(const std::vector<std::string>& globs, std::string_view name) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_match(glob, name); });
}

std::set<std::string_view> names_of(const GrantVariables& given) {
  std::set<std::string_view> names;
  for (const auto& [name, value] : given.plain) names.insert(name);
  for (const auto& [name, value] : given.secret) names.insert(name);
  return names;
}

// Absent (empty): it stays.
std::string_view why_dropped(std::string_view name, const EnvironmentRules& rules) {
  const std::string_view built_in = dropped_because(name);
  if (built_in == kOurs) return kOurs;  // no configuration hands our own secrets out
  if (any_matches(rules.keep, name)) return {};
  if (any_matches(rules.drop, name)) return "dropped by the configuration";
  return built_in;
}

}  // namespace

std::string_view dropped_because(std::string_view name) {
  for (const auto& [pattern, why] : kDrops) {
    if (pattern[0] == name[0] && matches(pattern, name)) return why;
  }
  return {};
}

std::vector<std::string_view> caller_environment() {
  std::vector<std::string_view> entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    entries.emplace_back(*entry);
  }
  return entries;
}

BuiltEnvironment build_environment(const std::vector<std::string_view>& caller,
                                   const EnvironmentRules& rules, GrantVariables given) {
  using Kind = EnvironmentChange::Kind;
  BuiltEnvironment built;
  const std::set<std::string_view> replaced = names_of(given);
  std::set<std::string_view> seen;
  for (const std::string_view entry : caller) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    const std::string_view name = entry.substr(0, equals);
    // Programs differ in which of two entries they believe: the first stands, as for getenv.
    if (!seen.insert(name).second || replaced.contains(name)) continue;
    const std::string_view why = why_dropped(name, rules);
    if (why.empty()) built.environment.plain.emplace_back(entry);
    built.changes.push_back(
        {std::string(name), why.empty() ? Kind::Kept : Kind::Dropped, std::string(why)});
  }
  for (const std::string_view name : replaced) {
    built.changes.push_back({std::string(name), Kind::Set, "from the grant"});
  }
  for (const auto& [name, value] : given.plain) {
    built.environment.plain.push_back(name + "=" + value);
  }
  built.environment.secret = std::move(given.secret);
  std::sort(built.changes.begin(), built.changes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return built;
}

}  // namespace prodaccess
