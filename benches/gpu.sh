#!/usr/bin/env bash
# Measures and checks wgrad on one GPU, in about eight minutes, and writes one folder: JSON lines and a README.md of tables.
#
#   benches/gpu.sh [--out DIR] [--limit SECONDS] [--small] [PART...]
#
# PART: check product ladder population switches mnist batches [all of them, in this order]
# --out DIR         where to write [gpu-results]; replaces the files of the parts that run
# --limit SECONDS   time limit of all parts together [480]; each part also has its own
# --small           small sizes: a rehearsal, for machines without a GPU
#
# It needs the built program and a Vulkan loader. If Python has torch or jax, it measures them too.
#
# WGRAD=FILE        the program [target/release/wgrad]
# DEVICE=NAME       wgrad's --device [gpu]
# PYTHON=FILE       a Python interpreter, perhaps with torch and jax [python3]
# WGRAD_DATA=DIR    DIR/mnist, for the part mnist
#
# A part that fails or takes too long keeps what it has measured, and the others still run. The exit code is 1 if a part
# failed.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)

fail() { echo "gpu.sh: $*" >&2; exit 2; }
parts_known=(check product ladder population switches mnist batches)
declare -A limits=([check]=120 [product]=60 [ladder]=260 [population]=90 [switches]=150 [mnist]=90 [batches]=90)

out=gpu-results limit=480 small=no part= parts=()
while [ $# -gt 0 ]; do
    case "$1" in
        --out) out=${2:-}; [ -n "$out" ] || fail "--out: expected a folder"; shift ;;
        --limit) limit=${2:-}; [[ $limit =~ ^[1-9][0-9]*$ ]] || fail "--limit: expected seconds, found '$limit'"; shift ;;
        --small) small=yes ;;
        --part) part=${2:-}; shift ;; # one part, in a process of its own
        -h|--help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0"; exit 0 ;;
        *) [ -n "${limits[$1]:-}" ] || fail "$1: expected one of ${parts_known[*]}"; parts+=("$1") ;;
    esac
    shift
