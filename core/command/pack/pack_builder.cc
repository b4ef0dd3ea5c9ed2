#include "core/command/pack/pack_builder.h"

#include <type_traits>

namespace prodaccess::pack {
namespace {

// Appends one array at the next multiple of 8 and notes where it begins.
template <class T>
void lay_out(std::string& bytes, Header& header, Array array, const std::vector<T>& items) {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 8);
  static_assert(std::has_unique_object_representations_v<T>, "the blob must be reproducible");
  bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
  header.offsets[static_cast<std::size_t>(array)] = static_cast<std::uint32_t>(bytes.size());
  bytes.append(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T));
}

}  // namespace

Text PackBuilder::text(std::string_view value) {
  const auto found = known_.find(std::string(value));
  if (found != known_.end()) return found->second;
  const Text text{static_cast<std::uint32_t>(characters_.size()),
                  static_cast<std::uint32_t>(value.size())};
  characters_ += value;
  known_.emplace(value, text);
  return text;
}

std::string PackBuilder::finish() const {
  Header header;
  header.magic = kMagic;
  std::string bytes(sizeof header, '\0');
  lay_out(bytes, header, Array::Names, names);
  lay_out(bytes, header, Array::Tools, tools);
  lay_out(bytes, header, Array::Verbs, verbs);
  lay_out(bytes, header, Array::Details, details);
  lay_out(bytes, header, Array::Options, options);
  lay_out(bytes, header, Array::Rules, rules);
  lay_out(bytes, header, Array::Conditions, conditions);
  lay_out(bytes, header, Array::Ranges, ranges);
  lay_out(bytes, header, Array::Terms, terms);
  lay_out(bytes, header, Array::Inners, inners);
  lay_out(bytes, header, Array::Targets, targets);
  lay_out(bytes, header, Array::TargetParts, target_parts);
  lay_out(bytes, header, Array::Sources, sources);
  lay_out(bytes, header, Array::Previews, previews);
  lay_out(bytes, header, Array::Kinds, kinds);
  lay_out(bytes, header, Array::Texts, texts);
  lay_out(bytes, header, Array::Characters,
          std::vector<char>(characters_.begin(), characters_.end()));
  bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
  header.offsets[static_cast<std::size_t>(Array::Count)] = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

}  // namespace prodaccess::pack
