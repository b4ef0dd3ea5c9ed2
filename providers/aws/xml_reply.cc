#include "providers/aws/xml_reply.h"

#include <pugixml.hpp>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr int kDeepest = 32;

// "sts:AccessKeyId" -> "AccessKeyId"
std::string_view local_name(const char* name) {
  const std::string_view text(name);
  const std::size_t colon = text.find(':');
  return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

bool is_plain_text(std::string_view text) {
  return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

// Stops at what replies never have.
class Inspector final : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    if (depth() >= kDeepest) problem = "it nests too deep";
    if (node.type() == pugi::node_doctype) problem = "it has a document type";
    if (node.type() == pugi::node_pi) problem = "it has a processing instruction";
    return problem.empty();
  }
  std::string problem;
};

}  // namespace

struct XmlReply::Document {
  Secret body;  // parsed in place: the document's texts lie in it
  std::string what;
  pugi::xml_document tree;
};

XmlReply::XmlReply(Secret body, std::string what) : document_(std::make_unique<Document>()) {
  document_->body = std::move(body);
  document_->what = std::move(what);
  constexpr unsigned kOptions = pugi::parse_default | pugi::parse_doctype | pugi::parse_pi;
  if (!is_utf8(document_->body.view())) fail("it is not UTF-8");
  const pugi::xml_parse_result result = document_->tree.load_buffer_inplace(
      document_->body.data(), document_->body.size(), kOptions, pugi::encoding_utf8);
  if (!result) fail("it is not XML");
  Inspector inspector;
  document_->tree.traverse(inspector);
  if (!inspector.problem.empty()) fail(inspector.problem);
  const pugi::xml_node root = document_->tree.document_element();
  if (root.empty() || root.next_sibling()) fail("it has not one root");
}

XmlReply::~XmlReply() = default;
XmlReply::XmlReply(XmlReply&&) noexcept = default;

std::string XmlReply::root() const {
  return std::string(local_name(document_->tree.document_element().name()));
}

void XmlReply::require_root(std::string_view name) const {
  if (root() != name) {
    fail("it is <" + escape_for_terminal(root().substr(0, 64)) + ">, not <" + std::string(name) +
         ">");
  }
}

std::optional<Secret> XmlReply::find(std::string_view path) const {
  pugi::xml_node node = document_->tree.document_element();
  for (const std::string& step : split(path, '/')) {
    pugi::xml_node next;
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() != pugi::node_element || local_name(child.name()) != step) continue;
      if (next) fail("it has <" + step + "> twice");
      next = child;
    }
    if (!next) return std::nullopt;
    node = next;
  }
  const std::string name(path.substr(path.rfind('/') + 1));
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_element || child.next_sibling()) {
      fail("<" + name + "> is not plain text");
    }
  }
  const std::string_view text = trim(node.child_value());
  if (!is_plain_text(text)) fail("<" + name + "> has control characters");
  return Secret(text);
}

std::string XmlReply::text(std::string_view path) const {
  const auto found = find(path);
  return found ? std::string(found->view()) : std::string();
}

Secret XmlReply::require_secret(std::string_view path) const {
  auto found = find(path);
  if (!found || found->empty()) fail("it has no <" + std::string(path) + ">");
  return std::move(*found);
}

std::string XmlReply::require(std::string_view path) const {
  return std::string(require_secret(path).view());
}

std::string XmlReply::anywhere(std::string_view name) const {
  const pugi::xml_node found = document_->tree.find_node([&](const pugi::xml_node& node) {
    return node.type() == pugi::node_element && local_name(node.name()) == name;
  });
  return std::string(trim(found.child_value()));
}

void XmlReply::fail(const std::string& why) const {
  throw Error(ErrorCode::Provider, document_->what + " cannot be used: " + why);
}

}  // namespace prodaccess
