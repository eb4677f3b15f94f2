#!/usr/bin/env bash
# A sweep in shards as the tasks of HyperQueue.
. "$(dirname "$0")/common.sh"
python_with hyperqueue

whole
ended=0
timeout 120 "$work/venv/bin/python" - "$WGRAD" $sweep <<'PYTHON' || ended=$?
import sys
from hyperqueue import Job, LocalCluster

with LocalCluster() as cluster:
    cluster.start_worker()
    client = cluster.client()
    job = Job()
    wgrad, *sweep = sys.argv[1:]
    for number in range(3):
        shard = ["--shard", "auto/3", "--out", f"h{number}"]
        # HyperQueue's Python interface does not number the tasks of a job as `hq submit --array` does.
        job.program([wgrad, "sweep", *sweep, *shard], env={"HQ_TASK_ID": str(number)})
    client.wait_for_jobs([client.submit(job)])
PYTHON
[ $ended != 124 ] || skip "HyperQueue does not answer here"
[ $ended = 0 ]
merged h0 h1 h2
echo "HyperQueue: 3 shards, merged to the bytes of one process"
