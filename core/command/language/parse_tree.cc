#include "core/command/language/parse_tree.h"

namespace prodaccess {
namespace {

void append_code_point(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    text += static_cast<char>(0xe0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  }
}

unsigned hex_value(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value * 16 + static_cast<unsigned>(digit & 0xf);
  }
  return value;
}

std::string unescape(std::string_view raw) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 >= raw.size()) {
      text += raw[i];
      continue;
    }
    const char escape = raw[++i];
    if (escape == 'u' && i + 4 < raw.size()) {
      append_code_point(text, hex_value(raw.substr(i + 1, 4)));
      i += 4;
    } else {
      text += escape == 'n'   ? '\n'
              : escape == 't' ? '\t'
              : escape == 'r' ? '\r'
              : escape == 'b' ? '\b'
              : escape == 'f' ? '\f'
                              : escape;
    }
  }
  return text;
}

// Where the string that begins after the quote at `at` closes; npos where it does not.
std::size_t string_end(std::string_view json, std::size_t at) {
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return at < json.size() ? at : std::string_view::npos;
}

}  // namespace

std::optional<ParseTree> ParseTree::read(std::string_view json) {
  ParseTree tree;
  std::vector<Index> open;
  std::string_view key;
  std::size_t at = 0;
  tree.nodes_.reserve(json.size() / 16);
  while (at < json.size()) {
    const char c = json[at];
    if (c == ' ' || c == ',' || c == '\n') {
      ++at;
    } else if (c == '{' || c == '[') {
      open.push_back(tree.size());
      tree.nodes_.push_back({key, {}, 0, true});
      key = {};
      ++at;
    } else if (c == '}' || c == ']') {
      if (open.empty()) return std::nullopt;
      tree.nodes_[open.back()].end = tree.size();
      open.pop_back();
      ++at;
    } else {
      std::string_view raw;
      if (c == '"') {
        const std::size_t end = string_end(json, at + 1);
        if (end == std::string_view::npos) return std::nullopt;
        raw = json.substr(at + 1, end - at - 1);
        at = end + 1;
        if (at < json.size() && json[at] == ':') {
          key = raw;
          ++at;
          continue;
        }
      } else {
        const std::size_t end = json.find_first_of(",]} ", at);
        if (end == std::string_view::npos) return std::nullopt;
        raw = json.substr(at, end - at);
        at = end;
      }
      tree.nodes_.push_back({key, raw, tree.size() + 1, false});
      key = {};
    }
  }
  if (!open.empty() || tree.nodes_.empty() || tree.nodes_[0].end != tree.size())
    return std::nullopt;
  return tree;
}

ParseTree::Index ParseTree::first(Index parent) const {
  if (parent == kNone || !nodes_[parent].container || nodes_[parent].end == parent + 1)
    return kNone;
  return parent + 1;
}

ParseTree::Index ParseTree::after(Index index, Index parent) const {
  const Index next = nodes_[index].end;
  return next < nodes_[parent].end ? next : kNone;
}

ParseTree::Index ParseTree::member(Index parent, std::string_view key) const {
  for (Index child = first(parent); child != kNone; child = after(child, parent)) {
    if (nodes_[child].key == key) return child;
  }
  return kNone;
}

ParseTree::Index ParseTree::member(Index parent, std::string_view key,
                                   std::string_view below) const {
  return member(member(parent, key), below);
}

std::string ParseTree::text(Index scalar) const {
  return scalar == kNone ? std::string() : unescape(nodes_[scalar].raw);
}

std::string ParseTree::text(Index parent, std::string_view key) const {
  return text(member(parent, key));
}

bool ParseTree::flag(Index parent, std::string_view key) const {
  const Index found = member(parent, key);
  return found != kNone && nodes_[found].raw == "true";
}

}  // namespace prodaccess
