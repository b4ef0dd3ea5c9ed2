#include "cli/audit_options.h"

#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/anchor.h"
#include "core/os/files.h"

namespace prodaccess {

void add_ledger_option(Command& command, LedgerChoice* choice) {
  command.option("--ledger", &choice->folder, "FOLDER", "another ledger than this user's own")
      .completes("folders");
}

std::filesystem::path ledger_folder(const LedgerChoice& choice, Context& context) {
  std::filesystem::path folder =
      choice.folder.empty() ? context.paths().ledger() : std::filesystem::path(choice.folder);
  if (std::filesystem::exists(folder)) return folder;
  const std::vector<Anchor> anchors = read_anchors(folder);
  if (anchors.empty()) {
    throw Error(ErrorCode::NotFound,
                "there is no ledger in " + escape_for_terminal(folder.string()),
                {"it begins with the first request or command"});
  }
  throw Error(ErrorCode::Ledger,
              "the ledger in " + escape_for_terminal(folder.string()) + " is gone: " +
                  std::to_string(anchors.back().sequence) + " records were on the disk",
              {"restore it, or: prodaccess audit repair --reason \"...\""});
}

void add_filter_options(Command& command, FilterOptions* options) {
  RecordFilter& filter = options->filter;
  command.option("--kind", &filter.kinds, "KIND", "only records of this kind (more than once)");
  command.option("--actor", &filter.person, "GLOB", "only what this person did");
  command.option("--role", &filter.role, "GLOB", "only this role").completes("roles");
  command.option("--grant", &filter.grant, "ID", "only this grant").completes("grants");
  command.option("--session", &filter.session, "ID", "only this session");
  command.option("--effect", &filter.effect, "GLOB", "only commands of this effect");
  command.option("--verdict", &filter.verdict, "GLOB", "only this verdict");
  command.option("--target", &filter.target, "GLOB", "only what names this target");
  command.option("--host", &filter.host, "GLOB", "only from this host");
  command.option("--from", &options->from, "TIME", "from this time on: 2026-01-31, or 7d");
  command.option("--until", &options->until, "TIME", "before this time");
}

std::optional<WallTime> read_time(const std::string& text, WallTime now, const char* option) {
  if (text.empty()) return std::nullopt;
  if (const auto time = parse_rfc3339(text)) return time;
  if (const auto day = parse_rfc3339(text + "T00:00:00Z")) return day;
  if (const auto age = parse_duration(text)) return now - *age;
  throw Error(ErrorCode::Usage, std::string(option) + " is no time: " + escape_for_terminal(text),
              {std::string(option) + " 2026-01-31", std::string(option) + " 7d"});
}

RecordFilter read_filter(const FilterOptions& options, Context& context) {
  RecordFilter filter = options.filter;
  const WallTime now = context.clock().wall_now();
  filter.from = read_time(options.from, now, "--from");
  filter.until = read_time(options.until, now, "--until");
  for (const std::string& kind : filter.kinds) {
    if (!parse_record_kind(kind)) {
      throw Error(ErrorCode::Usage, "no record is of the kind " + escape_for_terminal(kind),
                  {"prodaccess audit stats   shows the kinds that there are"});
    }
  }
  return filter;
}

std::vector<VerifierKey> read_keys(const std::vector<std::string>& keys, Context& context) {
  std::vector<VerifierKey> read;
  for (const std::string& text : keys) {
    auto key = parse_vkey(text);
    if (!key) {
      const auto content = context.files().read_untrusted(text);
      if (content) key = parse_vkey(trim(*content));
    }
    if (!key) {
      throw Error(ErrorCode::Usage,
                  "--key is neither a public key nor a file with one: " + escape_for_terminal(text),
                  {"prodaccess audit key   prints this ledger's"});
    }
    read.push_back(*key);
  }
  return read;
}

}  // namespace prodaccess
