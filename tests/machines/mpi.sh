#!/usr/bin/env bash
# A sweep in shards under Open MPI.
. "$(dirname "$0")/common.sh"
need mpirun openmpi-bin
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

timeout 60 mpirun -n 2 --oversubscribe true >/dev/null 2>&1 || skip "mpirun starts no processes here"
whole
mpirun -n 3 --oversubscribe "$WGRAD" sweep $sweep --shard auto >/dev/null
merged runs/sweep-iris-shard-*
echo "Open MPI: 3 shards, merged to the bytes of one process"
