#include "core/command/language/postgres_filter.h"

#include <cstdlib>

#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

using Index = ParseTree::Index;
constexpr Index kNone = ParseTree::kNone;
constexpr int kDeepest = 64;

enum class Truth { Always, Never, Depends };

Truth opposite(Truth truth) {
  if (truth == Truth::Depends) return truth;
  return truth == Truth::Always ? Truth::Never : Truth::Always;
}

class Filter {
 public:
  explicit Filter(const ParseTree& tree) : tree_(tree) {}

  Truth judge(Index wrapped, int depth) const {
    if (depth > kDeepest) return Truth::Always;
    const Index node = tree_.unwrap(wrapped);
    if (node == kNone) return Truth::Depends;
    const std::string_view kind = tree_[node].key;
    if (kind == "A_Const") return constant(node);
    if (kind == "TypeCast") return cast(node, depth);
    if (kind == "BoolExpr") return boolean(node, depth);
    if (kind == "A_Expr") return expression(node);
    if (kind == "NullTest") return null_test(node);
    if (kind == "BooleanTest") return boolean_test(node, depth);
    if (kind == "SubLink") return sub_select(node);
    if (kind == "CoalesceExpr") return judge(tree_.first(tree_.member(node, "args")), depth + 1);
    return Truth::Depends;
  }

 private:
  Truth constant(Index node) const {
    const Index value = tree_.member(node, "boolval");
    if (value != kNone) return tree_.flag(value, "boolval") ? Truth::Always : Truth::Never;
    const std::string text = tree_.text(tree_.member(node, "sval"), "sval");
    if (one_of(text, "t true y yes on 1 T TRUE True")) return Truth::Always;
    const Index number = tree_.member(node, "ival");
    if (number != kNone)
      return tree_.member(number, "ival") == kNone ? Truth::Never : Truth::Always;
    return Truth::Depends;
  }

  Truth cast(Index node, int depth) const { return judge(tree_.member(node, "arg"), depth + 1); }

  Truth boolean(Index node, int depth) const {
    const Index args = tree_.member(node, "args");
    const std::string op = tree_.text(node, "boolop");
    if (op == "NOT_EXPR") return opposite(judge(tree_.first(args), depth + 1));
    const Truth settles = op == "OR_EXPR" ? Truth::Always : Truth::Never;
    Truth all = opposite(settles);
    for (Index arg = tree_.first(args); arg != kNone; arg = tree_.after(arg, args)) {
      const Truth truth = judge(arg, depth + 1);
      if (truth == settles) return settles;
      if (truth == Truth::Depends) all = Truth::Depends;
    }
    if (op == "OR_EXPR" && all == Truth::Depends && splits_everything(args)) return Truth::Always;
    return all;
  }

  // `x IS NULL OR x IS NOT NULL`, `a = 1 OR a <> 1`: two halves of all there is.
  bool splits_everything(Index args) const {
    const Index one = tree_.unwrap(tree_.first(args));
    const Index next = tree_.after(tree_.first(args), args);
    if (one == kNone || next == kNone) return false;
    const Index two = tree_.unwrap(next);
    if (two == kNone || tree_[one].key != tree_[two].key) return false;
    if (tree_[one].key == "NullTest")
      return same(tree_.member(one, "arg"), tree_.member(two, "arg")) &&
             tree_.text(one, "nulltesttype") != tree_.text(two, "nulltesttype");
    if (tree_[one].key != "A_Expr") return false;
    const std::string ops = op_name(one) + " " + op_name(two);
    const bool opposites = ops == "= <>" || ops == "<> =" || ops == "< >=" || ops == ">= <" ||
                           ops == "> <=" || ops == "<= >";
    return opposites && same(tree_.member(one, "lexpr"), tree_.member(two, "lexpr")) &&
           same(tree_.member(one, "rexpr"), tree_.member(two, "rexpr"));
  }

  std::string op_name(Index node) const {
    const Index names = tree_.member(node, "name");
    const Index last = tree_.first(names);
    return last == kNone ? std::string() : tree_.text(tree_.unwrap(last), "sval");
  }

  Truth expression(Index node) const {
    const std::string kind = tree_.text(node, "kind");
    const Index left = tree_.member(node, "lexpr");
    const Index right = tree_.member(node, "rexpr");
    if (kind == "AEXPR_LIKE" || kind == "AEXPR_ILIKE" || kind == "AEXPR_SIMILAR")
      return catches_all(right, "%") ? Truth::Always : Truth::Depends;
    if (kind == "AEXPR_BETWEEN" || kind == "AEXPR_IN") return Truth::Depends;
    const std::string op = op_name(node);
    if ((op == "~" || op == "~*") && catches_all(right, ".")) return Truth::Always;
    const bool equal_holds = op == "=" || op == "<=" || op == ">=" || kind == "AEXPR_NOT_DISTINCT";
    if (same(left, right)) return equal_holds ? Truth::Always : Truth::Never;
    if (constant_number(left) && constant_number(right))
      return compare(op, number(left), number(right));
    if (is_constant(left) && is_constant(right) && !constant_number(left))
      return op == "<>" ? Truth::Always : Truth::Depends;
    return narrows_nothing(op, left, right) || narrows_nothing(mirrored(op), right, left)
               ? Truth::Always
               : Truth::Depends;
  }

  static std::string mirrored(const std::string& op) {
    if (op == "<") return ">";
    if (op == ">") return "<";
    if (op == "<=") return ">=";
    if (op == ">=") return "<=";
    return op;
  }

  // `id > 0`, `id >= 1`, `id <> -1`: true of every row of a key that counts from one.
  bool narrows_nothing(const std::string& op, Index column, Index value) const {
    if (!is_key(column)) return false;
    if (constant_number(value)) {
      const double bound = number(value);
      return (op == ">" && bound <= 0) || (op == ">=" && bound <= 1) || (op == "<>" && bound <= 0);
    }
    return op == "<>" && is_constant(value);
  }

