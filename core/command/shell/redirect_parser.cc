// Redirects and the bodies of heredocs.
#include "core/command/shell/nesting.h"
#include "core/command/shell/parser.h"

namespace prodaccess::shell {

void Parser::parse_redirects(Node* node) {
  RedirectNode** last = &node->redirects;
  while (*last != nullptr) last = &(*last)->next;
  for (skip_blanks(); !at_end() && parse_redirect(last); skip_blanks()) continue;
}

// One redirect at this place, if there is one.
bool Parser::parse_redirect(RedirectNode**& last) {
  std::size_t at = 0;
  int descriptor = -1;
  if (is_digit(peek())) {
    descriptor = 0;
    for (; is_digit(peek(at)); ++at) {
      descriptor = descriptor < 100000 ? descriptor * 10 + (peek(at) - '0') : descriptor;
    }
  } else if (peek() == '{') {
    const std::size_t length = name_length(text_.substr(position_ + 1));
    if (length == 0 || peek(length + 1) != '}') return false;
    at = length + 2;
    descriptor = 10;  // the shell chooses one above 9
  }
  const bool ampersand = at == 0 && peek() == '&' && peek(1) == '>';
  if (ampersand) at = 1;
  const char c = peek(at);
  if (c != '<' && c != '>') return false;
  if (at == 0 && peek(1) == '(') return false;  // a process substitution
  position_ += at;
  RedirectNode* redirect = arena_.make<RedirectNode>();
  redirect->both = ampersand;
  using Kind = Redirect::Kind;
  struct Form {
    std::string_view token;
    Kind kind;
  };
  constexpr std::array<Form, 10> kForms{{{"<<<", Kind::HereString},
                                         {"<<-", Kind::Heredoc},
                                         {"<<", Kind::Heredoc},
                                         {"<&", Kind::Duplicate},
                                         {"<>", Kind::ReadWrite},
                                         {"<", Kind::Read},
                                         {">>", Kind::Append},
                                         {">&", Kind::Duplicate},
                                         {">|", Kind::Clobber},
                                         {">", Kind::Write}}};
  for (const Form& form : kForms) {
    if (!take(form.token)) continue;
    redirect->kind = form.kind;
    redirect->strip_tabs = form.token == "<<-";
    break;
  }
  redirect->descriptor = descriptor >= 0 ? descriptor : (c == '<' ? 0 : 1);
  *last = redirect;
  last = &redirect->next;
  read_redirect_target(redirect);
  // >&FILE is &>FILE; >&2 and >&- are not.
  if (c == '>' && redirect->kind == Redirect::Kind::Duplicate && descriptor < 0 &&
      redirect->target != nullptr && redirect->target->pieces != nullptr) {
    const Piece* piece = redirect->target->pieces;
    const bool descriptor_word = piece->kind == PieceKind::Literal && !piece->text.empty() &&
                                 (is_digit(piece->text[0]) || piece->text[0] == '-');
    if (!descriptor_word) {
      redirect->kind = Redirect::Kind::Write;
      redirect->both = true;
    }
  }
  return true;
}

void Parser::read_redirect_target(RedirectNode* redirect) {
  skip_blanks();
  const std::size_t begin = position_;
  if (at_end() || ends_word(Mode::Plain, peek())) return fail("a redirect has no target");
  redirect->target = parse_word();
  if (redirect->kind != Redirect::Kind::Heredoc) return;
  // The delimiter is the word without its quotes; any quoting makes the body literal.
  std::string delimiter;
  for (const char c : text_.substr(begin, position_ - begin)) {
    if (c == '\'' || c == '"' || c == '\\') {
      redirect->literal_body = true;
    } else {
      delimiter += c;
    }
  }
  redirect->delimiter = arena_.keep(delimiter);
  pending_.push_back(redirect);
}

// The lines up to the delimiter, from this place on.
std::string_view Parser::read_heredoc_body(const RedirectNode& redirect) {
  const std::size_t begin = position_;
  while (position_ < text_.size()) {
    std::size_t start = position_;
    const std::size_t found = text_.find('\n', position_);
    const std::size_t end = found == std::string_view::npos ? text_.size() : found;
    position_ = found == std::string_view::npos ? end : end + 1;
    const std::size_t line = start;
    while (redirect.strip_tabs && start < end && text_[start] == '\t') ++start;
    if (text_.substr(start, end - start) == redirect.delimiter) {
      return text_.substr(begin, line - begin);
    }
  }
  return text_.substr(begin);
}

void Parser::read_heredocs() {
  std::vector<RedirectNode*> pending;
  pending.swap(pending_);
  for (RedirectNode* redirect : pending) {
    if (failed_) return;
    std::string_view body = read_heredoc_body(*redirect);
    if (redirect->strip_tabs) {
      std::string stripped;
      bool line_start = true;
      for (const char c : body) {
        if (line_start && c == '\t') continue;
        stripped += c;
        line_start = c == '\n';
      }
      body = arena_.keep(stripped);
    }
    if (redirect->literal_body) {
      Pieces pieces;
      append_text(pieces, body, true);
      redirect->body = pieces.first;
    } else {
      const Inside inside(*this, body);
      redirect->body = parse_pieces(Mode::Heredoc);
    }
  }
}

}  // namespace prodaccess::shell
