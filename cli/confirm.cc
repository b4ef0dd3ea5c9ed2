#include "cli/confirm.h"

#include "cli/confirmation_prompt.h"
#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/terminal.h"
#include "core/policy/confirmation.h"

namespace prodaccess {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::Denied, "not confirmed: " + why + "; nothing was run",
              {"run it again to be asked again"});
}

std::string binding_digest(const ConfirmRequest& request) {
  ConfirmationBinding binding;
  binding.argv = request.command.argv;
  binding.program = request.program.path.string();
  binding.folder = std::filesystem::current_path().string();
  binding.account = request.source.grant().description.target;
  binding.rules_digest = request.judgement.decision.rules_digest;
  binding.preview_hash = request.summary.hash();
  return binding.digest();
}

void show_block(Terminal& terminal, const ConfirmRequest& request, const ConfirmationFacts& facts) {
  std::string text;
  for (const std::string& line : request.preview_lines) {
    text += "  " + escape_for_terminal(line) + "\n";
  }
  const ScreenSize screen{static_cast<std::size_t>(terminal.columns()), 24};
  for (const std::string& line : confirmation_block(facts, screen)) text += line + "\n";
  terminal.show(text);
}

}  // namespace

void confirm_command(Context& context, const ConfirmRequest& request) {
  Terminal* terminal = context.terminal();
  if (terminal == nullptr || !terminal->foreground()) refuse("there is no terminal to ask at");
  const ConfirmationFacts facts{request.judgement.invocation,
                                request.judgement.decision,
                                request.summary,
                                request.source.role().name,
                                request.source.grant().description.target,
                                request.preview_ending,
                                request.judgement.variables};
  show_block(*terminal, request, facts);
  const std::string digest = binding_digest(request);
  const ShortName name = short_name(request.judgement.invocation, request.summary);
  const std::uint8_t asked =
      std::max<std::uint8_t>(1, request.judgement.decision.obligations.confirmations);
  ConfirmationDialog dialog(name, asked, context.random().bytes(kChallengeRandom));
  const BootTime began = context.clock().boot_now();
  while (dialog.asks()) {
    Question question;
    question.prompt = confirmation_question(facts, name, dialog);
    question.patience = Confirmed::kLifetime;
    const Answer answer = terminal->ask(question);
    if (answer.kind != Answer::Kind::Given) refuse(answer.why);
    dialog.answer(answer.text.view(), context.random().bytes(kChallengeRandom));
  }
  if (dialog.state() != ConfirmationDialog::State::Confirmed) refuse("the answers were wrong");
  Confirmed confirmed(digest, began);
  if (!confirmed.redeem(binding_digest(request), context.clock().boot_now())) {
    refuse("the answer came too late, or what it was for has changed");
  }
}

}  // namespace prodaccess
