#include "core/command/language/inline_code.h"

#include "core/command/language/awk_sed.h"
#include "core/command/language/code_judge.h"
#include "core/command/language/finding.h"

namespace prodaccess {

SqlFinding classify_inline_code(Language language, std::string_view code, Inner& inner) {
  SqlFinding finding = harmless_finding();
  if (language == Language::Awk) {
    judge_awk(code, inner, finding);
  } else if (language == Language::Sed) {
    judge_sed(code, inner, finding);
  } else if (const CodeNames* names = code_names(language)) {
    CodeJudge(language, *names, inner, finding, 0).judge(code);
  } else {
    raise_opaque(finding, OpaqueCause::Program, "code in a language that is not judged");
  }
  return finding;
}

}  // namespace prodaccess
