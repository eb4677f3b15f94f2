#!/usr/bin/env bash
# Runs wgrad under the programs of the guide's page on many machines. Skips, aloud, what cannot be installed here.
#
#   tests/machines/all.sh [--no-install]
set -euo pipefail
cd "$(dirname "$0")"
for script in parallel mpi ranks hyperqueue slurm kubernetes; do
    echo "-- $script"
    timeout 600 ./$script.sh "$@"
done
