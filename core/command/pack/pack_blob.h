// PackBlob: compiled packs as one run of bytes, read in place.
//
// Fixed-size records in arrays, one array a type, that refer to each other by index and to text by
// offset. So the built-in packs need no relocation, no parsing and no memory at start-up. The form
// is that of this build alone: it is never read from a file that another version wrote.
//
// Threads: immutable. Lifetime: every view points into the bytes, which must outlive it and be
// aligned to 8.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "core/command/effect.h"

namespace prodaccess::pack {

// No record has padding, so that the same packs give the same bytes: `unused` members fill it.
struct Text {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

struct Range {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

constexpr std::uint32_t kNone = 0xffffffff;

// How options are written. A pack names a style; these are what the styles are made of.
enum StyleFlag : std::uint32_t {
  kClusters = 1U << 0U,            // -abc, -ovalue
  kAbbreviate = 1U << 1U,          // --recur for --recursive
  kSingleDashLong = 1U << 2U,      // -name and --name are the same
  kBoolValues = 1U << 3U,          // --flag=false, -n=x
  kNegation = 1U << 4U,            // --no-x undoes --x
  kGlobalsFirst = 1U << 5U,        // options of the tool only before the verb
  kNoOptions = 1U << 6U,           // every word is an operand
  kBundleFirst = 1U << 7U,         // `tar xf`: the first word is a cluster without its dash
  kUnknownTakesValues = 1U << 8U,  // an option not listed takes the words up to the next option
};

enum class Arity : std::uint8_t {
  None,
  Required,
  Optional,   // attached only: --color=always, -i.bak
  Many,       // all words up to the next option
  Last,       // one, and no option after it: python -c
  Semicolon,  // words up to `;` or `+`: find -exec
};

// Sorted by name within its scope. `id` is the same for all names of one option.
struct OptionRecord {
  Text name;
  std::uint32_t id = 0;
  Arity arity = Arity::None;
  bool structured = false;  // its values are JSON or the AWS CLI's shorthand
  std::uint16_t unused = 0;
};

// A place that a value comes from.
enum class SourceType : std::uint8_t {
  Literal,
  Option,        // its values
  Operand,       // one, from 1; -1 is the last
  OperandsFrom,  // this one and all after it
  AfterDashes,   // the words after `--`
  Key,           // an operand KEY=value
  Kind,          // the kinds of resources named (kubectl)
  Verb,          // the verb's path
  Member,        // options, and members of structured ones, whose name fits a glob
  Environment,
  StandardInput,
};

struct SourceRecord {
  SourceType type = SourceType::Literal;
  std::uint8_t unused = 0;
  std::int16_t number = 0;
  std::uint32_t option = 0;
  Text text;  // literal, key, variable, the globs of a member
  Text path;  // within a JSON value: "Rules.*.Status"; empty: the value itself
};

enum class Comparison : std::uint8_t { Present, Matches, Zero, False, True, Less, More, Contains };

struct TermRecord {
  SourceRecord source;
  std::int64_t number = 0;
  Range values;  // texts: globs, any of which may match
  Comparison comparison = Comparison::Present;
  bool negated = false;
  std::uint8_t unused[6] = {};
};

// `any` of conjunctions: a list of ranges of terms.
struct ConditionRecord {
  Range conjunctions;  // ranges
};

enum class Flag : std::uint8_t { Unset, No, Yes };

struct RuleRecord {
  ConditionRecord when;
  Effect effect = Effect::Read;
  bool has_effect = false;
  bool sure = false;  // never for what may be: a value that is not on the line does not match
  Flag reversible = Flag::Unset;
  Flag interactive = Flag::Unset;
  std::uint8_t unused[3] = {};
  Text kind;
  Text why;
};

// What the inner text is. Languages follow at kFirstLanguage, in the order of `Language`.
enum class InnerForm : std::uint8_t { Argv, Shell, Joined, FirstLanguage };

struct InnerRecord {
  SourceRecord source;
  ConditionRecord when;
  std::uint8_t form = 0;    // InnerForm, or FirstLanguage + Language
  bool is_file = false;     // the source names a file that holds the text
  bool adds_words = false;  // xargs: unknown words follow, but where a placeholder stands
  bool rest = false;        // of an option: its value and all words after it are the command
  bool joined = false;      // the values are the words of one command in a language
  bool elsewhere = false;   // it runs on another machine, or over other files
  std::uint8_t unused[2] = {};
  Text prefix;         // only values that begin so; the rest is the text
  Range placeholders;  // Text: what stands for an unknown word: find's {}
  Text until;          // the command ends before this word
};

enum class TargetField : std::uint8_t {
  System,
  Account,
  Cluster,
  Namespace,
  Region,
  Kind,
  Name,
  Pattern,
  Resource,
};

struct TargetPart {
  TargetField field = TargetField::Name;
  std::uint8_t unused[3] = {};
  SourceRecord source;
};

struct TargetRecord {
  Range parts;
};

struct PreviewRecord {
  std::uint8_t kind = 0;  // PreviewKind
  bool wide = false;
  bool digest = false;  // its output is Pulumi's digest of steps
  std::uint8_t unused = 0;
  Text argv, show, apply;  // words with {placeholders}, parted by blanks
  Text success, denied;
  Text saved, folder;  // plan: sources of the plan file's name, and of the folder it counts from
  Text unless;         // options with which it would not show what the command does
};

struct KindRecord {
  Text alias, kind;  // sorted by alias
};

// What verbs share.
struct DetailRecord {
  Range options;  // OptionRecord
  Range rules;
  Range dry_run;  // ConditionRecord
  Range help;
  Range inners;
  Range targets;
  Range secrets;  // SourceRecord
  Range reads;    // SourceRecord: files whose content is shown or copied
  Range writes;   // SourceRecord: files that it writes, where it writes at all
  Range http_method, http_url, http_body;  // SourceRecord: of a request that it makes
  Range count;                             // SourceRecord, at most one
  Range scale;
  Range environment;  // Text: variables whose value is more options; {verb} stands for the verb
  std::uint32_t preview = kNone;
  std::uint32_t usually_takes = 0;
  std::uint16_t stop_after = 0;  // options end at this operand; 0: never
  Flag reversible = Flag::Unset;
  bool runs_project_code = false;
  bool interactive = false;
  bool wrapper = false;       // the invocation is the inner one's
  bool assignments = false;   // leading NAME=value words belong to the inner command
  bool runnable = true;       // not only a group of verbs
  bool open_options = false;  // options not listed change nothing: all that could are listed
  bool no_options = false;    // all words after the verb are operands
  std::uint8_t unused[2] = {};
  Text why;
};

struct VerbRecord {
  Text name;
  Text path;  // of the canonical names, without the tool
  Range children;
  Range options;  // all of a row of a table, in place of those of its template
  Range targets;  // TargetRecord: of a row of a table, in place of those of its template
  std::uint32_t detail = kNone;
  std::uint32_t kind = kNone;  // texts
  Effect effect = Effect::Read;
  std::uint8_t unused[3] = {};
};

struct ToolRecord {
  Text name, source, system;
  Text alias_file;        // beneath the home folder; see alias_file.h
  Text variables, files;  // that steer it; see core/command/steering.h
  std::uint32_t style = 0;
  std::uint32_t root = 0;  // verb
  Range kinds;
  bool dashed = false;  // TOOL-verb is a program
  std::uint8_t unused[3] = {};
};

struct ToolName {
  Text name;  // sorted; "mkfs." with `prefix`
  std::uint32_t tool = 0;
  bool prefix = false;
  std::uint8_t unused[3] = {};
};

enum class Array : std::uint8_t {
  Names,
  Tools,
  Verbs,
  Details,
  Options,
  Rules,
  Conditions,
  Ranges,
  Terms,
  Inners,
  Targets,
  TargetParts,
  Sources,
  Previews,
  Kinds,
  Texts,
  Characters,
  Count,
};

struct Header {
  std::uint64_t magic = 0;
  std::uint32_t offsets[static_cast<std::size_t>(Array::Count) + 1] = {};  // of each array; the end
};

constexpr std::uint64_t kMagic = 0x314b4341504150ULL;

class PackBlob {
 public:
  PackBlob() = default;
  explicit PackBlob(std::string_view bytes) : bytes_(bytes.data()) {
    std::memcpy(&header_, bytes.data(), sizeof header_);
  }

