# The steps of `./dev test`, sourced by `dev`. Each step prints its own figures; the last line sums up.

passed=0
failed=0
skipped=0

# A figure that a step's output does not name is none.
count() {  # PASSED FAILED SKIPPED
  passed=$((passed + ${1:-0})); failed=$((failed + ${2:-0})); skipped=$((skipped + ${3:-0}))
}

# Runs one step's command; the step counts as one test beside those it reports itself.
step() {  # NAME COMMAND...
  local name=$1
  shift
  say "$name"
  if "$@"; then count 1 0 0; else count 0 1 0; echo "FAILED: $name"; fi
}

run_unit() {  # BUILD-FOLDER
  local log="$1/unit.log"
  "$1/bin/unit_tests" --no-colors | tee "$log"
  local status=${PIPESTATUS[0]}
  count "$(sed -nE 's/.*test cases: *[0-9]+ \| *([0-9]+) passed.*/\1/p' "$log")" 0 0
  return "$status"
}

run_fuzz_corpora() {
  local target name
  for target in build/sanitized/bin/fuzz_*; do
    name=$(basename "$target")
    [ -d "tests/fuzz/corpus/$name" ] || { echo "$name: no corpus"; return 1; }
    "$target" -runs=0 -artifact_prefix=build/sanitized/ "tests/fuzz/corpus/$name" 2>"build/sanitized/$name.log" ||
      { tail -n 40 "build/sanitized/$name.log"; return 1; }
    echo "$name: $(ls "tests/fuzz/corpus/$name" | wc -l) inputs replayed"
  done
}

# What is found lies in build/sanitized/found, beside the corpus that is kept; every target has its turn.
run_fuzz() {  # [--seconds N]
  local seconds=60
  [ "${1:-}" = --seconds ] && seconds=$2
  local target name found
  local broken=()
  for target in build/sanitized/bin/fuzz_*; do
    name=$(basename "$target")
    found="build/sanitized/found/$name"
    mkdir -p "$found"
    say "$name for ${seconds}s"
    "$target" -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 -artifact_prefix="$found-" "$found" \
      "tests/fuzz/corpus/$name" || broken+=("$name")
  done
  say "${#broken[@]} targets failed ${broken[*]:-}"
  [ ${#broken[@]} -eq 0 ]
}

# Most of these wait for servers and deadlines, so one more than the cores run side by side; those of
# one file in one process, which share their servers.
run_real() {  # PYTEST-OPTIONS...
  local log=build/real.log
  PRODACCESS_BIN="$PWD/build/bin/prodaccess" PRODACCESS_BUILD="$PWD/build" \
    "$venv/bin/python" -m pytest -p no:cacheprovider -q -rs -n $((jobs + 1)) --dist loadfile tests/real tests/fault "$@" | tee "$log"
  local status=${PIPESTATUS[0]}
  local summary
  summary=$(tail -n 1 "$log")
  told() { sed -nE "s/(^|.*[^0-9])([0-9]+) $1.*/\2/p" <<<"$summary"; }
  count "$(told passed)" "$(told failed)" "$(told skipped)"
  return "$status"
}

run_lint() {
  python3 tests/support/lint.py
}

run_tests() {
  local only="" full=""
  while [ $# -gt 0 ]; do
    case $1 in
      --only) only=$2; shift 2 ;;
      --full) full=1; shift ;;
      *) echo "./dev test: unknown option $1" >&2; exit 2 ;;
    esac
  done
  wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }
  if [ -n "$full" ]; then export PRODACCESS_TEST_FULL=1; fi
  say "release build (gcc)"
  build_release
  if wanted unit; then step "unit tests" run_unit build; fi
  if wanted sanitized || wanted fuzz; then
    say "sanitized build (clang)"
    build_sanitized
  fi
  if wanted sanitized; then step "unit tests, sanitized" run_unit build/sanitized; fi
  if wanted fuzz; then step "fuzz corpora" run_fuzz_corpora; fi
  if wanted real; then step "real servers and clients" run_real; fi
  if wanted lint; then step "lint" run_lint; fi
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ]
}
