# What the scripts here share: a folder to work in, a sweep, and the check that its merged shards are the sweep of one process.
# Each script sources it. WGRAD is the program; --no-install installs nothing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WGRAD=${WGRAD:-$root/target/release/wgrad}
install=yes
[ "${1:-}" = --no-install ] && install=no

skip() { echo "skipped: $*"; exit 0; }

# Whether `$1` is a program in PATH, or a pattern of files that there are.
has() { command -v "$1" >/dev/null || compgen -G "$1" >/dev/null; }

# Installs Debian packages if there is no `$1`.
need() {
    local program=$1; shift
    PATH=$PATH:/usr/sbin; export PATH
    has "$program" && return
    [ $install = yes ] && command -v apt-get >/dev/null || skip "no $program here"
    local as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 </dev/null || skip "$* cannot be installed"
    has "$program" || skip "no $program here"
}

# A Python environment with the packages `$@`.
python_with() {
    local packages=("$@")
    python3 -m venv "$work/venv" 2>/dev/null || skip "no Python environment can be made here"
    [ $install = yes ] || skip "no ${packages[*]} here"
    "$work/venv/bin/pip" install --quiet "${packages[@]}" >/dev/null 2>&1 || skip "${packages[*]} cannot be installed"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export WGRAD

sweep="iris --folds 4 --hidden 4,8-4 --lr 0.003,0.03 --seeds 3 --epochs 8 --device cpu --quiet"

# Trains the sweep in one process, into `whole`.
whole() { "$WGRAD" sweep $sweep --out whole >/dev/null; }

# Merges the shards in the folders `$@`, and compares the result with `whole`.
merged() {
    "$WGRAD" sweep --quiet --out merged --merge "$@" >/dev/null
    cmp whole/model.safetensors merged/model.safetensors
    cmp whole/config.toml merged/config.toml
    rm -r merged
}
