#include <doctest/doctest.h>

#include "core/command/shell/script.h"
#include "tests/unit/shell_script_text.h"

using namespace prodaccess;

namespace {

struct Case {
  const char* line;
  const char* expected;
};

void check(const Case& c) {
  CAPTURE(c.line);
  CHECK(script_text(parse_shell(c.line, {})) == std::string(c.expected));
}

template <std::size_t N>
void check_all(const Case (&cases)[N]) {
  for (const Case& c : cases) check(c);
}

}  // namespace

TEST_CASE("quoting of every kind gives the final word") {
  check_all({
      {"rm -rf /x", "rm -rf /x"},
      {"r\\m -rf /x", "rm -rf /x"},
      {"'r'm \"-rf\" /x", "rm -rf /x"},
      {"r''m x", "rm x"},
      {"$'\\x72\\x6d' x", "rm x"},
      {"$'\\162\\155' x", "rm x"},
      {"$'r\\u006d' x", "rm x"},
      {"$\"rm\" x", "rm x"},
      {"r\\\nm x", "rm x"},
      {"echo 'a  b' \"c  d\"", "echo 'a  b' 'c  d'"},
      {"echo \"a\\\"b\\$c\\d\"", "echo 'a\"b$c\\d'"},
      {"echo ''", "echo ''"},
      {"echo \"\"", "echo ''"},
      {"echo a#b #c d", "echo 'a#b'"},
      {"# nothing", ""},
      {"", ""},
      {"echo $'it\\'s'", "echo 'it'\\''s'"},
      {"echo \\", "echo '\\'"},
      {"echo $", "echo '$'"},
      {"echo a$ b", "echo 'a$' b"},
      {"echo 'a\nb'", "echo 'a\nb'"},
  });
}

TEST_CASE("constants are followed along the line") {
  check_all({
      {"a=rm; $a x", "a=rm ; rm x"},
      {"F=-rf; rm $F /", "F=-rf ; F=-rf rm -rf /"},
      {"a='rm -rf'; $a x", "a='rm -rf' ; rm -rf x"},
      {"a='rm -rf'; \"$a\" x", "a='rm -rf' ; 'rm -rf' x"},
      {"a=r; b=m; $a$b x", "a=r ; b=m ; rm x"},
      {"a=rm; b=$a; ${b} x", "a=rm ; b=rm ; rm x"},
      {"a=r; a+=m; $a x", "a=r ; a=rm ; rm x"},
      {"a=rm $a x", "a=rm ''?+ x"},
      {"export a=rm; $a x", "a=rm export a=rm ; a=rm rm x"},
      {"readonly a=rm; $a x", "readonly a=rm ; rm x"},
      {"a=rm; printf -v a ls; $a x", "a=rm ; printf -v a ls ; ''?+ x"},
      {"a=rm; read a; $a x", "a=rm ; read a ; ''?+ x"},
      {"a=rm; eval \"$x\"; $a x", "a=rm ; eval ''? ; ''?+ x"},
      {"a=rm; . ./f; $a x", "a=rm ; . ./f ; ''?+ x"},
      {"declare -n r=a; r=rm; $a x", "declare -n r=a ; r=rm ; ''?+ x"},
      {"declare -l a; a=RM; $a x", "declare -l a ; a=RM ; ''?+ x"},
      {"a=rm; unset a; r${a}m x", "a=rm ; unset a ; rm x"},
      {"a=ls; mapfile a; $a", "a=ls ; mapfile a ; ''?+"},
      {"a=ls; getopts ab a; $a", "a=ls ; getopts ab a ; ''?+"},
      {"a=ls; (( a = 3 )); echo $a", "a=ls ; echo ''?+"},
      {"a=ls; let a=3; echo $a", "a=ls ; let a=3 ; echo ''?+"},
      {"(a=rm); $a x", "a=rm ; ''?+ x"},
      {"a=ls; (a=rm); $a x", "a=ls ; a=rm ; ls x"},
      {"a=ls; true | a=rm; $a x", "a=ls ; true ; a=rm {in ''} ; ''? x"},
      {"a=ls; if x; then a=rm; fi; $a x", "a=ls ; x ; a=rm ; ''? x"},
      {"a=ls; x && a=rm; $a x", "a=ls ; x ; a=rm ; ''? x"},
      {"x && a=rm && $a x", "x ; a=rm ; rm x"},
      {"a=rm || a=ls && $a x", "a=rm ; a=ls ; ''? x"},
      {"for a in rm ls; do $a x; done", "rm x ; ls x"},
      {"for a in 1 2; do b=rm; done; $b x", "b=rm ; b=rm ; ''?+ x"},
      {"b=ls; while t; do $b x; b=rm; done", "b=ls ; t ; ''?+ x ; b=rm"},
      {"for p in $(kubectl get pods); do echo $p; done", "kubectl get pods ; echo ''?"},
      {"set -- rm x; $1 $2", "set -- rm x ; rm x"},
      {"set -- rm x; \"$@\"", "set -- rm x ; rm x"},
      {"set -- rm x; shift; echo $1", "set -- rm x ; shift ; echo x"},
      {"\"$@\"", "''?+"},
      {"$CMD x", "''?+ x"},
      {"a=(rm -rf /); \"${a[@]}\"", "a=rm ; rm -rf /"},
      {"a=(rm -rf); a+=(/x); ${a[@]}", "a=rm ; a=rm ; rm -rf /x"},
      {"a=(rm ls); ${a[1]} x", "a=rm ; ls x"},
  });
}

