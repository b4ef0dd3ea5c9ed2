// prodaccess aws import-keys: long-term keys move from ~/.aws/credentials into the durable store.
#include <nlohmann/json.hpp>

#include "cli/command_aws.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/records.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/ledger.h"
#include "core/os/files.h"
#include "providers/aws/credentials_file.h"
#include "providers/aws/imported_keys.h"

namespace prodaccess {
namespace {

struct ImportOptions {
  std::vector<std::string> profiles;
  std::string file;
  bool keep = false;
  bool replace = false;
};

struct Outcome {
  std::string profile;
  std::string key;  // its id, shortened
  std::string done;
};

// "AKIA…WXYZ": enough to tell two keys apart.
std::string short_key(const std::string& id) {
  return id.size() <= 8 ? id : id.substr(0, 4) + "..." + id.substr(id.size() - 4);
}

// The file itself, where it is kept elsewhere and linked to: it is changed there.
std::filesystem::path file_of(Context& context, const ImportOptions& options) {
  const std::filesystem::path usual =
      std::filesystem::path(environment_variable("HOME")) / ".aws" / "credentials";
  return context.files().follow_links(
      options.file.empty() ? usual : std::filesystem::absolute(options.file).lexically_normal());
}

Secret read_file(Context& context, const std::filesystem::path& path) {
  auto text = context.files().read_secret(path);
  if (text) return std::move(*text);
  throw Error(ErrorCode::NotFound, "there is no file " + path.string(),
              {"prodaccess aws import-keys --file FILE"});
}

// Those asked for, or all that can be moved.
std::vector<ProfileKeys> chosen_keys(const ImportOptions& options, std::vector<ProfileKeys> all,
                                     const std::string& file) {
  if (options.profiles.empty()) {
    std::erase_if(all, [](const ProfileKeys& keys) { return keys.temporary; });
    if (!all.empty()) return all;
    throw Error(ErrorCode::NotFound, "no profile in " + file + " has a long-term key",
                {"another file: prodaccess aws import-keys --file FILE"});
  }
  std::vector<ProfileKeys> chosen;
  for (const std::string& name : options.profiles) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const ProfileKeys& keys) { return keys.profile == name; });
    if (found == all.end()) {
      throw Error(ErrorCode::NotFound,
                  "no profile " + escape_for_terminal(name) + " with a key is in " + file);
    }
    if (found->temporary) {
      throw Error(ErrorCode::Usage, "the key of profile " + escape_for_terminal(name) +
                                        " is a temporary one: it ends by itself");
    }
    chosen.push_back(std::move(*found));
    all.erase(found);
  }
  return chosen;
}

std::string import_one(ImportedKeys& store, const ProfileKeys& keys, bool replace) {
  const auto known = store.find(keys.profile);
  const bool same =
      known && known->access_key_id == keys.access_key_id &&
      equal_in_constant_time(known->secret_access_key.view(), keys.secret_access_key.view());
  if (same) return "was there";
  if (known && !replace) {
    throw Error(ErrorCode::Usage,
                "another key of profile " + escape_for_terminal(keys.profile) +
                    " is in the durable store: " + short_key(known->access_key_id),
                {"prodaccess aws import-keys --replace " + shell_quote(keys.profile)});
  }
  AwsCredential key;
  key.access_key_id = keys.access_key_id;
  key.secret_access_key = keys.secret_access_key.duplicate();
  store.put(keys.profile, key);
  return known ? "replaced" : "stored";
}

// Only what is in the store, and only where nobody changed the file meanwhile.
void take_out_of_file(Context& context, const std::filesystem::path& path, const Secret& before,
                      const std::set<std::string>& profiles) {
  const Secret now = read_file(context, path);
  if (now.view() != before.view()) {
    throw Error(ErrorCode::Busy,
                path.string() +
                    " was changed meanwhile; the keys are stored, and "
                    "the file is as it was",
                {"prodaccess aws import-keys"});
  }
  context.files().write(path, without_profile_keys(before.view(), profiles, path.string()).view());
}

LedgerRecord import_record(RecordKind kind, const std::string& session,
                           const std::vector<ProfileKeys>& keys) {
  std::vector<std::string> names;
  for (const ProfileKeys& key : keys) names.push_back(key.profile);
  LedgerRecord record;
  record.kind = kind;
  record.session = session;
  record.text["action"] = "import keys";
  record.text["profiles"] = join(names, ", ");
  return record;
}

