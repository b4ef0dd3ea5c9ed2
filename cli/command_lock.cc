// prodaccess lock, unlock and locks: the emergency brake.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/lock_check.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/ledger.h"
#include "core/os/files.h"
#include "providers/http/http_client.h"

namespace prodaccess {
namespace {

constexpr const char* kKeyName = "lock-signing-key";

struct LockOptions {
  std::string person;
  std::string role;
  std::string host;
  bool all = false;
  std::string reason;
  std::optional<Seconds> length;
  std::string publish;
  bool show_key = false;
};

std::vector<Lock> locks_of(const LockOptions& options, WallTime now) {
  std::vector<Lock> locks;
  const auto add = [&](const std::string& kind, const std::string& name) {
    Lock lock{kind, name, options.reason, std::nullopt};
    if (options.length) lock.until = now + *options.length;
    locks.push_back(std::move(lock));
  };
  if (!options.person.empty()) add("person", options.person);
  if (!options.role.empty()) add("role", options.role);
  if (!options.host.empty()) add("host", options.host);
  if (options.all) add("all", "");
  if (locks.empty()) {
    throw Error(ErrorCode::Usage, "name what is meant: --person, --role, --host or --all",
                {"prodaccess lock --person ana --reason \"laptop stolen\""});
  }
  return locks;
}

Ed25519Key own_key(Context& context) {
  DurableStore& store = context.durable_store();
  if (!store.get(kKeyName)) {
    store.put(kKeyName, context.random().bytes(Ed25519Key::kSeedSize));
  }
  return Ed25519Key(store.get(kKeyName).value());
}

std::string signer_name(Context& context) {
  std::string name = "locks/";
  for (const char c : context.actor().person) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain || c == '-' || c == '.' || c == '_' ? c : '_';
  }
  return name;
}

// The list that is to be changed, and where it goes.
struct Target {
  LockGuard guard;
  std::filesystem::path file;
  LockList list;
};

Target open_target(const LockOptions& options, Context& context, const VerifierKey& own) {
  LockSettings settings = read_lock_settings(context.config().locks);
  if (!options.publish.empty()) {
    // A list for others: ours to sign, theirs to trust.
    Target target{LockGuard(context.files(), {}, context.paths().state), options.publish, {}};
    if (const auto text = context.files().read(target.file, Owner::Me)) {
      const auto list = parse_lock_list(*text);
      if (!list || !list->signed_by(own)) {
        throw Error(ErrorCode::Locked, options.publish + " is not a list that this key signed");
      }
      target.list = *list;
    }
    return target;
  }
  if (!settings.file.empty() || !settings.signers.empty()) {
    throw Error(ErrorCode::Denied, "the list of locks is kept by its signers",
                {"prodaccess lock --publish FILE ...   makes a list to put in its place"});
  }
  Target target{LockGuard(context.files(), settings, context.paths().state), {}, {}};
  target.guard.trust_own(own);
  target.file = target.guard.file();
  target.list = target.guard.load().value_or(LockList{});
  return target;
}

void record(Context& context, RecordKind kind, const Lock& lock, std::uint64_t number) {
  LedgerRecord record;
  record.kind = kind;
  record.text = {{"lock", lock.kind}, {"name", lock.name}, {"reason", lock.reason}};
  record.numbers = {{"number", static_cast<std::int64_t>(number)}};
  context.ledger().append(record, Durability::Durable);
}

void erase_same(std::vector<Lock>& locks, const Lock& lock) {
  locks.erase(std::remove_if(locks.begin(), locks.end(),
                             [&](const Lock& each) { return each.names_the_same(lock); }),
              locks.end());
}

int change(const LockOptions& options, Context& context, bool lock_it) {
  if (!lock_it && options.publish.empty() && !options.role.empty() &&
      release_role(context, options.role)) {
    warn("role " + options.role + " is no longer locked by a rule of the policy");
    return kDone;
  }
  const Ed25519Key key = own_key(context);
  const std::string signer = signer_name(context);
  const VerifierKey own{signer, key.public_key()};
  if (options.show_key) {
    print_line(own.text());
    return kDone;
  }
  const WallTime now = context.clock().wall_now();
  const std::vector<Lock> locks = locks_of(options, now);
  Target target = open_target(options, context, own);
  ++target.list.number;
  target.list.time = now;
  for (const Lock& lock : locks) {
    erase_same(target.list.locks, lock);
    if (lock_it) target.list.locks.push_back(lock);
    record(context, lock_it ? RecordKind::Locked : RecordKind::Unlocked, lock, target.list.number);
  }
  sign_lock_list(target.list, key, signer);
  if (options.publish.empty()) {
    target.guard.replace(target.list.text());
  } else {
    context.files().write(target.file, target.list.text());
  }
  if (context.json()) {
    print_json({{"file", target.file.string()},
                {"locks", target.list.locks.size()},
                {"number", target.list.number}});
  } else {
    print_line("list " + std::to_string(target.list.number) + ", " +
               std::to_string(target.list.locks.size()) + " locks: " + target.file.string());
  }
  return kDone;
}

int show(Context& context) {
  const auto list = lock_guard(context).load();
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows{{"KIND", "NAME", "UNTIL", "REASON"}};
  if (list) {
    for (const Lock& lock : list->locks) {
      const std::string until = lock.until ? format_rfc3339(*lock.until) : "";
      json.push_back(
          {{"kind", lock.kind}, {"name", lock.name}, {"reason", lock.reason}, {"until", until}});
      rows.push_back({lock.kind, lock.name.empty() ? "-" : lock.name, until.empty() ? "-" : until,
                      lock.reason.empty() ? "-" : lock.reason});
    }
  }
  if (context.json()) {
    print_json({{"locks", json}, {"number", list ? list->number : 0}});
    return kDone;
  }
  if (rows.size() == 1) print_line("nothing is locked");
  if (rows.size() > 1) {
    for (const std::string& line : format_table(rows)) print_line(line);
  }
  return kDone;
}

int sync_list(Context& context) {
  LockGuard guard = lock_guard(context);
  const std::string& url = guard.settings().url;
  if (url.empty()) {
    throw Error(ErrorCode::Config, "[locks] names no url to fetch the list from",
                {"url = \"https://...\"   in [locks]"});
  }
  const std::filesystem::path tag_file = context.paths().state / "locks.etag";
  const auto client = make_http_client();
  HttpRequest request;
  request.url = url;
  request.allow_plain_http = url.compare(0, 7, "http://") == 0;
  const auto tag = context.files().read(tag_file, Owner::Me);
  if (tag && guard.load()) request.headers.emplace_back("If-None-Match", std::string(trim(*tag)));
  const HttpResponse response = client->send(request);
  if (response.status == 304) {
    print_line("not changed");
    return kDone;
  }
  if (response.status != 200) {
    throw Error(ErrorCode::Provider,
                "the list of locks: the server answered " + std::to_string(response.status));
  }
  const std::uint64_t number = guard.replace(response.body.view());
  if (const auto fresh = response.header("etag")) context.files().write(tag_file, *fresh + "\n");
  print_line("list " + std::to_string(number));
  return kDone;
}

void add_what(Command& command, LockOptions* options) {
  command.option("--person", &options->person, "NAME", "a person");
  command.option("--role", &options->role, "NAME", "a role").completes("roles");
  command.option("--host", &options->host, "NAME", "a host");
  command.flag("--all", &options->all, "everybody, everywhere");
  command.option("--publish", &options->publish, "FILE",
                 "write a signed list for others to this file instead");
}

}  // namespace

