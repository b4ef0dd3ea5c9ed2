#include <csignal>
#include <string>
#include <vector>

#include "cli/app.h"

int main(int argc, char** argv) {
  // A reader that went away is an error of the write, said in one line, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  return prodaccess::run_app({argv + (argc > 0 ? 1 : 0), argv + argc});
}