  bool is_key(Index wrapped) const {
    const Index node = wrapped == kNone ? kNone : tree_.unwrap(wrapped);
    if (node == kNone || tree_[node].key != "ColumnRef") return false;
    const Index fields = tree_.member(node, "fields");
    std::string name;
    for (Index field = tree_.first(fields); field != kNone; field = tree_.after(field, fields))
      name = tree_.text(tree_.unwrap(field), "sval");
    return name == "id" || name.ends_with("_id") || name == "ctid" || name == "oid" ||
           name == "uuid" || name == "key" || name == "pk";
  }

  static Truth compare(const std::string& op, double left, double right) {
    bool holds = false;
    if (op == "=") {
      holds = left == right;
    } else if (op == "<>") {
      holds = left != right;
    } else if (op == "<") {
      holds = left < right;
    } else if (op == ">") {
      holds = left > right;
    } else if (op == "<=") {
      holds = left <= right;
    } else if (op == ">=") {
      holds = left >= right;
    } else {
      return Truth::Depends;
    }
    return holds ? Truth::Always : Truth::Never;
  }

  bool is_constant(Index wrapped) const {
    const Index node = wrapped == kNone ? kNone : tree_.unwrap(wrapped);
    return node != kNone && tree_[node].key == "A_Const";
  }

  // A constant number, a sign before it included.
  Index number_node(Index wrapped) const {
    const Index node = wrapped == kNone ? kNone : tree_.unwrap(wrapped);
    if (node == kNone) return kNone;
    if (tree_[node].key == "A_Const" &&
        (tree_.member(node, "ival") != kNone || tree_.member(node, "fval") != kNone))
      return node;
    const bool sign =
        tree_[node].key == "A_Expr" && tree_.member(node, "lexpr") == kNone && op_name(node) == "-";
    return sign && is_constant(tree_.member(node, "rexpr")) ? node : kNone;
  }
  bool constant_number(Index wrapped) const { return number_node(wrapped) != kNone; }

  double number(Index wrapped) const {
    const Index node = number_node(wrapped);
    if (tree_[node].key == "A_Expr") return -number(tree_.member(node, "rexpr"));
    const Index whole = tree_.member(node, "ival");
    const std::string text =
        whole != kNone ? tree_.text(whole, "ival") : tree_.text(tree_.member(node, "fval"), "fval");
    return text.empty() ? 0 : std::strtod(text.c_str(), nullptr);
  }

  bool catches_all(Index wrapped, std::string_view any) const {
    if (!is_constant(wrapped)) return false;
    const std::string text = tree_.text(tree_.member(tree_.unwrap(wrapped), "sval"), "sval");
    if (any == "%") return !text.empty() && text.find_first_not_of('%') == std::string::npos;
    return text.find_first_not_of(".*^$") == std::string::npos;
  }

  Truth null_test(Index node) const {
    const bool not_null = tree_.text(node, "nulltesttype") == "IS_NOT_NULL";
    const Index arg = tree_.member(node, "arg");
    if (is_key(arg) || is_constant(arg)) return not_null ? Truth::Always : Truth::Never;
    return Truth::Depends;
  }

  Truth boolean_test(Index node, int depth) const {
    const Truth truth = judge(tree_.member(node, "arg"), depth + 1);
    const std::string test = tree_.text(node, "booltesttype");
    if (test == "IS_TRUE" || test == "IS_NOT_FALSE") return truth;
    if (test == "IS_FALSE" || test == "IS_NOT_TRUE") return opposite(truth);
    return test == "IS_NOT_UNKNOWN" ? Truth::Always : Truth::Depends;
  }

  // A sub-select without a filter of its own: `EXISTS (SELECT 1)`, `id IN (SELECT id FROM t)`.
  Truth sub_select(Index node) const {
    const std::string type = tree_.text(node, "subLinkType");
    if (type != "EXISTS_SUBLINK" && type != "ANY_SUBLINK") return Truth::Depends;
    const Index select = tree_.unwrap(tree_.member(node, "subselect"));
    if (select == kNone || tree_[select].key != "SelectStmt") return Truth::Depends;
    for (const std::string_view limits :
         {"whereClause", "havingClause", "limitCount", "groupClause", "larg", "valuesLists"}) {
      const Index part = tree_.member(select, limits);
      if (part == kNone) continue;
      if (limits == "whereClause" && judge(part, kDeepest / 2) == Truth::Always) continue;
      return Truth::Depends;
    }
    const Index from = tree_.member(select, "fromClause");
    if (type == "EXISTS_SUBLINK") return Truth::Always;
    return from != kNone && tree_.after(tree_.first(from), from) == kNone &&
                   is_key(tree_.member(node, "testexpr"))
               ? Truth::Always
               : Truth::Depends;
  }

  // Whether two expressions are written alike, their places in the text aside.
  bool same(Index one, Index two) const {
    if (one == kNone || two == kNone) return false;
    if (tree_[one].end - one != tree_[two].end - two) return false;
    for (Index i = 1; one + i < tree_[one].end; ++i) {
      const ParseTree::Node& a = tree_[one + i];
      const ParseTree::Node& b = tree_[two + i];
      if (a.key != b.key || a.container != b.container) return false;
      if (a.key != "location" && a.raw != b.raw) return false;
    }
    return true;
  }

  const ParseTree& tree_;
};

}  // namespace

bool narrows(const ParseTree& tree, ParseTree::Index clause) {
  return clause != kNone && Filter(tree).judge(clause, 0) != Truth::Always;
}

}  // namespace prodaccess