  std::string_view text(Text text) const {
    return {bytes_ + offset(Array::Characters) + text.offset, text.length};
  }

  std::span<const ToolName> names() const { return whole<ToolName>(Array::Names); }
  const ToolRecord& tool(std::uint32_t index) const { return one<ToolRecord>(Array::Tools, index); }
  std::span<const ToolRecord> tools() const { return whole<ToolRecord>(Array::Tools); }
  const VerbRecord& verb(std::uint32_t index) const { return one<VerbRecord>(Array::Verbs, index); }
  const DetailRecord& detail(std::uint32_t index) const {
    return one<DetailRecord>(Array::Details, index);
  }
  const PreviewRecord& preview(std::uint32_t index) const {
    return one<PreviewRecord>(Array::Previews, index);
  }
  std::string_view text_at(std::uint32_t index) const {
    return text(one<Text>(Array::Texts, index));
  }

  std::span<const VerbRecord> verbs(Range range) const {
    return part<VerbRecord>(Array::Verbs, range);
  }
  std::span<const OptionRecord> options(Range r) const {
    return part<OptionRecord>(Array::Options, r);
  }
  std::span<const RuleRecord> rules(Range r) const { return part<RuleRecord>(Array::Rules, r); }
  std::span<const ConditionRecord> conditions(Range r) const {
    return part<ConditionRecord>(Array::Conditions, r);
  }
  std::span<const Range> ranges(Range r) const { return part<Range>(Array::Ranges, r); }
  std::span<const TermRecord> terms(Range r) const { return part<TermRecord>(Array::Terms, r); }
  std::span<const InnerRecord> inners(Range r) const { return part<InnerRecord>(Array::Inners, r); }
  std::span<const TargetRecord> targets(Range r) const {
    return part<TargetRecord>(Array::Targets, r);
  }
  std::span<const TargetPart> target_parts(Range r) const {
    return part<TargetPart>(Array::TargetParts, r);
  }
  std::span<const SourceRecord> sources(Range r) const {
    return part<SourceRecord>(Array::Sources, r);
  }
  std::span<const KindRecord> kinds(Range r) const { return part<KindRecord>(Array::Kinds, r); }
  std::span<const Text> texts(Range r) const { return part<Text>(Array::Texts, r); }

 private:
  std::uint32_t offset(Array array) const {
    return header_.offsets[static_cast<std::size_t>(array)];
  }
  template <class T>
  const T* base(Array array) const {
    return reinterpret_cast<const T*>(bytes_ + offset(array));
  }
  template <class T>
  const T& one(Array array, std::uint32_t index) const {
    return base<T>(array)[index];
  }
  template <class T>
  std::span<const T> part(Array array, Range range) const {
    return {base<T>(array) + range.first, range.count};
  }
  template <class T>
  std::span<const T> whole(Array array) const {
    const auto end = header_.offsets[static_cast<std::size_t>(array) + 1];
    return {base<T>(array), (end - offset(array)) / sizeof(T)};
  }

  const char* bytes_ = nullptr;
  Header header_;
};

// The built-in packs, as the build embedded them.
std::string_view built_in_packs();

}  // namespace prodaccess::pack
