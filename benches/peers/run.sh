#!/usr/bin/env bash
# Times the same work in wgrad and in the peers that are installed, in turns, and prints medians and ratios.
#
#   benches/peers/run.sh [--rounds N] [WORKLOAD...]     WORKLOAD: step article population rows mnist sweep [all of them],
#                                                       or ladder products, which are for GPUs
#
# PYTHON=python3      the interpreter that has torch, jax or scikit-learn; what it lacks is skipped, with a line that says so
# WGRAD=FILE          the wgrad program [target/release/wgrad, built if it is not there]
# PEER_DEVICE=all     wgrad's --device
# WGRAD_DATA=DIR      DIR/mnist for the workload mnist
# RESULTS=FILE        keeps the JSON lines: one per figure and round
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

fail() { echo "run.sh: $*" >&2; exit 2; }
say() { echo "$*" >&2; }

rounds=3
workloads=()
while [ $# -gt 0 ]; do
    case "$1" in
        --rounds) rounds=${2:-}; [[ $rounds =~ ^[1-9][0-9]*$ ]] || fail "--rounds: expected a number of at least 1"; shift ;;
        step|article|population|rows|mnist|sweep|ladder|products) workloads+=("$1") ;;
        -h|--help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0"; exit 0 ;;
        *) fail "$1: expected --rounds N, or step, article, population, rows, mnist, sweep, ladder, products" ;;
    esac
    shift
done
[ ${#workloads[@]} -gt 0 ] || workloads=(step article population rows mnist sweep)

PYTHON=${PYTHON:-python3}
command -v "$PYTHON" >/dev/null || fail "PYTHON=$PYTHON: not found; name an interpreter of Python 3.9 or later"
if [ -z "${WGRAD:-}" ]; then
    WGRAD=$root/target/release/wgrad
    [ -x "$WGRAD" ] || (cd "$root" && cargo build --release)
fi
[ -x "$WGRAD" ] || fail "WGRAD=$WGRAD: no such program"
WGRAD=$(cd "$(dirname "$WGRAD")" && pwd)/$(basename "$WGRAD")
export WGRAD

results=${RESULTS:-$(mktemp)}
[ -n "${RESULTS:-}" ] || trap 'rm -f "$results"' EXIT
: > "$results" || fail "RESULTS=$results: cannot be written"

has=" "
for package in torch jax sklearn; do
    if "$PYTHON" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$package') is None)"; then
        has+="$package "
    else
        say "$package: $PYTHON does not have it, skipped"
    fi
done
burn=$here/burn/target/release/burn-peer
[ -x "$burn" ] || say "burn: not built, skipped (cd $here/burn && cargo build --release)"

# Runs a program and appends its lines to the results. A failure is reported, and the others still run.
figure() {
    say "  $*"
    local start
    start=${EPOCHREALTIME:-$("$PYTHON" -c 'import time; print(time.time())')}
    PEER_START=${start/,/.} "$@" >> "$results" || say "  failed: $*"
}
# The same, if Python has the package.
peer() {
    local package=$1 program=$2; shift 2
    case "$has" in *" $package "*) figure "$PYTHON" "$here/$program" "$@" ;; esac
}
# The same with one thread: on a busy or small machine PyTorch is faster so.
alone() { OMP_NUM_THREADS=1 peer "$@"; }
ours() { figure "$PYTHON" "$here/wgrad.py" "$@"; }

# wgrad, PyTorch and JAX. All batches of a network in one process: to start one takes longer than to measure.
steps() {
    ours step "$@"
    peer torch torch_mlp.py "$@"
    peer jax jax_mlp.py "$@"
}
ladder() {
    for widths in 2-2-2 4-16-3 64-32-10 784-128-10 784-512-512-10 128-64-64-64-64-64-3; do
        steps "$widths" 1,32,128,1024,16384
    done
}
products() {
    for size in 2048 4096; do
        steps "$size-$size" "$size"
        PEER_DEVICE=gpu ours step "$size-$size" "$size" --precision mixed
    done
}
step() {
    for batch in 32 128 1024; do
        ours step 784-128-10 "$batch"
        peer torch torch_mlp.py 784-128-10 "$batch"
        alone torch torch_mlp.py 784-128-10 "$batch"
        peer jax jax_mlp.py 784-128-10 "$batch"
        peer sklearn sklearn_mlp.py 784-128-10 "$batch"
        if [ -x "$burn" ]; then
            figure "$burn" flex 784-128-10 "$batch"
            figure "$burn" wgpu 784-128-10 "$batch"
        fi
    done
}
article() { ours article; peer jax jax_article.py; }
population() { ours population; peer jax jax_population.py article; }
rows() { ours rows; peer jax jax_population.py 4-8-3; }
mnist() {
    if [ ! -d "${WGRAD_DATA:-}/mnist" ]; then
        say "  mnist: \$WGRAD_DATA/mnist is not there, skipped"
        return
    fi
    ours mnist
    peer torch mnist_torch.py
    alone torch mnist_torch.py
    peer jax mnist_jax.py
}
sweep() { ours sweep; peer sklearn sweep_sklearn.py; }

for round in $(seq "$rounds"); do
    for workload in "${workloads[@]}"; do
        say "round $round of $rounds: $workload"
        "$workload"
    done
done
[ -s "$results" ] || fail "nothing was measured"
"$PYTHON" "$here/table.py" "$results"