done
[ ${#parts[@]} -gt 0 ] || parts=("${parts_known[@]}")
WGRAD=${WGRAD:-$here/../target/release/wgrad}
[ -x "$WGRAD" ] || fail "WGRAD=$WGRAD: no such program; cargo build --release makes it"
WGRAD=$(cd "$(dirname "$WGRAD")" && pwd)/$(basename "$WGRAD"); export WGRAD
PYTHON=${PYTHON:-python3}
DEVICE=${DEVICE:-gpu}
mkdir -p "$out" && out=$(cd "$out" && pwd) || fail "--out $out: cannot be made"
export PEER_DEVICE=$DEVICE WGRAD_CACHE_DIR=$out/cache XLA_PYTHON_CLIENT_PREALLOCATE=false

# Sizes.
three=64-32-10,784-128-10,128-64-64-64-64-64-3
networks=2-2-2,4-16-3,64-32-10,784-128-10,784-512-512-10,128-64-64-64-64-64-3
batches=1,32,128,1024,16384 peer_batches=32,1024,16384 products="1024 2048 4096" population=4096 grid=512 verify_s=45 switch_batches=128,16384 epochs=
if [ $small = yes ]; then
    networks=2-2-2,64-32-10 three=64-32-10 batches=1,32 peer_batches=32 products=128 population=64 grid=8 verify_s=5 switch_batches=32 epochs="--epochs 2"
fi

# Appends JSON lines to this part's file, each with the name of the setting.
keep() { sed "s|^{|{\"setting\":\"$1\",|" >> "$out/$part.jsonl"; }
# Runs wgrad bench and keeps its rows: bench SETTING ARGUMENTS...
bench() {
    local setting=$1 code; shift
    echo "  $setting: wgrad bench $*" >&2
    "$WGRAD" bench --json --quiet "$@" > "$out/last.json"; code=$?
    grep -o '{"adapter":[^}]*"copy_gb_per_s"[^}]*}' "$out/last.json" | keep "$setting"
    grep -o '{"layers":[^}]*}' "$out/last.json" | keep "$setting"
    rm -f "$out/last.json"
    [ $code = 0 ] || failed "wgrad bench $* ended with $code"
}
failed() { echo "  FAILED: $*" >&2; echo "{\"failed\":\"${*//\"/\'}\"}" >> "$out/$part.jsonl"; broken=1; }
# Runs a peer's program if Python has its package: peer PACKAGE PROGRAM ARGUMENTS...
peer() {
    local package=$1 program=$2; shift 2
    if ! "$PYTHON" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$package') is None)" 2>/dev/null; then
        echo "  $package: $PYTHON does not have it, skipped" >&2; return
    fi
    echo "  $program $*" >&2
    PEER_START=$EPOCHREALTIME "$PYTHON" "$here/peers/$program" "$@" 2> "$out/last.err" | keep peer
    if [ "${PIPESTATUS[0]}" != 0 ]; then failed "$program $*: $(tail -1 "$out/last.err")"; fi
    rm -f "$out/last.err"
}

check() {
    local name names groups=() group pids=() codes=() n=0
    # What the program knows, in six groups.
    names=$("$WGRAD" verify --only '?' 2>&1 | sed -n 's/.*expected one of //p' | tr -d ' ' | tr , '\n')
    [ -n "$names" ] || failed "wgrad verify names no kernels"
    for name in $names; do groups[n % 6]+=${groups[n % 6]:+,}$name; n=$((n + 1)); done
    n=0
    # Side by side: it is the drivers' compilers that take the time.
    for group in "${groups[@]}"; do
        "$WGRAD" verify --device "$DEVICE" --time "$verify_s" --only "$group" --json > "$out/verify-$n.json" 2> "$out/verify-$n.txt" &
        pids+=($!) n=$((n + 1))
    done
    for group in "${pids[@]}"; do wait "$group"; codes+=($?); done
    n=0
    for group in "${groups[@]}"; do
        [ "${codes[$n]}" = 0 ] || failed "wgrad verify --only $group: exit code ${codes[$n]}, see verify-$n.txt"
        n=$((n + 1))
    done
    "$WGRAD" tutorial --device "$DEVICE" --json > "$out/tutorial.json" || failed "wgrad tutorial"
    # The same seed gives the same bytes, and the model has its accuracy in the report.
    for n in 1 2; do
        "$WGRAD" train digits $epochs --device "$DEVICE" --quiet --force --json --out "$out/digits-$n" > "$out/digits-$n.jsonl" || failed "wgrad train digits"
    done
    cmp "$out/digits-1/model.safetensors" "$out/digits-2/model.safetensors" || failed "two runs of one seed differ"
    tail -1 "$out/digits-1.jsonl" | keep "train digits"
    rm -rf "$out"/digits-[12]
}
product() {
    for size in $products; do
        bench f32 --layers "$size-$size" --batch "$size" --device "$DEVICE"
    done
    if grep -q '"cooperative_matrices":[0-9]' "$out/devices.json"; then
        for size in $products; do
            bench mixed --layers "$size-$size" --batch "$size" --device "$DEVICE" --precision mixed
        done
    fi
}
ladder() {
    bench default --layers "$networks" --batch "$batches" --device "$DEVICE"
    peer torch torch_mlp.py "$networks" "$peer_batches"
    peer jax jax_mlp.py "$networks" "$peer_batches"
}
population() {
    for workgroup in 32 64 128; do
        WGRAD_TUNE=lane-workgroup=$workgroup bench "lane-workgroup=$workgroup" --layers 2-2-2,4-8-3 --batch 1 --networks "$population" --device "$DEVICE"
    done
    bench "16 times as many" --layers 2-2-2,4-8-3 --batch 1 --networks $((16 * population)) --device "$DEVICE"
    bench "no lanes" --layers 64-32-10 --batch 32 --networks "$grid" --device "$DEVICE"
    for team in 64 128; do
        WGRAD_TUNE=network-workgroup=$team bench "network-workgroup=$team" --layers 64-32-10 --batch 32 --networks "$grid" --device "$DEVICE"
    done
    peer jax jax_population.py article
    peer jax jax_population.py 4-8-3
}
switches() {
    local setting
    for setting in "" blocks=off grouped-layers=off prefetch=off split=off fused-sgd=off pipelining=off autotune=off \
        autotune=off,tile_huge=off autotune=off,tile_large=off autotune=off,tile_small=off block-rows=4 block-rows=16; do
        WGRAD_TUNE=$setting bench "${setting:-default}" --layers "$three" --batch "$switch_batches" --device "$DEVICE"
    done
}
mnist() {
    if [ ! -d "${WGRAD_DATA:-}/mnist" ]; then
        echo '{"skipped":"no data: $WGRAD_DATA/mnist is not there"}' >> "$out/$part.jsonl"; return
    fi
    "$PYTHON" "$here/peers/wgrad.py" mnist | keep wgrad
    [ "${PIPESTATUS[0]}" = 0 ] || failed "wgrad.py mnist"
    peer torch mnist_torch.py
    peer jax mnist_jax.py
}
batches() { bench "CPU device" --layers "$three" --batch "$batches" --device cpu; }

# Prints README.md: the tables of all parts that have results.
tables() {
    local name
    echo "# wgrad on a GPU"
    echo
    echo "By \`benches/gpu.sh\`, $(date -u +%Y-%m-%d), $("$WGRAD" --version). Times are in microseconds a step; \`on device\` is by the"
    echo "adapter's own clock; \`wgrad / peer\` says how many times as fast the fastest wgrad line of the group is."
    echo; echo '```'; cat "$out/devices.txt" 2>/dev/null; echo '```'
    for name in "${parts_known[@]}"; do
        [ -s "$out/$name.jsonl" ] || continue
        echo; echo "## $name"; echo
        awk -f "$here/gpu.awk" "$out/$name.jsonl"
    done
    if ls "$out"/verify-*.json >/dev/null 2>&1; then
        echo; echo "## verify"; echo
        for name in "$out"/verify-*.json; do
            echo "- $(basename "$name"): $(grep -o '"ok":[a-z]*}$' "$name" | tr -d '"}'), $(grep -o '"cases":[0-9]*' "$name" | awk -F: '{ n += $2 } END { print n + 0 }') cases"
        done
    fi
}

if [ -n "$part" ]; then
    broken=0
    "$part"
    exit $broken
fi
"$WGRAD" devices > "$out/devices.txt" && "$WGRAD" devices --json > "$out/devices.json" || fail "wgrad devices failed"
end=$((SECONDS + limit)) code=0
for part in "${parts[@]}"; do
    rm -f "$out/$part.jsonl"
    left=$((end - SECONDS)) own=${limits[$part]} start=$SECONDS ended=0
    [ $left -lt "$own" ] && own=$left
    if [ "$own" -lt 5 ]; then
        echo "== $part: no time left" >&2
        echo "{\"failed\":\"not run: no time left\"}" > "$out/$part.jsonl"; code=1; continue
    fi
    echo "== $part, at most $own s" >&2
    again=(--part "$part" --out "$out"); [ $small = yes ] && again+=(--small)
    timeout -k 5 "$own" bash "$0" "${again[@]}" || ended=$?
    if [ $ended != 0 ]; then
        code=1
        [ $ended = 124 ] && echo "{\"failed\":\"ended after $own s\"}" >> "$out/$part.jsonl"
    fi
    echo "   $part took $((SECONDS - start)) s" >&2
    tables > "$out/README.md"
done
cat "$out/README.md"
exit $code
