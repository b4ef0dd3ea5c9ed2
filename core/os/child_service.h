// ChildService: something that the supervising parent serves to the child while it runs: an
// ssh-agent socket, a credentials endpoint. It sleeps in the parent's poll and costs nothing while
// idle.
//
// Threads: called by the parent's one thread only. Neither call may block.
#pragma once

#include <poll.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/secret.h"

namespace prodaccess {

class ChildService {
 public:
  virtual ~ChildService() = default;
  // The variables that lead the child to it.
  virtual std::vector<std::pair<std::string, Secret>> environment() const = 0;
  // What to poll for now; asked again before each poll.
  virtual std::vector<pollfd> descriptors() const = 0;
  // One of them is ready.
  virtual void serve(const pollfd& ready) = 0;
  // The child has ended: processes of the service's own end now.
  virtual void child_ended() {}
};

// What services wait for, at the end of what one poll waits for.
class PolledServices {
 public:
  PolledServices(const std::vector<ChildService*>& services, std::vector<pollfd>& waits);
  // After the poll: each whose descriptor is ready.
  void serve(const std::vector<pollfd>& waits) const;

 private:
  std::size_t first_;
  std::vector<ChildService*> owners_;  // of the descriptors from there on
};

}  // namespace prodaccess
