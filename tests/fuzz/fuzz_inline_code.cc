// Inline code: a deletion appended to any text is seen, or the text is opaque. The first byte
// chooses the language.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/command/language/classify.h"
#include "tests/fakes/scripted_inner.h"

using namespace prodaccess;

namespace {

struct Appended {
  Language language;
  const char* deletion;
};

constexpr std::array kLanguages{
    Appended{Language::Python, "\nimport os\nos.rmdir('x')\n"},
    Appended{Language::JavaScript, "\n;require('fs').unlinkSync('x')\n"},
    Appended{Language::Perl, "\n;unlink 'x';\n"},
    Appended{Language::Ruby, "\n;File.unlink('x')\n"},
    Appended{Language::Php, "\n;unlink('x');\n"},
    Appended{Language::Awk, "\n;BEGIN{system(\"rm -rf x\")}\n"},
    Appended{Language::Sed, "\ne rm -rf x\n"},
    Appended{Language::Groovy, "\n;new File('x').delete()\n"},
    Appended{Language::Lua, "\nos.remove('x')\n"},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Appended& chosen = kLanguages.at(data[0] % kLanguages.size());
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  // A backslash carries sed's text over to the next line.
  if (chosen.language == Language::Sed && text.find('\\') != std::string::npos) return 0;
  ScriptedInner inner;
  classify(chosen.language, text, nullptr, inner);
  const SqlFinding finding = classify(chosen.language, text + chosen.deletion, nullptr, inner);
  if (finding.effect != Effect::Destructive && finding.opaque_cause == OpaqueCause::NotOpaque)
    std::abort();
  return 0;
}
