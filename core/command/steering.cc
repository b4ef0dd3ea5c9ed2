#include "core/command/steering.h"

#include <array>
#include <optional>
#include <string_view>

#include "core/base/text.h"

namespace prodaccess {
namespace {

using Environment = std::map<std::string, std::string, std::less<>>;

// `variables` may end in `*`. Of `files`, "$NAME" is a list of paths in a variable, "~/" the home
// folder, and anything else stands in the working folder; "A|B" is B where A's variable is unset.
struct Row {
  std::string_view tools;
  std::string_view variables;
  std::string_view files;
};

constexpr std::array kRows{
    Row{"kubectl oc helm flux argocd istioctl kustomize k9s stern velero linkerd",
        "KUBECONFIG HELM_*", "$KUBECONFIG|~/.kube/config"},
    Row{"aws", "AWS_REGION AWS_DEFAULT_REGION", "~/.aws/config"},
    Row{"gcloud bq gsutil", "BOTO_PATH", "~/.config/gcloud/active_config"},
    Row{"az", "", "~/.azure/config ~/.azure/azureProfile.json"},
    Row{"psql pg_restore pg_dump dropdb createdb reindexdb vacuumdb pgbench",
        "PGHOST* PGPORT PGDATABASE PGUSER PGOPTIONS", "~/.psqlrc ~/.pg_service.conf"},
    Row{"mysql mysqladmin mysqldump mariadb", "MYSQL_HOST MYSQL_TCP_PORT MYSQL_HOME",
        "~/.my.cnf ~/.mylogin.cnf"},
    Row{"docker docker-compose podman nerdctl",
        "DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG CONTAINER_HOST COMPOSE_*",
        "~/.docker/config.json docker-compose.yml docker-compose.yaml compose.yml compose.yaml"},
    Row{"ssh scp sftp rsync", "RSYNC_*", "~/.ssh/config"},
    Row{"terraform terragrunt atmos",
        "TF_WORKSPACE TF_DATA_DIR TF_CLI_CONFIG_FILE TF_CLI_ARGS* TG_* TERRAGRUNT_*",
        "$TF_CLI_CONFIG_FILE|~/.terraformrc"},
    Row{"pulumi", "PULUMI_STACK PULUMI_BACKEND_URL PULUMI_HOME",
        "Pulumi.yaml ~/.pulumi/credentials.json"},
    Row{"ansible ansible-playbook", "ANSIBLE_*", "$ANSIBLE_CONFIG|ansible.cfg"},
    Row{"curl", "", "~/.curlrc"},
    Row{"nomad consul", "NOMAD_ADDR NOMAD_NAMESPACE NOMAD_REGION CONSUL_HTTP_ADDR", ""},
    Row{"npm yarn pnpm", "", "package.json"},
    Row{"make just mvn fab deno", "MAKEFLAGS",
        "Makefile makefile GNUmakefile justfile build.gradle pom.xml fabfile.py tasks.py"},
};

bool lists(std::string_view words, std::string_view name) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (word.ends_with('*') ? name.starts_with(word.substr(0, word.size() - 1)) : word == name) {
      return true;
    }
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  return false;
}

std::optional<std::string> value_of(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  if (found == environment.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

void add_file(std::string_view file, const Environment& environment, Steering& steering) {
  if (file.starts_with('$')) {
    const std::size_t bar = file.find('|');
    const auto paths = value_of(environment, file.substr(1, bar - 1));
    if (!paths) return add_file(file.substr(bar + 1), environment, steering);
    for (const std::string& path : split(*paths, ':')) {
      if (!path.empty()) steering.files.insert(path);
    }
    return;
  }
  if (file.starts_with("~/")) {
    const auto home = value_of(environment, "HOME");
    if (home) steering.files.insert(*home + std::string(file.substr(1)));
    return;
  }
  steering.files.insert(std::string(file));
}

void add_row(const Row& row, const Environment& environment, Steering& steering) {
  for (const auto& [name, value] : environment) {
    if (lists(row.variables, name)) steering.variables.emplace(name, value);
  }
  if (row.files.empty()) return;
  for (const std::string& file : split(std::string(row.files), ' ')) {
    add_file(file, environment, steering);
  }
}

// A word may be a path, or carry one: --file=PATH, KEY=@PATH, file://PATH.
void add_named_files(const Invocation& part, Steering& steering) {
  for (const std::string& word : part.argv) {
    std::string_view path = word;
    if (path.starts_with('-')) {
      const std::size_t equals = path.find('=');
      if (equals == std::string_view::npos) continue;
      path.remove_prefix(equals + 1);
    }
    for (const std::string_view sign : {"@", "file://", "fileb://"}) {
      if (path.starts_with(sign)) path.remove_prefix(sign.size());
    }
    if (!path.empty()) steering.files.insert(std::string(path));
  }
}

void collect(const Invocation& part, const Environment& environment, Steering& steering) {
  for (const Row& row : kRows) {
    if (!part.tool.empty() && lists(row.tools, part.tool)) add_row(row, environment, steering);
  }
  const bool is_planned = part.preview.kind == PreviewKind::Plan;  // the plan says it all
  if (!is_planned &&
      (part.effect == Effect::Opaque || part.opaque_cause != OpaqueCause::NotOpaque)) {
    add_named_files(part, steering);
  }
  for (const Invocation& inner : part.parts) collect(inner, environment, steering);
}

}  // namespace

Steering steering_of(const Invocation& invocation, const Environment& environment) {
  Steering steering;
  collect(invocation, environment, steering);
  return steering;
}

}  // namespace prodaccess