void show(Context& context, const std::vector<Outcome>& outcomes, const std::filesystem::path& path,
          bool kept) {
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows{{"PROFILE", "KEY", "STORE", "FILE"}};
  for (const Outcome& outcome : outcomes) {
    list.push_back({{"profile", outcome.profile}, {"key", outcome.key}, {"store", outcome.done}});
    rows.push_back({outcome.profile, outcome.key, outcome.done, kept ? "kept" : "taken out"});
  }
  if (context.json()) {
    print_json({{"imported", std::move(list)}, {"file", path.string()}, {"file_kept", kept}});
    return;
  }
  for (const std::string& line : format_table(rows)) print_line(line);
}

int run_import(Context& context, const ImportOptions& options) {
  const std::filesystem::path path = file_of(context, options);
  const Secret text = read_file(context, path);
  const auto keys =
      chosen_keys(options, read_profile_keys(text.view(), path.string()), path.string());
  const std::string session = new_session_id(context);
  context.ledger().append(import_record(RecordKind::Intent, session, keys), Durability::Durable);
  ImportedKeys store(context.durable_store());
  std::vector<Outcome> outcomes;
  std::set<std::string> profiles;
  for (const ProfileKeys& key : keys) {
    outcomes.push_back(
        {key.profile, short_key(key.access_key_id), import_one(store, key, options.replace)});
    profiles.insert(key.profile);
  }
  if (!options.keep) take_out_of_file(context, path, text, profiles);
  context.ledger().append(import_record(RecordKind::Ended, session, keys), Durability::Written);
  show(context, outcomes, path, options.keep);
  return kDone;
}

struct KeysOptions {
  std::optional<std::string> forget;
};

int forget_key(Context& context, const std::string& profile) {
  ImportedKeys store(context.durable_store());
  if (!store.find(profile)) {
    throw Error(ErrorCode::NotFound,
                "no key of profile " + escape_for_terminal(profile) + " is in the durable store",
                {"prodaccess aws keys"});
  }
  LedgerRecord record;
  record.text["action"] = "forget key";
  record.text["profiles"] = profile;
  context.ledger().append(record, Durability::Durable);
  store.erase(profile);
  if (context.json()) {
    print_json({{"forgotten", profile}});
  } else {
    print_line("forgotten: " + profile + "   (the key itself lives on at AWS)");
  }
  return kDone;
}

int run_keys(Context& context, const KeysOptions& options) {
  if (options.forget) return forget_key(context, *options.forget);
  ImportedKeys store(context.durable_store());
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows{{"PROFILE", "KEY"}};
  for (const std::string& profile : store.profiles()) {
    const auto key = store.find(profile);
    if (!key) continue;
    list.push_back({{"profile", profile}, {"key", short_key(key->access_key_id)}});
    rows.push_back({profile, short_key(key->access_key_id)});
  }
  if (context.json()) {
    print_json({{"keys", std::move(list)}});
  } else if (rows.size() == 1) {
    print_line("no key is in the durable store");
  } else {
    for (const std::string& line : format_table(rows)) print_line(line);
  }
  return kDone;
}

}  // namespace

void add_aws_import_keys(Command& aws) {
  const auto options = std::make_shared<ImportOptions>();
  Command& command =
      aws.add("import-keys", "move long-term keys from ~/.aws/credentials into the durable store");
  command.describe(
      "Each key is written to the store and read back before it is taken out of the file; all else "
      "in the\nfile stays as it is. Roles use it by the name of its profile, as before. Temporary "
      "keys stay.");
  command.positional("PROFILE", &options->profiles, "only these; else all with long-term keys")
      .optional();
  command.option("--file", &options->file, "FILE", "in place of ~/.aws/credentials")
      .completes("files");
  command.flag("--keep", &options->keep, "leave the file as it is");
  command.flag("--replace", &options->replace, "in place of another key of that profile");
  command.example("prodaccess aws import-keys");
  command.example("prodaccess aws import-keys --keep work");
  command.runs([options](Context& context) { return run_import(context, *options); });
}

void add_aws_keys(Command& aws) {
  const auto options = std::make_shared<KeysOptions>();
  Command& command = aws.add("keys", "show or forget the long-term keys in the durable store");
  command.option("--forget", &options->forget, "PROFILE", "erase the key of this profile");
  command.example("prodaccess aws keys");
  command.example("prodaccess aws keys --forget work");
  command.runs([options](Context& context) { return run_keys(context, *options); });
}

}  // namespace prodaccess
