// Guards of the parser: how deep it is, and in which text it reads.
#pragma once

#include "core/command/shell/parser.h"

namespace prodaccess::shell {

// One level deeper, for as long as it lives; false where that is too deep.
class Parser::Deeper {
 public:
  explicit Deeper(Parser& parser) : parser_(parser) {
    if (++parser_.depth_ > kDeepest) {
      parser_.fail("nested deeper than " + std::to_string(kDeepest) + " levels");
    }
  }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;
  ~Deeper() { --parser_.depth_; }
  explicit operator bool() const { return !parser_.failed_; }

 private:
  Parser& parser_;
};

// Reads another text (a heredoc's body, what stood in backticks), then goes on where it was.
class Parser::Inside {
 public:
  Inside(Parser& parser, std::string_view text)
      : parser_(parser), text_(parser.text_), position_(parser.position_) {
    parser_.text_ = text;
    parser_.position_ = 0;
    pending_.swap(parser_.pending_);
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() {
    parser_.text_ = text_;
    parser_.position_ = position_;
    pending_.swap(parser_.pending_);
  }

 private:
  Parser& parser_;
  std::string_view text_;
  std::size_t position_;
  std::vector<RedirectNode*> pending_;
};

}  // namespace prodaccess::shell
