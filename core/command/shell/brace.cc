#include "core/command/shell/brace.h"

#include <charconv>
#include <optional>
#include <string>

namespace prodaccess::shell {
namespace {

constexpr int kDeepestBraces = 32;
constexpr std::size_t kMostBraceSteps = 1U << 20U;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// An unquoted character, or a piece that is carried along as it is.
struct Item {
  char character = '\0';
  const Piece* piece = nullptr;
};
using Items = std::vector<Item>;

class Expansion {
 public:
  Expansion(const Piece* pieces, Arena& arena) : arena_(arena) {
    for (const Piece* piece = pieces; piece != nullptr; piece = piece->next) {
      if (piece->kind == PieceKind::Literal && !piece->quoted) {
        for (const char c : piece->text) items_.push_back({c, nullptr});
      } else {
        items_.push_back({'\0', piece});
      }
    }
  }

  bool run(std::vector<Piece*>& words) {
    std::vector<Items> results;
    if (!expand(0, items_.size(), 0, results)) return false;
    for (const Items& result : results) words.push_back(pieces_of(result));
    return true;
  }

 private:
  // The `}` of the `{` at `begin`, as bash finds it: one that comes before any comma or `..` of its
  // own level closes nothing.
  std::size_t closing(std::size_t begin, std::size_t end) {
    int level = 0;
    bool divided = false;
    for (std::size_t i = begin + 1; i < end; ++i) {
      if (++steps_ > kMostBraceSteps) return kNone;
      const char c = items_[i].character;
      if (c == '}' && level == 0 && divided) return i;
      if (c == '{') {
        ++level;
      } else if (c == '}' && level > 0) {
        --level;
      } else if (level == 0 &&
                 (c == ',' || (c == '.' && i + 1 < end && items_[i + 1].character == '.'))) {
        divided = true;
      }
    }
    return kNone;
  }

  // The places of the commas that divide the group between `begin` and `close`.
  std::vector<std::size_t> commas(std::size_t begin, std::size_t close) const {
    std::vector<std::size_t> places;
    int level = 0;
    for (std::size_t i = begin + 1; i < close; ++i) {
      const char c = items_[i].character;
      if (c == '{') ++level;
      if (c == '}' && level > 0) --level;
      if (c == ',' && level == 0) places.push_back(i);
    }
    return places;
  }

  bool expand(std::size_t begin, std::size_t end, int depth, std::vector<Items>& results) {
    if (depth > kDeepestBraces) return false;
    results.assign(1, Items{});
    for (std::size_t i = begin; i < end; ++i) {
      std::vector<Items> alternatives;
      const std::size_t close = items_[i].character == '{' ? closing(i, end) : kNone;
      if (steps_ > kMostBraceSteps) return false;
      if (close != kNone) {
        if (!expand_group(i, close, depth, alternatives)) return false;
        if (!alternatives.empty()) {
          i = close;
          if (!multiply(results, alternatives)) return false;
          continue;
        }
      }
      bytes_ += results.size();
      if (bytes_ > kMostBraceBytes) return false;
      for (Items& result : results) result.push_back(items_[i]);
    }
    return true;
  }

  // None where the braces are no group and stand for themselves.
  bool expand_group(std::size_t begin, std::size_t close, int depth,
                    std::vector<Items>& alternatives) {
    const std::vector<std::size_t> dividers = commas(begin, close);
    if (dividers.empty()) {
      sequence(begin + 1, close, alternatives);
      return true;
    }
    std::size_t from = begin + 1;
    for (std::size_t i = 0; i <= dividers.size(); ++i) {
      const std::size_t to = i < dividers.size() ? dividers[i] : close;
      std::vector<Items> part;
      if (!expand(from, to, depth + 1, part)) return false;
      alternatives.insert(alternatives.end(), part.begin(), part.end());
      if (alternatives.size() > kMostBraceWords) return false;
      from = to + 1;
    }
    return true;
  }

  bool multiply(std::vector<Items>& results, const std::vector<Items>& alternatives) {
    if (results.size() * alternatives.size() > kMostBraceWords) return false;
    std::vector<Items> product;
    product.reserve(results.size() * alternatives.size());
    for (const Items& left : results) {
      for (const Items& right : alternatives) {
        bytes_ += left.size() + right.size();
        if (bytes_ > kMostBraceBytes) return false;
        product.push_back(left);
        product.back().insert(product.back().end(), right.begin(), right.end());
      }
    }
    results = std::move(product);
    return true;
  }