void add_lock(Command& root) {
  auto options = std::make_shared<LockOptions>();
  Command& command = root.add("lock", "stop a person, role or host: now, and until unlocked");
  command.describe(
      "Requests and commands are refused from now on, and what runs is ended within two seconds.");
  add_what(command, options.get());
  command.option("--reason", &options->reason, "TEXT", "why, as others will read it");
  command.option("--for", &options->length, "DURATION", "only for this long");
  command.flag("--show-key", &options->show_key,
               "print the public key for others' [locks] signers");
  command.example("prodaccess lock --person ana --reason \"laptop stolen\"");
  command.example("prodaccess lock --all --publish /srv/locks --reason INC-42");
  command.runs([options](Context& context) { return change(*options, context, true); });
}

void add_unlock(Command& root) {
  auto options = std::make_shared<LockOptions>();
  Command& command = root.add("unlock", "take a lock off again");
  add_what(command, options.get());
  command.example("prodaccess unlock --person ana");
  command.runs([options](Context& context) { return change(*options, context, false); });
}

void add_locks(Command& root) {
  Command& command = root.add("locks", "show what is locked");
  command.example("prodaccess locks");
  command.runs(show);
  Command& sync = command.add("sync", "fetch the list from [locks] url");
  sync.example("prodaccess locks sync");
  sync.runs(sync_list);
}

}  // namespace prodaccess
