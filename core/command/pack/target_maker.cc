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
    for (const Value& value : conditions_.values(part.source)) {
      Target target = common;
      target.name = value.text;
      target.pattern = part.field == TargetField::Pattern || value.glob || !value.known;
      targets.push_back(std::move(target));
    }
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
    if ((*verb)->detail == kNone) continue;
    const auto records = blob.targets(blob.detail((*verb)->detail).targets);
    for (const TargetRecord& record : records) maker.add(record, targets);
    if (!records.empty()) break;
  }
  return targets;
}

}  // namespace prodaccess::pack