TEST_CASE("parameter operators on known values") {
  check_all({
      {"a=rmx; ${a%x} f", "a=rmx ; rm f"},
      {"a=xrm; ${a#x} f", "a=xrm ; rm f"},
      {"a=a.b.c; echo ${a##*.} ${a%%.*} ${a#*.} ${a%.*}", "a=a.b.c ; echo c a b.c a.b"},
      {"a=rXm; ${a/X/} f", "a=rXm ; rm f"},
      {"a=rXmX; ${a//X} f", "a=rXmX ; rm f"},
      {"a=RM; ${a,,} f", "a=RM ; rm f"},
      {"a=rm; echo ${a^^} ${a^}", "a=rm ; echo RM Rm"},
      {"a=xrmy; ${a:1:2} f", "a=xrmy ; rm f"},
      {"a=xrm; ${a: -2} f", "a=xrm ; rm f"},
      {"a=; ${a:-rm} f", "a='' ; rm f"},
      {"a=; ${a-rm} f", "a='' ; f"},
      {"unset a; ${a:=rm} f; $a", "unset a ; rm f ; rm"},
      {"a=x; ${a:+rm} f", "a=x ; rm f"},
      {"echo ${#a}", "echo ''?"},
      {"b=rm; a=b; ${!a} f", "b=rm ; a=b ; rm f"},
      {"echo ${a:-$(rm x)}", "rm x ; echo ''?+"},
      {"echo ${a@P}", "echo ''?+"},
      {"echo \"${a:-\"x y\"}\"", "echo ''?"},
  });
}

TEST_CASE("word splitting, braces, tilde and patterns") {
  check_all({
      {"rm${IFS}-rf${IFS}/x", "rm -rf /x"},
      {"IFS=,; a=rm,-rf,/x; $a", "IFS=, ; a=rm,-rf,/x ; rm -rf /x"},
      {"read IFS; a='rm x'; $a", "read IFS ; a='rm x' ; ''?+"},
      {"unset IFS; a='rm x'; $a", "unset IFS ; a='rm x' ; rm x"},
      {"{rm,-rf,/x}", "rm -rf /x"},
      {"echo a{b,c{d,e}}f", "echo abf acdf acef"},
      {"echo {1..3} {a..c} {01..3} {3..1..2}", "echo 1 2 3 a b c 01 02 03 3 1"},
      {"echo {a} {} {a,b {1..}", "echo '{a}' '{}' '{a,b' '{1..}'"},
      {"echo '{a,b}' \\{a,b}", "echo '{a,b}' '{a,b}'"},
      {"echo {\"a b\",$x}", "echo 'a b' ''?+"},
      {"touch f{1..100000}", "touch f?"},
      {"/bin/r[m] x", "'/bin/r[m]'* x"},
      {"ls *.c '*.c' \\*.c", "ls '*.c'* '*.c' '*.c'"},
      {"[ -f x ]", "'[' -f x ']'"},
      {"ls !(a|b)", "ls '!(a|b)'"},
      {"ls +(a|b)*", "ls '+(a|b)*'*"},
      {"cat ~/x ~user/y", "cat '~/x' '~user/y'"},
      {"a=; $a rm x", "a='' ; rm x"},
      {"\"$a\" x", "''? x"},
  });
  const std::map<std::string, std::string, std::less<>> home{{"HOME", "/home/u"}, {"N", "v w"}};
  CHECK(script_text(parse_shell("rm ~ ~/x $N \"$N\" ~x", home)) ==
        "rm /home/u /home/u/x v w 'v w' '~x'");
}

