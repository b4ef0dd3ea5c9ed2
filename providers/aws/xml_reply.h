// XmlReply: a service's XML, read strictly: no document type, no processing instructions, nesting
// at most 32, UTF-8, the root that was expected, and each field once and of plain text.
//
// Errors: Error{Provider} naming the reply and what is wrong with it. Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/secret.h"

namespace prodaccess {

class XmlReply {
 public:
  // `what` names it in messages: "the reply of sts.eu-west-1.amazonaws.com".
  XmlReply(Secret body, std::string what);
  ~XmlReply();
  XmlReply(XmlReply&&) noexcept;

  // The local name of the root element.
  std::string root() const;
  void require_root(std::string_view name) const;
  // The text at a path of local names below the root: "AssumeRoleResult/Credentials/AccessKeyId".
  // Absent: no such element. Twice the same, or elements within: an error.
  std::optional<Secret> find(std::string_view path) const;
  std::string text(std::string_view path) const;  // "" where it is absent
  std::string require(std::string_view path) const;
  Secret require_secret(std::string_view path) const;
  // The first element of that name at any depth, as text; "" for none.
  std::string anywhere(std::string_view name) const;
  [[noreturn]] void fail(const std::string& why) const;

 private:
  struct Document;
  std::unique_ptr<Document> document_;
};

}  // namespace prodaccess
