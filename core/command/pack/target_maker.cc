#include "core/command/pack/target_maker.h"

#include "core/command/pack/resource.h"

namespace prodaccess::pack {
namespace {

std::string Target::*member(TargetField field) {
  switch (field) {
    case TargetField::System: return &Target::system;
    case TargetField::Account: return &Target::account;
    case TargetField::Cluster: return &Target::cluster;
    case TargetField::Namespace: return &Target::namespace_;
    case TargetField::Region: return &Target::region;
    case TargetField::Kind: return &Target::kind;
    default: return &Target::name;
  }
}

class TargetMaker {
 public:
  TargetMaker(const PackBlob& blob, const ToolRecord& tool, const Conditions& conditions)
      : blob_(blob), tool_(tool), conditions_(conditions) {}

  // The fields that hold for all come first, then one target for each name.
  void add(const TargetRecord& record, std::vector<Target>& targets) const {
    Target common;
    common.system = blob_.text(tool_.system);
    const auto parts = blob_.target_parts(record.parts);
    const TargetPart* many = nullptr;
    for (const TargetPart& part : parts) {
      if (part.field == TargetField::Name || part.field == TargetField::Pattern ||
          part.field == TargetField::Resource) {
        many = &part;
        continue;
      }
      const auto values = conditions_.texts(part.source);
      // The last of repeated options is the one in force.
      if (values && !values->empty() && (common.*member(part.field)).empty()) {
        common.*member(part.field) = values->back();
      }
    }
    if (many == nullptr) {
      targets.push_back(std::move(common));
    } else if (many->field == TargetField::Resource) {
      add_resources(*many, common, targets);
    } else {
      add_names(*many, common, targets);
    }
  }

 private:
  void add_names(const TargetPart& part, const Target& common, std::vector<Target>& targets) const {
    const bool pattern = part.field == TargetField::Pattern;
    for (const Value& value : conditions_.values(part.source)) {
      // A list may also come as JSON, and what stands within a body has names of its own.
      const bool body = part.source.path.length != 0;
      if (body || value.text.starts_with("[\"")) {
        const auto names = conditions_.inside(value, body ? blob_.text(part.source.path) : "*");
        if (names) {
          for (const std::string& name : *names) add_name(name, pattern, common, targets);
          continue;
        }
      }
      const bool certain = value.known && !value.glob && !body && !is_file(value.text);
      add_name(value.text, pattern || !certain, common, targets);
    }
  }

  // What the AWS CLI reads a value from.
  static bool is_file(std::string_view text) {
    return text.starts_with("file://") || text.starts_with("fileb://");
  }

  static void add_name(std::string_view name, bool pattern, const Target& common,
                       std::vector<Target>& targets) {
    Target target = common;
    target.name = name;
    target.pattern = pattern;
    targets.push_back(std::move(target));
  }

  void add_resources(const TargetPart& part, const Target& common,
                     std::vector<Target>& targets) const {
    const auto operands = conditions_.values(part.source);
    for (const Resource& resource : resources_of(blob_, tool_, operands)) {
      Target target = common;
      target.kind = resource.kind;
      target.name = resource.name;
      target.pattern = !resource.known || !resource.name_known;
      targets.push_back(std::move(target));
    }
  }

  const PackBlob& blob_;
  const ToolRecord& tool_;
  const Conditions& conditions_;
};

}  // namespace

std::vector<Target> make_targets(const PackBlob& blob, const ToolRecord& tool,
                                 const Arguments& arguments, const Conditions& conditions) {
  std::vector<Target> targets;
  const TargetMaker maker(blob, tool, conditions);
  for (auto verb = arguments.path.rbegin(); verb != arguments.path.rend(); ++verb) {
    Range range = (*verb)->targets;
    if (range.count == 0 && (*verb)->detail != kNone) range = blob.detail((*verb)->detail).targets;
    for (const TargetRecord& record : blob.targets(range)) maker.add(record, targets);
    if (range.count != 0) break;
  }
  return targets;
}

}  // namespace prodaccess::pack
