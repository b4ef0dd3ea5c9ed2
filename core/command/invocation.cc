#include "core/command/invocation.h"

namespace prodaccess {

Effect worst_effect(const Invocation& invocation) {
  Effect worst = invocation.effect;
  for (const Invocation& part : invocation.parts) worst = worse(worst, worst_effect(part));
  return worst;
}

}  // namespace prodaccess
