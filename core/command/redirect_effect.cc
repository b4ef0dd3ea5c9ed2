#include "core/command/redirect_effect.h"

#include "core/command/path_effect.h"
#include "core/command/shell/known_output.h"

namespace prodaccess {
namespace {

// Whether the command leaves nothing in the file.
bool writes_nothing(const SimpleCommand& command) {
  if (command.group) return false;
  const std::optional<std::string> output = known_output(command);
  return output && output->empty();
}

void add_target(Invocation& part, const Redirect& redirect) {
  Target target;
  target.system = "file";
  target.kind = "file";
  target.name = redirect.target.text;
  target.pattern = !redirect.target.known;
  part.targets.push_back(std::move(target));
}

void judge_write(const Redirect& redirect, bool empties, Invocation& part) {
  PathFinding finding = writing_to(redirect.target.text);
  if (finding.effect == Effect::Read && redirect.target.known) return;
  if (finding.effect == Effect::Read) finding = {Effect::Write, "writes to a file"};
  // /dev/fd/63 stands for a process, which is judged by itself.
  if (!redirect.target.known && redirect.target.text == "/dev/fd/63") return;
  const bool replaces =
      redirect.kind == Redirect::Kind::Write || redirect.kind == Redirect::Kind::Clobber;
  const bool worse_than_before = finding.effect > part.effect;
  if (replaces && finding.effect == Effect::Write && empties) {
    raise(part, Effect::Destructive, OpaqueCause::NotOpaque, "empties " + redirect.target.text);
    if (part.preview.kind == PreviewKind::None && redirect.target.known) {
      part.preview.kind = PreviewKind::Read;
      part.preview.argv = {"ls", "-l", "--", redirect.target.text};
    }
    part.reversible = false;
  } else {
    raise(part, finding.effect, OpaqueCause::NotOpaque,
          std::string(finding.why) + " " + redirect.target.text);
    if (!worse_than_before) return;
  }
  add_target(part, redirect);
}

}  // namespace

void raise(Invocation& part, Effect effect, OpaqueCause cause, std::string reason) {
  if (effect < part.effect || effect == Effect::Read) return;
  // A cause that nothing may lower is kept also where the effect is worse than opaque.
  if (effect == Effect::Opaque && cause > part.opaque_cause) part.opaque_cause = cause;
  // What makes it worse than it was is told first.
  const auto place = effect > part.effect ? part.reasons.begin() : part.reasons.end();
  part.reasons.insert(place, std::move(reason));
  part.effect = effect;
}

void judge_redirects(const SimpleCommand& command, Invocation& part) {
  if (command.redirects.empty()) return;
  const bool empties = writes_nothing(command);
  for (const Redirect& redirect : command.redirects) {
    switch (redirect.kind) {
      case Redirect::Kind::Write:
      case Redirect::Kind::Clobber:
      case Redirect::Kind::Append: judge_write(redirect, empties, part); break;
      case Redirect::Kind::ReadWrite: judge_write(redirect, empties, part); [[fallthrough]];
      case Redirect::Kind::Read: {
        const PathFinding finding = reading_from(redirect.target.text);
        raise(part, finding.effect, OpaqueCause::Program,
              redirect.target.text + " " + std::string(finding.why));
        break;
      }
      case Redirect::Kind::Heredoc:
      case Redirect::Kind::HereString:
      case Redirect::Kind::Duplicate: break;
    }
  }
}

}  // namespace prodaccess
