// The structure half of the parser: lists, pipelines, commands. Compounds are in
// compound_parser.cc, redirects in redirect_parser.cc.
#include "core/command/shell/parser.h"

#include "core/command/shell/nesting.h"

namespace prodaccess::shell {
namespace {

constexpr bool ends_token(char c) {
  return is_blank(c) || c == '\n' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>' ||
         c == '(' || c == ')' || c == '\0';
}

constexpr std::array<std::string_view, 8> kClosers{"then", "fi",   "do",   "done",
                                                   "else", "elif", "esac", "}"};
constexpr std::array<std::string_view, 9> kOpeners{"if",     "while",    "until", "for", "case",
                                                   "select", "function", "{",     "[["};

std::string misplaced(std::string_view token) {
  std::string message = "'";
  message += token;
  message += "' stands where it cannot";
  return message;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Parser::Parser(std::string_view text, Arena& arena, int depth)
    : text_(text), arena_(arena), depth_(depth) {}

Node* Parser::parse() {
  const std::size_t whole = text_.size();
  if (whole > kLongestLine) text_ = text_.substr(0, kLongestLine);
  Node* list = parse_list();
  if (!at_end()) fail(misplaced(text_.substr(position_, 1)));
  read_heredocs();
  if (whole > kLongestLine) fail("longer than " + std::to_string(kLongestLine) + " bytes");
  return list;
}

void Parser::fail(std::string message) {
  if (!failed_) problem_ = std::move(message);
  failed_ = true;
}

bool Parser::take(std::string_view token) {
  if (failed_ || !looking_at(token)) return false;
  position_ += token.size();
  return true;
}

void Parser::skip_blanks() {
  while (!at_end()) {
    const char c = peek();
    if (is_blank(c)) {
      ++position_;
    } else if (c == '\\' && peek(1) == '\n') {
      position_ += 2;
    } else if (c == '#') {
      const std::size_t end = text_.find('\n', position_);
      position_ = end == std::string_view::npos ? text_.size() : end;
    } else {
      return;
    }
  }
}

void Parser::take_newline() {
  ++position_;
  if (!pending_.empty()) read_heredocs();
}

// Blanks, comments and newlines.
void Parser::skip_separators() {
  for (skip_blanks(); !at_end() && peek() == '\n'; skip_blanks()) take_newline();
}

// The unquoted token at this place if it could be a reserved word, else "".
std::string_view Parser::keyword() const {
  const char first = peek();
  if (!((first >= 'a' && first <= 'z') || first == '{' || first == '}' || first == '!' ||
        first == '[')) {
    return {};
  }
  std::size_t length = 1;
  while (length <= 8 && ((peek(length) >= 'a' && peek(length) <= 'z') || peek(length) == '[' ||
                         peek(length) == ']')) {
    ++length;
  }
  return ends_token(peek(length)) ? text_.substr(position_, length) : std::string_view{};
}

bool Parser::starts_compound() const { return peek() == '(' || is_one_of(kOpeners, keyword()); }

bool Parser::take_keyword(std::string_view word) {
  if (failed_ || keyword() != word) return false;
  position_ += word.size();
  return true;
}

void Parser::expect_keyword(std::string_view word) {
  skip_separators();
  if (!take_keyword(word)) fail("the word " + std::string(word) + " is missing");
}

// Whether the parenthesis that opened the second level before `from` closes as `))`, which tells
// $((1)) from $((a); (b)).
bool Parser::closes_double_parenthesis(std::size_t from) {
  int level = 2;
  char quote = '\0';
  for (std::size_t at = from; at < text_.size(); ++at) {
    if (++lookahead_ > kFarthestLookahead) {
      fail("too many nested parentheses");
      return false;
    }
    const char c = text_[at];
    if (c == '\\' && quote != '\'') {
      ++at;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(') {
      ++level;
    } else if (c == ')' && --level == 1) {
      return at + 1 < text_.size() && text_[at + 1] == ')';
    }
  }
  return false;
}

// Commands up to the end, `)`, `;;` or a reserved word that closes something.
Node* Parser::parse_list() {
  Node* first = nullptr;
  Node** last = &first;
  Node* chain = nullptr;  // where the present && and || began
  Connector connector = Connector::Sequence;
  for (skip_separators(); !at_end(); skip_blanks()) {
    if (peek() == ')' || looking_at(";;") || looking_at(";&") || is_one_of(kClosers, keyword())) {
      if (connector != Connector::Sequence) fail("a command is missing after && or ||");
      return first;
    }
    Node* item = parse_pipeline();
    item->connector = connector;
    if (connector == Connector::Sequence) chain = item;
    *last = item;
    last = &item->next;
    connector = Connector::Sequence;
    skip_blanks();
    if (at_end()) return first;
    if (take("&&")) {
      connector = Connector::And;
      skip_separators();
    } else if (take("||")) {
      connector = Connector::Or;
      skip_separators();
    } else {
      if (peek() == '&') {
        for (Node* part = chain; part != nullptr; part = part->next) part->background = true;
      }
      const bool separated =
          peek() == '\n' || peek() == '&' || (peek() == ';' && peek(1) != ';' && peek(1) != '&');
      if (!separated) return first;
      if (peek() != '\n') ++position_;
      skip_separators();
    }
  }
  if (connector != Connector::Sequence) fail("a command is missing after && or ||");
  return first;
}

Node* Parser::parse_required_list(std::string_view what) {
  Node* list = parse_list();
  if (list == nullptr) fail("no command stands " + std::string(what));
  return list;
}

Node* Parser::parse_pipeline() {
  bool prefixed = false;
  for (skip_blanks(); !at_end(); skip_blanks()) {
    if (take_keyword("time")) {
      skip_blanks();
      if (looking_at("-p") && ends_token(peek(2))) position_ += 2;
    } else if (!take_keyword("!")) {
      break;
    }
    prefixed = true;
  }
  // `time` and `!` alone are commands of their own.
  if (prefixed && (at_end() || peek() == ';' || peek() == '\n' || peek() == '&' || peek() == ')')) {
    return arena_.make<Node>();
  }
  Node* first = parse_command();
  Node** last = &first->next;
  for (skip_blanks(); !at_end() && peek() == '|' && peek(1) != '|'; skip_blanks()) {
    position_ += peek(1) == '&' ? 2 : 1;
    skip_separators();
    take_keyword("!");
    skip_blanks();
    *last = parse_command();
    last = &(*last)->next;
  }
  if (first->next == nullptr) return first;
  Node* pipeline = arena_.make<Node>();
  pipeline->kind = NodeKind::Pipeline;
  pipeline->first = first;
  return pipeline;
}

Node* Parser::parse_command() {
  const Deeper deeper(*this);
  if (!deeper) return arena_.make<Node>();
  if (peek() == '(') {
    Node* node = parse_parenthesis();
    parse_redirects(node);
    return node;
  }
  const std::string_view word = keyword();
  if (is_one_of(kOpeners, word)) {
    position_ += word.size();
    Node* node = parse_compound(word);
    if (node->kind != NodeKind::Function) parse_redirects(node);
    return node;
  }
  if (take_keyword("coproc")) return parse_coprocess();
  if (is_one_of(kClosers, word)) fail(misplaced(word));
  return parse_simple();
}

// Gives `word` back as an assignment where it is one.
bool Parser::take_assignment(WordNode* word, AssignNode**& last) {
  Piece* first = word->pieces;
  if (first == nullptr || first->quoted || first->kind != PieceKind::Literal) return false;
  const std::string_view text = first->text;
  std::size_t at = name_length(text);
  if (at == 0 || at == text.size()) return false;
  const std::string_view name = text.substr(0, at);
  bool subscripted = false;
  Piece* holder = first;
  if (text[at] == '[') {
    // a[...]=: the end of the subscript may stand in a later piece.
    while (holder != nullptr) {
      const std::size_t close = holder->quoted || holder->kind != PieceKind::Literal
                                    ? std::string_view::npos
                                    : holder->text.find(']', at);
      if (close != std::string_view::npos) {
        at = close + 1;
        break;
      }
      holder = holder->next;
      at = 0;
    }
    if (holder == nullptr) return false;
    subscripted = true;
  }
  const std::string_view rest = holder->text.substr(at);
  const bool append = rest.substr(0, 2) == "+=";
  if (!append && rest.substr(0, 1) != "=") return false;
  AssignNode* assign = arena_.make<AssignNode>();
  assign->name = name;
  assign->append = append;
  assign->subscripted = subscripted;
  Piece* value = arena_.make<Piece>();
  value->text = rest.substr(append ? 2 : 1);
  value->next = holder->next;
  assign->value = value->text.empty() ? value->next : value;
  // What the subscript holds ($(...)) is evaluated too.
  if (subscripted && holder != first) assign->value = first;
  *last = assign;
  last = &assign->next;
  return true;
}

Node* Parser::parse_simple() {
  Node* node = arena_.make<Node>();
  AssignNode** last_assign = &node->assigns;
  WordNode** last_word = &node->words;
  RedirectNode** last_redirect = &node->redirects;
  for (skip_blanks(); !at_end(); skip_blanks()) {
    if (parse_redirect(last_redirect)) continue;
    const char c = peek();
    if (c == '(' && node->words != nullptr && node->words->next == nullptr &&
        node->assigns == nullptr && node->redirects == nullptr) {
      const WordNode* word = node->words;
      ++position_;
      skip_blanks();
      if (!take(")")) {
        fail(misplaced("("));
        return node;
      }
      return parse_function(text_.substr(word->begin, word->end - word->begin));
    }
    if (ends_word(Mode::Plain, c)) break;
    WordNode* word = parse_word();
    if (node->words == nullptr && take_assignment(word, last_assign)) continue;
    *last_word = word;
    last_word = &word->next;
  }
  if (node->words != nullptr && node->words->end <= position_) {
    node->rest = text_.substr(node->words->end, position_ - node->words->end);
  }
  if (node->words == nullptr && node->assigns == nullptr && node->redirects == nullptr) {
    fail(at_end() ? "a command is missing at the end" : misplaced(text_.substr(position_, 1)));
  }
  return node;
}

}  // namespace prodaccess::shell
