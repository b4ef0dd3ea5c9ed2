// An isolated call: work done in a child process of our own and given up after a deadline, for
// libraries that may hang, start threads or keep secrets behind (libsecret with a Secret Service
// that never answers). The child ends with the call, whatever it was doing.
//
// `input` reaches it by a socket, since a Secret's pages are absent in a child; so `work` must not
// touch a Secret that was made before. What it throws as Error is thrown here.
//
// BackgroundCall is the same for one who may not wait: the child goes on while its caller sleeps in
// a poll. It keeps none of our descriptors, and stands outside the terminal's foreground, so that
// it can ask nobody.
//
// Errors: Error{Busy} at the deadline; Error{System} where the child died or could not be made.
// Threads: the process must have only one.
#pragma once

#include <functional>
#include <string_view>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/os/descriptor.h"

namespace prodaccess {

Secret run_isolated(std::string_view input, Milliseconds patience,
                    const std::function<Secret(std::string_view input)>& work);

class BackgroundCall {
 public:
  BackgroundCall(Seconds patience, const std::function<Secret()>& work);
  BackgroundCall(const BackgroundCall&) = delete;
  BackgroundCall& operator=(const BackgroundCall&) = delete;
  // Ends the child.
  ~BackgroundCall();

  // Readable when the child has something to say.
  int descriptor() const { return socket_.get(); }
  // Takes what is there, without waiting; true: that was all.
  bool receive();
  // After that: what `work` returned; throws what it threw.
  Secret result() const;

 private:
  Descriptor socket_;
  Descriptor process_;  // a pidfd: the child may have been reaped by another
  Secret buffer_;
  std::size_t filled_ = 0;
};

}  // namespace prodaccess
