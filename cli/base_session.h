// GrantBaseSession: a provider's base session, kept with its grant in the grant's own store. What
// an agent or a one-shot command asks for is kept in this process alone.
#pragma once

#include "core/grant/grant.h"
#include "core/grant/provider.h"

namespace prodaccess {

class Context;
class EphemeralStore;

class GrantBaseSession final : public BaseSession {
 public:
  // Both must outlive it.
  GrantBaseSession(Context& context, const Grant& grant, bool once);

  Secret get(const std::function<Made(const StageReport&)>& make) override;
  void forget() override;
  // Forgets what was made through this object.
  void drop_new();

 private:
  EphemeralStore& store();
  Secret keep(Made made);

  Context& context_;
  const Grant& grant_;
  bool in_process_;
  bool made_ = false;
};

}  // namespace prodaccess
