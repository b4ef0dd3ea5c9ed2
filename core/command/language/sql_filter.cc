#include "core/base/text.h"
#include "core/command/language/name_set.h"
#include "core/command/language/sql_statement.h"

namespace prodaccess {
namespace {

constexpr int kDeepest = 32;

// The parts between `separator` words outside parentheses.
std::vector<SqlSpan> parts_of(SqlSpan condition, std::string_view separator) {
  std::vector<SqlSpan> parts;
  std::size_t begin = 0;
  while (begin <= condition.size()) {
    std::size_t end = find_word(condition, separator, begin);
    if (separator == "OR") {
      for (std::size_t i = begin; i + 1 < end; ++i) {
        if (condition[i].symbol('|') && condition[i + 1].symbol('|')) end = i;
      }
    }
    parts.push_back(condition.subspan(begin, end - begin));
    begin = end + (end < condition.size() && condition[end].symbol('|') ? 2 : 1);
  }
  return parts;
}

// Nothing is left of what is nested too deep: it counts as no condition at all.
SqlSpan without_parentheses(SqlSpan condition) {
  for (int level = 0;
       condition.size() >= 2 && condition.front().symbol('(') && condition.back().symbol(')');
       ++level) {
    if (level > kDeepest) return {};
    int depth = 0;
    for (std::size_t i = 0; i + 1 < condition.size(); ++i) {
      if (condition[i].symbol('(')) ++depth;
      if (condition[i].symbol(')') && --depth == 0) return condition;
    }
    condition = condition.subspan(1, condition.size() - 2);
  }
  return condition;
}

bool constant(const SqlToken& token) {
  return token.kind == SqlToken::Kind::Number || token.kind == SqlToken::Kind::String;
}

bool is_key(SqlSpan side) {
  if (side.empty() || side.size() > 3) return false;
  const std::string name = to_lower(side.back().value());
  return name == "id" || name == "rowid" || name == "_id" || name.ends_with("_id") ||
         name == "uuid" || name == "key";
}

bool same(SqlSpan left, SqlSpan right) {
  if (left.size() != right.size() || left.empty()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!equals_ignoring_case(left[i].text, right[i].text)) return false;
  }
  return true;
}

bool holds(const std::string& op, SqlSpan left, SqlSpan right) {
  const bool equal_holds = op == "=" || op == "<=" || op == ">=" || op == "<=>" || op == "==";
  if (same(left, right)) return equal_holds;
  if (left.size() == 1 && right.size() == 1 && constant(left[0]) && constant(right[0]))
    return op == "<>" || op == "!=" || op == "<" || op == "<=" || op == ">" || op == ">=";
  if (!is_key(left)) return false;
  const std::string value = right.size() == 1 ? right[0].value() : std::string();
  const bool negative = right.size() == 2 && right[0].symbol('-');
  return (op == ">" && (value == "0" || negative)) ||
         (op == ">=" && (value == "0" || value == "1" || negative)) ||
         ((op == "<>" || op == "!=") &&
          (value == "0" || negative || (right.size() == 1 && value.empty())));
}

bool comparison_always(SqlSpan atom) {
  for (std::size_t i = 0; i < atom.size(); ++i) {
    const bool starts =
        atom[i].symbol('=') || atom[i].symbol('<') || atom[i].symbol('>') || atom[i].symbol('!');
    if (!starts) continue;
    std::size_t end = i;
    std::string op;
    while (end < atom.size() && atom[end].kind == SqlToken::Kind::Symbol &&
           one_of(atom[end].text, "= < > !"))
      op += atom[end++].text;
    return holds(op, without_parentheses(atom.first(i)), without_parentheses(atom.subspan(end)));
  }
  return false;
}

bool always(SqlSpan condition, int depth);

bool atom_always(SqlSpan atom, int depth) {
  atom = without_parentheses(atom);
  if (atom.empty()) return true;
  if (depth > kDeepest) return true;
  if (find_word(atom, "OR") < atom.size() || find_word(atom, "AND") < atom.size())
    return always(atom, depth + 1);
  if (atom.size() == 1) {
    if (atom[0].is("TRUE")) return true;
    return constant(atom[0]) && atom[0].value() != "0" && atom[0].value() != "";
  }
  if (atom[0].is("NOT") || atom[0].symbol('!')) {
    const SqlSpan rest = without_parentheses(atom.subspan(1));
    return rest.size() == 1 && (rest[0].is("FALSE") || rest[0].value() == "0");
  }
  if (atom.size() >= 3 && atom[atom.size() - 2].is("LIKE")) {
    const std::string pattern = atom.back().value();
    return !pattern.empty() && pattern.find_first_not_of('%') == std::string::npos;
  }
  if (atom.size() >= 4 && atom.back().is("NULL") && atom[atom.size() - 2].is("NOT"))
    return is_key(atom.first(atom.size() - 3));
  if (atom.size() == 3 && atom[1].is("IS") && atom[2].is("TRUE"))
    return atom_always(atom.first(1), depth + 1);
  return comparison_always(atom);
}

// `x IS NULL OR x IS NOT NULL`.
bool halves(SqlSpan one, SqlSpan two) {
  one = without_parentheses(one);
  two = without_parentheses(two);
  if (one.size() > two.size()) std::swap(one, two);
  return one.size() >= 3 && two.size() == one.size() + 1 && one.back().is("NULL") &&
         two.back().is("NULL") && two[two.size() - 2].is("NOT") &&
         same(one.first(one.size() - 2), two.first(two.size() - 3));
}

bool always(SqlSpan condition, int depth) {
  condition = without_parentheses(condition);
  const std::vector<SqlSpan> alternatives = parts_of(condition, "OR");
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    if (i > 0 && halves(alternatives[i - 1], alternatives[i])) return true;
    bool all = true;
    for (const SqlSpan part : parts_of(alternatives[i], "AND"))
      all = all && atom_always(part, depth);
    if (all) return true;
  }
  return false;
}

}  // namespace

bool narrows(SqlSpan statement) {
  const std::size_t where = find_word(statement, "WHERE");
  if (where >= statement.size()) return false;
  std::size_t end = statement.size();
  for (const std::string_view next : {"ORDER", "LIMIT", "RETURNING", "ALLOW", "OPTION", "GO"})
    end = std::min(end, find_word(statement, next, where));
  return !always(statement.subspan(where + 1, end - where - 1), 0);
}

}  // namespace prodaccess
