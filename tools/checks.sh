#!/usr/bin/env bash
# Runs the checks and says what to do about each that failed: `tools/checks.sh all` or `tools/checks.sh quick`.
#
# Lives here: which checks there are and their order. Does not live here: their settings (pyproject.toml).
# Every check runs even when an earlier one failed, pytest last, so that the last line is its summary; the failures
# before it are handed to tests/conftest.py, which repeats them just above that line.
set -uo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
failed=''

check() {
  local name=$1 advice=$2
  shift 2
  printf -- '-- %s\n' "$name"
  if ! "$@"; then failed+="$name failed: $advice"$'\n'; fi
}

check "format" "type: make format" "$python" -m ruff format --check --quiet .
check "lint" "mend the lines named above; make format mends some of them" "$python" -m ruff check --quiet .
check "types" "mend the lines named above" "$python" -m mypy

# One file stays with one worker, because what is dear is loaded once per file. More than eight workers only wait.
options=(--numprocesses logical --maxprocesses 8 --dist loadfile --quiet)
if [[ ${1:-all} == quick ]]; then options+=(-m "not slow" --hypothesis-profile quick); fi
printf -- '-- tests\n'
export SBC_FAILED_CHECKS=$failed
"$python" -m pytest "${options[@]}"
status=$?
[[ -z $failed ]] || status=1
exit "$status"
