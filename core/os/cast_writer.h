// CastWriter: a terminal's output as an asciicast, version 2
// (docs.asciinema.org/manual/asciicast/v2), with known secrets masked and the file's SHA-256 at the
// end. What is typed is not recorded, but for what the terminal echoes.
//
// Errors: Error{System} naming the file; it must not exist before.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/sha256.h"
#include "core/base/time.h"
#include "core/os/descriptor.h"
#include "core/os/secret_masker.h"

namespace prodaccess {

struct RecordingPlan {
  std::filesystem::path file;
  std::string title;  // without secrets
  // Takes out of a piece of output what looks like a secret; null: nothing.
  std::function<std::string(std::string_view)> redact = {};
  std::vector<Secret> masked = {};  // secrets beside those of the command's environment
};

struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

class CastWriter {
 public:
  // `plan` must outlive the writer.
  CastWriter(const RecordingPlan& plan, TerminalSize size, WallTime now,
             const std::vector<std::string_view>& secrets);

  // `at`: since the beginning.
  void output(std::string_view bytes, Milliseconds at);
  void resized(TerminalSize size, Milliseconds at);
  // Writes what still waits; the hash of the whole file, in hex.
  std::string finish(Milliseconds at);

 private:
  void event(Milliseconds at, const char* kind, const std::string& data);
  std::string redacted(const std::string& text) const;
  void write_line(std::string line);

  const RecordingPlan& plan_;
  Descriptor file_;
  SecretMasker masker_;
  std::string split_;  // the beginning of a UTF-8 character whose rest is still to come
  Sha256 hash_;
};

}  // namespace prodaccess