TEST_CASE("substitutions are listed, and known output is followed") {
  check_all({
      {"echo $(rm x)", "rm x ; echo ''?+"},
      {"echo `rm x`", "rm x ; echo ''?+"},
      {"echo \"`rm \\\"x y\\\"`\"", "rm 'x y' ; echo ''?"},
      {"echo `echo \\`rm x\\``", "rm x ; echo ''?+ ; echo ''?+"},
      {"$(echo rm) x", "echo rm ; rm x"},
      {"$(printf 'r%s' m) x", "printf r%s m ; rm x"},
      {"$(printf '\\162m') x", "printf '\\162m' ; rm x"},
      {"$(echo -e '\\x72m') x", "echo -e '\\x72m' ; rm x"},
      {"$(cat <<< rm) x", "cat 0<<<'rm\n' {in 'rm\n'} ; rm x"},
      {"$(which kubectl) get pods", "which kubectl ; kubectl get pods"},
      {"tar cf b-$(date +%F).tar d", "date +%F ; tar cf b-.tar? d"},
      {"diff <(rm x) <(ls)", "rm x ; ls ; diff /dev/fd/63? /dev/fd/63?"},
      {"tee >(rm x)", "rm x ; tee /dev/fd/63?"},
      {"echo $((1+$(rm x)))", "rm x ; echo ''?"},
      {"echo $(( (1+2) * 3 ))", "echo 9"},
      {"echo $((a); (b))", "a ; b ; echo ''?+"},
      {"echo $[1+$(rm x)]", "rm x ; echo ''?"},
      {"echo \"${x:-$(rm x)}\"", "rm x ; echo ''?"},
      {"a[$(rm x)]=1", "rm x ; a=''?"},
      {"[[ -n $(rm x) ]]", "rm x ; '[['"},
      {"(( $(rm x) ))", "rm x"},
      {"for ((i=0;i<$(rm x);i++)); do ls; done", "rm x ; ls"},
      {"case $(a) in $(b)) c;; esac", "a ; b ; c"},
      {"x=$(rm x)", "rm x ; x=''?"},
      {"ls > $(rm x)", "rm x ; ls 1>''?+"},
      {"echo ${a[$(rm x)]}", "rm x ; echo ''?+"},
      {"echo ${ rm x; }", "rm x ; echo ''?+"},
      {"f() { echo rm; }; $(f) x", "echo rm ; rm x"},
      {"$(true && echo rm) x", "true ; echo rm ; ''?+ x"},
  });
}

TEST_CASE("heredocs go to their receiver, and expand unless their delimiter is quoted") {
  check_all({
      {"sh <<EOF\nrm x\nEOF", "sh 0<<'rm x\n' {in 'rm x\n'}"},
      {"sh <<'EOF'\nrm $x\nEOF\nls", "sh 0<<'rm $x\n' {in 'rm $x\n'} ; ls"},
      {"sh <<EOF\nrm $x\nEOF", "sh 0<<'rm \n'?+ {in 'rm \n'?+}"},
      {"cat <<EOF\n$(rm x)\nEOF", "rm x ; cat 0<<'\n'?+ {in '\n'?+}"},
      {"cat <<\\EOF\n$(rm x)\nEOF", "cat 0<<'$(rm x)\n' {in '$(rm x)\n'}"},
      {"cat <<-EOF\n\t\ta\n\tEOF\nls", "cat 0<<'a\n' {in 'a\n'} ; ls"},
      {"cat <<A <<B; ls\na\nA\nb\nB\nid", "cat 0<<'a\n' 0<<'b\n' {in 'b\n'} ; ls ; id"},
      {"cat <<EOF | sh\nrm x\nEOF", "cat 0<<'rm x\n' {in 'rm x\n'} ; sh {in 'rm x\n'}"},
      {"x=$(cat <<EOF\na\nEOF\n); echo $x", "cat 0<<'a\n' {in 'a\n'} ; x=a ; echo a"},
      {"sh <<< 'rm x'", "sh 0<<<'rm x\n' {in 'rm x\n'}"},
      {"echo rm x | sh", "echo rm x ; sh {in 'rm x\n'}"},
      {"printf 'rm %s\\n' a b | sh", "printf 'rm %s\\n' a b ; sh {in 'rm a\nrm b\n'}"},
      {"echo rm x | cat | tee f | sh",
       "echo rm x ; cat {in 'rm x\n'} ; tee f {in 'rm x\n'} ; sh {in 'rm x\n'}"},
      {"{ echo a; echo b; } | sh", "echo a ; echo b ; sh {in 'a\nb\n'}"},
      {"echo $x | sh", "echo ''?+ ; sh"},
      {"while read l; do sh; done <<EOF\nrm x\nEOF",
       "0<<'rm x\n' {in 'rm x\n'} ; read l {in 'rm x\n'} ; sh {in 'rm x\n'}"},
      {"cat <<EOF", "cat 0<<'' {in ''}"},
      {"cat <<EOF\n\"a\" 'b' \\$c\nEOF",
       "cat 0<<'\"a\" '\\''b'\\'' $c\n' {in '\"a\" '\\''b'\\'' $c\n'}"},
  });
}

