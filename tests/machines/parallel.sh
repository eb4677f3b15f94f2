#!/usr/bin/env bash
# A sweep in shards under GNU parallel.
. "$(dirname "$0")/common.sh"
need parallel parallel
export PARALLEL_HOME=$work/parallel

whole
# Parallel numbers its jobs; with --plus it counts them, too.
parallel --plus "$WGRAD" sweep $sweep --shard '{#}/{##}' --out 'p{}' '>/dev/null' ::: 1 2 3
merged p1 p2 p3
# Or says the number only.
parallel "$WGRAD" sweep $sweep --shard auto/2 --out 'a{}' '>/dev/null' ::: 1 2
merged a1 a2
echo "GNU parallel: 3 and 2 shards, merged to the bytes of one process"
