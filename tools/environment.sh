#!/usr/bin/env bash
# Makes or repairs .venv with the extras named in the arguments: `tools/environment.sh demo test`.
#
# Lives here: which Python is used, how uv is obtained, what counts as finished. Does not live here: what is installed
# (pyproject.toml), in which version (constraints.txt), and what is run afterwards (Makefile).
# PYTHON=... chooses the interpreter. Nothing needs the network once the environment is finished.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
extras=${*:-demo}
stamp=.venv/.sbc-installed
begun=.venv/.sbc-begun

say() { printf '%s\n' "$*" >&2; }
stop() { say "make: $*"; exit 1; }

# ------------------------------------------------------------------ which interpreter
facts='
import os, sys, sysconfig
real = os.path.realpath(sys.executable)
folders, folder = [], os.path.dirname(real)
while folder != os.path.dirname(folder):
    folders.append(folder)
    folder = os.path.dirname(folder)
private = any(not os.stat(f).st_mode & 1 for f in folders)
print("ok" if (3, 11) <= sys.version_info[:2] < (3, 14) else "wrong", "private" if private else "shared")
print("%d.%d.%d" % sys.version_info[:3])
print(real)
'
# Prints "ok|wrong private|shared", the version and the real path of the interpreter; nothing when it cannot run.
look_at() { "$1" -c "$facts" 2>/dev/null || true; }
suits() { [[ $(look_at "$1") == ok* ]]; }

choose_python() {
  if [[ -n ${PYTHON:-} ]]; then
    suits "$PYTHON" || stop "PYTHON=$PYTHON is not a Python from 3.11 to 3.13. Give the path of one, or leave PYTHON out."
    printf '%s\n' "$PYTHON"
    return
  fi
  local candidate found=''
  for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if suits "$candidate"; then found=$candidate; break; fi
  done
  if [[ -z $found ]]; then
    stop "Python from 3.11 to 3.13 is needed, the python3 found here is" \
      "$(look_at python3 | sed -n 2p | grep . || echo none). Install one, then type: make demo PYTHON=/path/to/python3.12"
  fi
  # Accounts made by a hub cannot execute an interpreter that lies under somebody's private home.
  if [[ $(look_at "$found") == "ok private"* ]] && suits /usr/bin/python3; then found=/usr/bin/python3; fi
  printf '%s\n' "$found"
}

# ------------------------------------------------------------------ uv
works() { "$@" >/dev/null 2>&1; }

# Puts uv into .venv.boot. Debian's own python3 may come without ensurepip, one compiled by hand without ssl, so any
# Python that has both will do here.
bring_uv() {
  works .venv.boot/bin/uv --version && return
  rm -rf .venv.boot
  local candidate
  for candidate in "$1" python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    works "$candidate" -c 'import ensurepip, ssl, venv' || continue
    works "$candidate" -m venv --clear .venv.boot || continue
    say "fetching the installer uv"
    .venv.boot/bin/python -m pip install -qq --disable-pip-version-check 'uv>=0.9,<1' ||
      stop "pip could not install uv: see the lines above. Check the network, then repeat the command; it resumes."
    return
  done
  stop "no Python here can make a virtual environment. Type: apt-get install python3-venv"
}

# ------------------------------------------------------------------ what counts as finished
# A finished environment names its place (a moved clone would run the sources of the old one) and what it was made from.
wanted() {
  printf 'root %s\npython %s\n' "$root" "$1"
  cksum pyproject.toml constraints.txt sbc_lab/_version.py
}

is_finished() {
  [[ -f $stamp && -f .venv/pyvenv.cfg ]] || return 1
  works .venv/bin/python -c 'import sbc_lab' || return 1
  local extra have
  have=$(sed -n 's/^extras //p' "$stamp")
  for extra in $extras; do [[ " $have " == *" $extra "* ]] || return 1; done
  cmp -s <(grep -v '^extras ' "$stamp") <(wanted "$1")
}

install() {
  local list had='' quiet=(--quiet)
  if [[ -f $stamp ]]; then had=$(sed -n 's/^extras //p' "$stamp"); fi
  bring_uv "$1"
  # An installation that was killed may have left half a package behind, which nothing can tell from a whole one. What
  # was downloaded lies in uv's cache, so beginning again is quick.
  if [[ -f $begun || $(look_at .venv/bin/python | sed -n 3p) != "$(look_at "$1" | sed -n 3p)" ]]; then
    say "making .venv with Python $(look_at "$1" | sed -n 2p) ($1)"
    .venv.boot/bin/uv venv --quiet --clear --python "$1" .venv
    had=''
  fi
  rm -f "$stamp"
  touch "$begun"
  # shellcheck disable=SC2086  # both are lists of words
  list=$(printf '%s\n' $extras $had | sort -u | paste -sd ' ' -)
  say "installing sbc_lab with: $list (a minute or two the first time)"
  if [[ -t 2 ]]; then quiet=(); fi
  # Without byte code the first import takes three times as long; PYTHONDONTWRITEBYTECODE must not prevent it.
  env -u PYTHONDONTWRITEBYTECODE .venv.boot/bin/uv pip install ${quiet[@]+"${quiet[@]}"} --compile-bytecode \
    --python .venv/bin/python --constraint constraints.txt --editable ".[${list// /,}]" ||
    stop "the installation stopped: see the lines above. Nothing is lost; repeat the command and it resumes."
  works .venv/bin/python -c 'import sbc_lab' ||
    stop "sbc_lab was installed but cannot be imported. Type: .venv/bin/python -c 'import sbc_lab'"
  # As the owner, so that whoever uses this environment later, whatever it may write, waits for no compiler.
  say "compiling the kernels (half a minute the first time)"
  .venv/bin/python -m sbc_lab.cli kernels compile >&2 ||
    stop "the kernels could not be compiled: see the lines above. Type: .venv/bin/python -m sbc_lab.cli kernels compile"
  { wanted "$1"; printf 'extras %s\n' "$list"; } >"$stamp"
  rm -f "$begun"
}

python=$(choose_python)
is_finished "$python" || install "$python"