TEST_CASE("redirects of every kind") {
  check_all({
      {"> f", "1>f"},
      {": > f", ": 1>f"},
      {"ls >f 2>&1 </dev/null", "ls 1>f 2>&1 0</dev/null"},
      {"ls >>f 2>/dev/null", "ls 1>>f 2>/dev/null"},
      {"ls &>f", "ls 1>f"},
      {"ls &>>f", "ls 1>>f"},
      {"ls >&f", "ls 1>f"},
      {"ls >&2", "ls 1>&2"},
      {"ls >|f", "ls 1>|f"},
      {"ls <>f", "ls 0<>f"},
      {"ls {fd}>f 3<&-", "ls 10>f 3>&-"},
      {"ls a2>f", "ls a2 1>f"},
      {"{ ls; } > f", "1>f ; ls"},
      {"while x; do y; done > f", "1>f ; x ; y"},
      {"(ls) 2> f", "2>f ; ls"},
      {"f() { ls; }; f > x", "1>x ; ls"},
  });
}

TEST_CASE("structure: every branch, loop, function and trap is listed") {
  check_all({
      {"a; b && c || d | e & f", "a ; b ; c ; d ; e ; f"},
      {"! a", "a"},
      {"time -p a | b", "a ; b"},
      {"a |& b", "a ; b"},
      {"(a; b)", "a ; b"},
      {"{ a; b; }", "a ; b"},
      {"if a; then b; elif c; then d; else e; fi", "a ; b ; c ; d ; e"},
      {"while a; do b; done", "a ; b"},
      {"until a; do b; done", "a ; b"},
      {"for i in 1; do a $i; done", "a 1"},
      {"for i; do a $i; done", "a ''?+"},
      {"for i in *; do a $i; done", "a ''?"},
      {"for i in 1; { a; }", "a"},
      {"select i in 1 2; do a; done", "a"},
      {"case x in a) b;; (c|d) e;& *) f;;& esac", "b ; e ; f"},
      {"case x in esac", ""},
      {"f() { a $1; }", ""},
      {"f() { a $1; }; f x", "a x"},
      {"function f { a \"$@\"; }; f x y", "a x y"},
      {"function f() (a); f", "a"},
      {"function f (a); f", "a"},
      {"! ; a", "a"},
      {"echo $a{b,c}", "echo ''?+ ''?+"},
      {"ab=1 ac=2; echo $a{b,c}", "ab=1 ac=2 ; echo 1 2"},
      {"unset e; echo ${e:-\"p q\"} ${e:-p q}", "unset e ; echo 'p q' p q"},
      {"IFS=,; set -- a b; echo \"$*\" $*", "IFS=, ; set -- a b ; echo a,b a b"},
      {"echo {a},b}", "echo 'a}' b"},
      {"f() { local v=ls; $v; }; v=rm; f; $v x", "v=rm ; local v=ls ; ls ; rm x"},
      {"f() { a; }; export -f f; bash -c f", "a ; export -f f ; bash -c f"},
      {"f() { f; }; f", " !! the function f calls itself"},
      {"f() { f() { a; }; f; }; f", "a"},
      {":(){ :|:& };:", " !! the function : calls itself"},
      {"x && f() { a; }; f", "x ; a ; f"},
      {"trap 'rm x' EXIT", "rm x"},
      {"trap - EXIT", ""},
      {"eval 'rm x'", "rm x"},
      {"eval rm x", "rm x"},
      {"eval \"a=rm\"; $a x", "a=rm ; rm x"},
      {"command eval 'rm x'", "rm x"},
      {"eval 'eval \"rm x\"'", "rm x"},
      {"alias ls='rm x'\nls y", "alias 'ls=rm x' ; rm x y ; ls y"},
      {"alias ls='ls -l'\nls y", "alias 'ls=ls -l' ; ls -l y ; ls y"},
      {"coproc a b", "a b"},
      {"coproc N { a; }", "a"},
      {"[[ a == b && c =~ (x|y) ]] && d", "'[[' ; d"},
      {"if [[ -f x ]]; then a; fi", "'[[' ; a"},
      {"echo if then fi }", "echo if then fi '}'"},
      {"a;", "a"},
      {"a &", "a"},
      {"a\n\n\nb", "a ; b"},
      {"exec rm x", "exec rm x"},
      {"A=1 B=2 cmd", "A=1 B=2 cmd"},
      {"export A=1; cmd; A=2 cmd", "A=1 export A=1 ; A=1 cmd ; A=1 A=2 cmd"},
  });
}

