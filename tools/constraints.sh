#!/usr/bin/env bash
# Writes constraints.txt anew: the newest versions that fit pyproject.toml, for every extra and every supported Python.
#
# The lock file that uv needs on the way holds registry addresses, so it is made outside of the repository and dropped.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/sbc_lab"
cp pyproject.toml README.md LICENSE "$work"
cp sbc_lab/_version.py "$work/sbc_lab"
python=$PWD/.venv/bin/python
uv=$PWD/.venv.boot/bin/uv
(cd "$work" && "$uv" export --quiet --python "$python" --all-extras --no-hashes --no-annotate --no-header \
  --no-emit-project --output-file constraints.txt)
if grep -n '://' "$work/constraints.txt"; then
  echo "constraints.txt would hold the addresses above; pins must be name==version only." >&2
  exit 1
fi
cp "$work/constraints.txt" constraints.txt
echo "constraints.txt holds $(wc -l <constraints.txt | tr -d ' ') pins; type make test before you commit it"
