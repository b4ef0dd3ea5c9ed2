// Reads shell commands, one a line, and understands them again and again on one core. Prints the
// commands a second and the slowest of a hundred, in microseconds.
//
//   explain_bench FILE [SECONDS]
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "core/command/explain.h"
#include "core/command/pack/pack_set.h"
#include "core/command/understand.h"

using namespace prodaccess;
using Clock = std::chrono::steady_clock;

namespace {

class NoVerdict final : public VerdictSource {
  ExplainedVerdict verdict(const Invocation&) override {
    return {"allow", "built-in", "built-in", {}, {}};
  }
};

double microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::ifstream file(argv[1]);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.empty()) return 2;
  const double seconds = argc > 2 ? std::strtod(argv[2], nullptr) : 1.0;

  const PackSet packs;
  const Surroundings surroundings;
  NoVerdict verdicts;
  std::vector<double> times;
  std::string out;
  const Clock::time_point begin = Clock::now();
  while (microseconds(Clock::now() - begin) < seconds * 1e6) {
    for (const std::string& line : lines) {
      const Clock::time_point start = Clock::now();
      out.clear();
      JsonWriter json(out);
      write_explanation(json, line, understand_shell(line, packs, surroundings), verdicts);
      times.push_back(microseconds(Clock::now() - start));
    }
  }
  const double total = microseconds(Clock::now() - begin);
  std::sort(times.begin(), times.end());
  std::cout << "commands_per_second "
            << static_cast<std::int64_t>(static_cast<double>(times.size()) * 1e6 / total)
            << "\np50_us " << times[times.size() / 2] << "\np99_us "
            << times[times.size() * 99 / 100] << "\nmax_us " << times.back() << '\n';
  return 0;
}