TEST_CASE("what cannot be read is a problem, and what stood before it is listed") {
  check_all({
      {"rm x; 'a", "rm x ; a !! a single quote is not closed"},
      {"rm x; \"a", "rm x ; a !! a double quote is not closed"},
      {"echo $(rm x", "rm x ; echo ''?+ !! a command substitution is not closed"},
      {"echo ${a", "echo ''?+ !! a parameter expansion is not closed"},
      {"echo `rm x", "echo !! a backtick is not closed"},
      {"rm x &&", "rm x !! a command is missing after && or ||"},
      {"rm x |", "rm x !! a command is missing at the end"},
      {"if a; then rm x", "a ; rm x !! the word fi is missing"},
      {"rm x )", "rm x !! ')' stands where it cannot"},
      {"rm x; fi", "rm x !! 'f' stands where it cannot"},
      {"rm x;; ls", "rm x !! ';' stands where it cannot"},
      {"rm x > ", "rm x 1>'' !! a redirect has no target"},
      {"rm x; f()", "rm x !! a function has no body"},
      {"(rm x", "rm x !! a parenthesis is not closed"},
  });
  CHECK(script_text(parse_shell(std::string("ls\0rm", 5), {})).find("NUL") != std::string::npos);
  CHECK(script_text(parse_shell("ls \xff", {})) == "ls '\xff' !! it is not valid UTF-8");
}

TEST_CASE("substitutions that bash finds in quoted subscripts are told") {
  for (const char* line :
       {"let 'a[$(rm x)]'", "(( 'a[$(rm x)]' ))", "[[ 'a[$(rm x)]' -eq 1 ]]",
        "test -v 'a[$(rm x)]'", "unset 'a[$(rm x)]'", "read 'a[$(rm x)]'",
        "printf -v 'a[$(rm x)]' b", "[ -v 'a[`rm x`]' ]", "x='a[$(rm y)]'; echo $((x))",
        "x='a[$(rm y)]'; [[ x -eq 1 ]]", "x='$(rm y)'; echo ${x@P}", "declare 'a[$(rm x)]=1'"}) {
    CAPTURE(line);
    CHECK(!parse_shell(line, {}).problems.empty());
  }
  for (const char* line : {"printf '[$(x)]'", "declare a='b[$(c)]'", "[ a = b ]", "let a=1",
                           "[[ $a == [a-z]* ]]", "echo 'a[$(b)]'", "read a b", "echo $((a[1]))"}) {
    CAPTURE(line);
    CHECK(parse_shell(line, {}).problems.empty());
  }
}

TEST_CASE("hostile lines end, and only with a problem") {
  std::string nested;
  for (int i = 0; i < 10000; ++i) nested += "$(";
  CHECK(!parse_shell("rm x; echo " + nested, {}).problems.empty());
  CHECK(!parse_shell("echo " + nested + "ls" + std::string(10000, ')'), {}).problems.empty());
  for (const char* piece :
       {"((",  "$((",  "{ ",   "`",     "\"$(",       "${a:-",   "<(",    "[[ ",
        "if ", "f() ", "{a,",  "eval ", "$(a;",       "a=$a$a;", "((a",   "!(",
        "a=(", "$[",   "x()(", "<<a ",  "case a in ", "{1..9}",  "{a,b}", "a1=1;"}) {
    CAPTURE(piece);
    std::string line;
    while (line.size() < 200000) line += piece;
    const Script script = parse_shell(line, {});
    CHECK(script.commands.size() <= 16384);
  }
  std::string functions = "f0() { :; }; ";
  for (int i = 1; i < 60; ++i) {
    const std::string name = "f" + std::to_string(i - 1);
    functions += "f" + std::to_string(i) + "() { " + name + "; " + name + "; }; ";
  }
  CHECK(!parse_shell(functions + "f59", {}).problems.empty());
  std::string loops = "x";
  for (int i = 0; i < 40; ++i) loops = "for i in 1 2 3; do " + loops + "; done";
  CHECK(!parse_shell(loops, {}).commands.empty());
}