  // {x..y} and {x..y..step}.
  void sequence(std::size_t begin, std::size_t end, std::vector<Items>& alternatives) {
    std::string text;
    for (std::size_t i = begin; i < end; ++i) {
      if (items_[i].piece != nullptr || text.size() > 64) return;
      text += items_[i].character;
    }
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) return;
    const std::size_t more = text.find("..", dots + 2);
    const std::string from = text.substr(0, dots);
    const std::string to =
        text.substr(dots + 2, more == std::string::npos ? std::string::npos : more - dots - 2);
    std::int64_t step = 1;
    if (more != std::string::npos) {
      const std::optional<std::int64_t> given = number(text.substr(more + 2));
      if (!given) return;
      step = *given == 0 ? 1 : std::abs(*given);
    }
    if (const auto first = number(from), last = number(to); first && last) {
      const bool padded = (from.size() > 1 && (from[0] == '0' || from.substr(0, 2) == "-0")) ||
                          (to.size() > 1 && (to[0] == '0' || to.substr(0, 2) == "-0"));
      return numbers(*first, *last, step, padded ? std::max(from.size(), to.size()) : 0,
                     alternatives);
    }
    const auto letter = [](const std::string& s) {
      return s.size() == 1 && is_name_start(s[0]) && s[0] != '_';
    };
    if (!letter(from) || !letter(to)) return;
    const int last = to[0];
    const int stride = static_cast<int>(std::min<std::int64_t>(step, 100));
    for (int c = from[0]; from[0] <= to[0] ? c <= last : c >= last;
         c += from[0] <= to[0] ? stride : -stride) {
      alternatives.push_back({{static_cast<char>(c), nullptr}});
    }
  }

  static std::optional<std::int64_t> number(std::string_view text) {
    if (!text.empty() && text[0] == '+') text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (value > INT32_MAX || value < -INT32_MAX) return std::nullopt;
    return value;
  }

  void numbers(std::int64_t first, std::int64_t last, std::int64_t step, std::size_t width,
               std::vector<Items>& alternatives) {
    if (std::abs(last - first) / step >= static_cast<std::int64_t>(kMostBraceWords)) {
      Piece* unknown = arena_.make<Piece>();
      unknown->kind = PieceKind::Parameter;
      unknown->quoted = true;
      unknown->parameter = arena_.make<Parameter>();
      alternatives.push_back({{'\0', unknown}});
      return;
    }
    const std::int64_t stride = first <= last ? step : -step;
    for (std::int64_t n = first; first <= last ? n <= last : n >= last; n += stride) {
      std::string digits = std::to_string(std::abs(n));
      const std::size_t sign = n < 0 ? 1 : 0;
      if (digits.size() + sign < width) digits.insert(0, width - digits.size() - sign, '0');
      if (n < 0) digits.insert(0, 1, '-');
      Items items;
      for (const char c : digits) items.push_back({c, nullptr});
      alternatives.push_back(std::move(items));
    }
  }

  Piece* pieces_of(const Items& items) {
    Piece* first = nullptr;
    Piece** last = &first;
    Piece* before = nullptr;
    const auto append = [&](const Piece& piece) {
      before = arena_.make<Piece>();
      *before = piece;
      before->next = nullptr;
      *last = before;
      last = &before->next;
    };
    std::string run;
    const auto flush = [&] {
      if (before != nullptr) run.erase(0, lengthen_name(*before, run));
      if (run.empty()) return;
      Piece literal;
      literal.text = arena_.keep(run);
      append(literal);
      run.clear();
    };
    for (const Item& item : items) {
      if (item.piece == nullptr) {
        run += item.character;
      } else {
        flush();
        append(*item.piece);
      }
    }
    flush();
    return first;
  }

  // $x{a,b} is $xa $xb. Returns how many characters the name took.
  std::size_t lengthen_name(Piece& piece, std::string_view run) {
    if (piece.kind != PieceKind::Parameter || !piece.parameter->bare || piece.quoted) return 0;
    if (!is_name(piece.parameter->name)) return 0;
    std::size_t length = 0;
    while (length < run.size() && is_name_char(run[length])) ++length;
    if (length == 0) return 0;
    Parameter* parameter = arena_.make<Parameter>();
    *parameter = *piece.parameter;
    parameter->name =
        arena_.keep(std::string(parameter->name) + std::string(run.substr(0, length)));
    piece.parameter = parameter;
    return length;
  }

  Arena& arena_;
  Items items_;
  std::size_t bytes_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace

bool expand_braces(const Piece* pieces, Arena& arena, std::vector<Piece*>& words) {
  return Expansion(pieces, arena).run(words);
}

}  // namespace prodaccess::shell
