// prodaccess approve: shows what somebody else asks for, and signs it.
#include <nlohmann/json.hpp>

#include "cli/approval_signing.h"
#include "cli/approval_text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/text.h"
#include "core/ledger/ledger.h"
#include "core/ledger/redact.h"
#include "core/os/files.h"
#include "core/os/terminal.h"
#include "core/policy/confirmation.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargest = 4U << 20;

struct ApproveOptions {
  std::string file;
  std::string key;
  std::string output;
  bool show = false;
  bool yes = false;
};

ApprovalFile read_request(const ApproveOptions& options, Context& context) {
  const auto text = context.files().read_untrusted(options.file, kLargest);
  if (!text) {
    throw Error(ErrorCode::NotFound, "there is no file " + escape_for_terminal(options.file),
                {"prodaccess approvals   lists what waits"});
  }
  ApprovalFile request = parse_approval_file(*text);
  if (request.statement.not_after <= context.clock().wall_now()) {
    throw Error(ErrorCode::Denied,
                "this request ended at " + format_rfc3339(request.statement.not_after),
                {"whoever asks runs the command again for a new one"});
  }
  return request;
}

// A challenge at the terminal: what is signed was seen by somebody.
void confirm(Context& context) {
  Terminal* terminal = context.terminal();
  if (terminal == nullptr) {
    throw Error(ErrorCode::Denied, "there is no terminal to ask at; nothing was signed",
                {"prodaccess approve --file ... --yes   signs without a question"});
  }
  const std::string challenge = make_challenge(context.random().bytes(kChallengeRandom));
  Question question;
  question.prompt = "Type  " + challenge + "  to sign this: ";
  question.patience = Milliseconds{300'000};
  const Answer answer = terminal->ask(question);
  if (answer.kind == Answer::Kind::Given && trim(answer.text.view()) == challenge) return;
  throw Error(ErrorCode::Denied, "not signed" + (answer.why.empty() ? "" : ": " + answer.why),
              {"run it again to be asked again"});
}

void record(Context& context, const ApprovalFile& request, const std::string& fingerprint) {
  LedgerRecord entry;
  entry.kind = RecordKind::Approved;
  entry.role = request.statement.role;
  entry.text["what"] = context.redactor().text(request_phrase(request.statement));
  entry.text["for"] = request.statement.requester + "@" + request.statement.machine;
  entry.text["nonce"] = request.statement.nonce;
  entry.text["key"] = fingerprint;
  context.ledger().append(entry, Durability::Durable);
}

std::string output_path(const ApproveOptions& options) {
  if (!options.output.empty()) return options.output;
  std::filesystem::path path = options.file;
  return path.replace_extension(".approved").string();
}

// The statement, the signatures it had, and the new one.
std::string approval_text(const ApprovalFile& request, const ApprovalSignature& signature) {
  std::string text = request.line;
  for (const std::string& earlier : request.signatures) text += earlier + "\n";
  return text + signature.armored;
}

int run(const ApproveOptions& options, Context& context) {
  const ApprovalFile request = read_request(options, context);
  if (options.show && context.json()) {
    print_json(Json::parse(request.line));
    return kDone;
  }
  // To the terminal or stderr: stdout is the result's.
  for (const std::string& line : request_lines(request.statement)) {
    if (options.show) {
      print_line(line);
    } else {
      warn(line);
    }
  }
  if (options.show) return kDone;
  if (!options.yes) confirm(context);
  const ApprovalSignature signature = sign_statement(context, request.line, options.key);
  record(context, request, signature.fingerprint);
  const std::string text = approval_text(request, signature);
  const std::string path = output_path(options);
  if (path == "-") {
    print_raw(text);
    return kDone;
  }
  context.files().write(std::filesystem::absolute(path), text);
  if (context.json()) {
    print_json({{"approved", path}, {"key", signature.fingerprint}});
  } else {
    print_line("signed with " + signature.fingerprint + ": " + path);
    print_line("send it to " + request.statement.requester + ": --approval " + path);
  }
  return kDone;
}

}  // namespace

void add_approve(Command& root) {
  auto options = std::make_shared<ApproveOptions>();
  Command& command = root.add("approve", "sign what somebody else asks for, with an SSH key");
  command.describe(
      "Shows the request (role or exact command, preview, reason, who asks), asks for a challenge "
      "at the\nterminal, and writes the request with an SSHSIG signature of namespace "
      "prodaccess-approval@v1.\nThe first line is what is signed, so ssh-keygen can check it:\n"
      "  head -n 1 req.approved > line; tail -n +2 req.approved > line.sig\n"
      "  ssh-keygen -Y verify -f allowed_signers -I ana -n prodaccess-approval@v1 -s line.sig < "
      "line");
  command.option("--file", &options->file, "FILE", "the request, or an approval to sign too")
      .required()
      .completes("files");
  command
      .option("--key", &options->key, "KEY",
              "a fingerprint or comment of the ssh-agent's, or a key file")
      .completes("files");
  command
      .option("--output", &options->output, "FILE",
              "where it goes; else beside the request, as .approved; - for stdout")
      .completes("files");
  command.flag("--show", &options->show, "only show what is asked");
  command.flag("--yes", &options->yes, "sign without the question (the key may ask for a touch)");
  command.example("prodaccess approve --file req-91c2.json");
  command.example("prodaccess approve --file req-91c2.json --key ~/.ssh/id_ed25519");
  command.exit_status("0", "signed, or shown");
  command.exit_status("3", "not signed: a wrong answer, or the request has ended");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
