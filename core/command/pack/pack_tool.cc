// pack_tool OUT FILE.toml...: compiles the built-in packs for the build. Tables that a pack names
// lie in the folder of the pack.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "core/base/error.h"
#include "core/command/pack/pack_compiler.h"

namespace {

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: pack_tool OUT FILE.toml...\n";
    return 2;
  }
  try {
    std::vector<prodaccess::pack::PackFile> files;
    std::filesystem::path folder;
    for (int i = 2; i < argc; ++i) {
      const std::filesystem::path path(argv[i]);
      folder = path.parent_path();
      const auto text = read_file(path);
      if (!text) throw std::runtime_error(path.string() + ": cannot be read");
      files.push_back({path.filename().string(), *text});
    }
    const auto table = [&](const std::string& name) { return read_file(folder / name); };
    std::ofstream out(argv[1], std::ios::binary | std::ios::trunc);
    out << prodaccess::pack::compile_packs(files, table);
    return out.flush() ? 0 : 1;
  } catch (const prodaccess::Error& error) {
    std::cerr << error.what() << '\n';
    for (const std::string& hint : error.hints()) std::cerr << "hint: " << hint << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return 1;
}
