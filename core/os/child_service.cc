#include "core/os/child_service.h"

namespace prodaccess {

PolledServices::PolledServices(const std::vector<ChildService*>& services,
                               std::vector<pollfd>& waits)
    : first_(waits.size()) {
  for (ChildService* service : services) {
    for (const pollfd& descriptor : service->descriptors()) {
      waits.push_back(descriptor);
      owners_.push_back(service);
    }
  }
}

void PolledServices::serve(const std::vector<pollfd>& waits) const {
  for (std::size_t i = 0; i < owners_.size(); ++i) {
    const pollfd& ready = waits[first_ + i];
    if (ready.revents != 0) owners_[i]->serve(ready);
  }
}

}  // namespace prodaccess
