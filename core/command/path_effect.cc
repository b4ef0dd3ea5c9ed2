#include "core/command/path_effect.h"

#include <array>

#include "core/base/text.h"

namespace prodaccess {
namespace {

struct Row {
  std::string_view pattern;
  Effect effect;
  std::string_view why;
};

// The first that matches counts.
constexpr std::array<Row, 43> kWriting{{
    {"/dev/null", Effect::Read, ""},
    {"/dev/std*", Effect::Read, ""},
    {"/dev/tty*", Effect::Read, ""},
    {"/dev/pts/*", Effect::Read, ""},
    {"/dev/fd/*", Effect::Read, ""},
    {"/proc/self/fd/*", Effect::Read, ""},
    {"/dev/full", Effect::Read, ""},
    {"/dev/zero", Effect::Read, ""},
    {"/dev/tcp/*", Effect::Exfil, "sends data over the network"},
    {"/dev/udp/*", Effect::Exfil, "sends data over the network"},
    {"/dev/shm/*", Effect::Write, "writes to a file"},
    {"/dev/*", Effect::Destructive, "overwrites a device"},
    {"/proc/sysrq-trigger", Effect::Destructive, "commands the kernel"},
    {"/proc/*", Effect::Write, "changes a setting of the kernel"},
    {"/sys/power/*", Effect::Destructive, "stops the machine"},
    {"/sys/block/*/device/delete", Effect::Destructive, "removes a device"},
    {"/sys/bus/*/unbind", Effect::Destructive, "removes a device"},
    {"*/authorized_keys*", Effect::Privilege, "changes who may log in"},
    {"authorized_keys", Effect::Privilege, "changes who may log in"},
    {"*/.rhosts", Effect::Privilege, "changes who may log in"},
    {"*/.shosts", Effect::Privilege, "changes who may log in"},
    {"*/.k5login", Effect::Privilege, "changes who may log in"},
    {"/etc/hosts.allow", Effect::Privilege, "changes who may connect"},
    {"/etc/hosts.deny", Effect::Privilege, "changes who may connect"},
    {"/etc/hosts.equiv", Effect::Privilege, "changes who may log in"},
    {"/etc/sudoers*", Effect::Privilege, "changes who may become root"},
    {"/etc/doas.conf", Effect::Privilege, "changes who may become root"},
    {"/etc/passwd*", Effect::Privilege, "changes users"},
    {"/etc/shadow*", Effect::Privilege, "changes passwords"},
    {"/etc/group*", Effect::Privilege, "changes groups"},
    {"/etc/gshadow*", Effect::Privilege, "changes groups"},
    {"/etc/pam.d/*", Effect::Privilege, "changes how people are let in"},
    {"/etc/security/*", Effect::Privilege, "changes what people may do"},
    {"/etc/ssh/*", Effect::Privilege, "changes who may log in"},
    {"/etc/polkit-1/*", Effect::Privilege, "changes who may do what"},
    {"/etc/ld.so.preload", Effect::Privilege, "puts code into every program"},
    {"/etc/cron*", Effect::Privilege, "schedules commands as root"},
    {"/var/spool/cron/*", Effect::Privilege, "schedules commands"},
    {"/etc/systemd/system/*", Effect::Privilege, "changes what runs as root"},
    {"/lib/systemd/system/*", Effect::Privilege, "changes what runs as root"},
    {"/usr/lib/systemd/system/*", Effect::Privilege, "changes what runs as root"},
    {"/etc/profile*", Effect::Privilege, "changes what every login runs"},
    {"/etc/rc.local", Effect::Privilege, "changes what runs as root"},
}};

constexpr std::array<Row, 46> kReading{{
    {"/dev/tcp/*", Effect::Opaque, "reads from the network"},
    {"/dev/udp/*", Effect::Opaque, "reads from the network"},
    {"/etc/shadow*", Effect::Exfil, "holds passwords"},
    {"/etc/gshadow*", Effect::Exfil, "holds passwords"},
    {"/etc/ssh/ssh_host_*_key", Effect::Exfil, "holds a private key"},
    {"*.pub", Effect::Read, ""},
    {"*.example", Effect::Read, ""},
    {"*.sample", Effect::Read, ""},
    {"*.template", Effect::Read, ""},
    {"*.dist", Effect::Read, ""},
    {"*/.ssh/id_*", Effect::Exfil, "holds a private key"},
    {"*/id_rsa", Effect::Exfil, "holds a private key"},
    {"*/id_ed25519", Effect::Exfil, "holds a private key"},
    {"*privkey*.pem", Effect::Exfil, "holds a private key"},
    {"*private*.pem", Effect::Exfil, "holds a private key"},
    {"*.key", Effect::Exfil, "holds a private key"},
    {"*/.env", Effect::Exfil, "holds credentials"},
    {"*/.env.*", Effect::Exfil, "holds credentials"},
    {"*.tfstate", Effect::Exfil, "holds secrets"},
    {"*.tfstate.backup", Effect::Exfil, "holds secrets"},
    {"/etc/kubernetes/admin.conf", Effect::Exfil, "holds credentials"},
    {"*/application_default_credentials.json", Effect::Exfil, "holds credentials"},
    {"*/.terraform.d/credentials*", Effect::Exfil, "holds a token"},
    {"*/.aws/credentials", Effect::Exfil, "holds credentials"},
    {"*/.aws/*/cache/*", Effect::Exfil, "holds credentials"},
    {"*/.config/gcloud/*credentials*", Effect::Exfil, "holds credentials"},
    {"*/.config/gcloud/access_tokens.db", Effect::Exfil, "holds credentials"},
    {"*/.azure/*token*", Effect::Exfil, "holds credentials"},
    {"*/.kube/config", Effect::Exfil, "holds credentials"},
    {"*/.docker/config.json", Effect::Exfil, "holds credentials"},
    {"*/.vault-token", Effect::Exfil, "holds a token"},
    {"*/.netrc", Effect::Exfil, "holds passwords"},
    {"*/.pgpass", Effect::Exfil, "holds passwords"},
    {"*/.my.cnf", Effect::Exfil, "holds passwords"},
    {"*/.npmrc", Effect::Exfil, "holds a token"},
    {"*/.pypirc", Effect::Exfil, "holds a token"},
    {"*/.git-credentials", Effect::Exfil, "holds passwords"},
    {"*/.config/gh/hosts.yml", Effect::Exfil, "holds a token"},
    {"*/.gnupg/*", Effect::Exfil, "holds private keys"},
    {"*/.gnupg", Effect::Exfil, "holds private keys"},
    {"*/.ssh", Effect::Exfil, "holds private keys"},
    {"*/.aws", Effect::Exfil, "holds credentials"},
    {"*/.kube", Effect::Exfil, "holds credentials"},
    {"/proc/*/environ", Effect::Exfil, "holds the secrets of a process"},
    {"/var/run/secrets/*", Effect::Exfil, "holds credentials"},
    {"/run/secrets/*", Effect::Exfil, "holds credentials"},
}};

// Whether the pattern's first literal run stands where it must; most names fail here.
bool may_match(std::string_view pattern, std::string_view path) {
  const bool anywhere = pattern[0] == '*';
  if (anywhere) pattern.remove_prefix(1);
  const std::string_view literal = pattern.substr(0, pattern.find('*'));
  return anywhere ? path.find(literal) != std::string_view::npos : path.starts_with(literal);
}

template <std::size_t N>
PathFinding look_up(const std::array<Row, N>& rows, std::string_view path, PathFinding otherwise) {
  for (const Row& row : rows) {
    if (may_match(row.pattern, path) && glob_match(row.pattern, path)) {
      return {row.effect, row.why};
    }
  }
  return otherwise;
}

// "//dev/./null" is /dev/null.
std::string plain_path(std::string_view path) {
  std::string plain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '/' && !plain.empty() && plain.back() == '/') continue;
    if (path.substr(i, 2) == "./" && !plain.empty() && plain.back() == '/') {
      ++i;
      continue;
    }
    plain += path[i];
  }
  return plain;
}

}  // namespace

PathFinding writing_to(std::string_view path) {
  const std::string plain = plain_path(path);
  // A way up through /dev may lead to any device.
  if (plain.find("/../") != std::string::npos && plain.rfind("/dev/", 0) == 0) {
    return {Effect::Destructive, "overwrites a device"};
  }
  return look_up(kWriting, plain, {Effect::Write, "writes to a file"});
}

PathFinding reading_from(std::string_view path) {
  // A relative name is one in some folder: ".env" as well as "app/.env".
  std::string plain = plain_path(path);
  if (!plain.starts_with('/')) plain.insert(0, "~/");
  return look_up(kReading, plain, {Effect::Read, ""});
}

}  // namespace prodaccess
