#!/usr/bin/env bash
# A sweep in shards as a Slurm array on this host, one of whose tasks is requeued while it runs; and one network on two ranks, if
# `ranks.sh` has built the program for it. Needs root.
. "$(dirname "$0")/common.sh"
[ "$(id -u)" = 0 ] || skip "Slurm's daemons need root"
need slurmctld slurmctld slurmd slurm-client munge
need slurmd slurmd
need munged munge
need sbatch slurm-client

host=$(hostname -s)
mkdir -p slurm/state slurm/spool slurm/munge
chmod 755 "$work" slurm
chmod 700 slurm/munge
dd if=/dev/urandom of=slurm/munge/key bs=1 count=1024 2>/dev/null
chmod 600 slurm/munge/key
socket=$work/slurm/munge/socket
cat > slurm/slurm.conf <<CONF
ClusterName=wgrad
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$socket,cred_expire=2
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
StateSaveLocation=$work/slurm/state
SlurmdSpoolDir=$work/slurm/spool
SlurmctldPidFile=$work/slurm/slurmctld.pid
SlurmdPidFile=$work/slurm/slurmd.pid
SlurmctldLogFile=$work/slurm/slurmctld.log
SlurmdLogFile=$work/slurm/slurmd.log
JobRequeue=1
KillWait=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm/slurm.conf
end() {
    for daemon in slurmd slurmctld; do
        [ -f "$work/slurm/$daemon.pid" ] && kill "$(cat "$work/slurm/$daemon.pid")" 2>/dev/null || true
    done
    [ -n "${munged:-}" ] && kill "$munged" 2>/dev/null || true
    sleep 1
    rm -rf "$work"
}
trap end EXIT
munged --foreground --force --key-file=slurm/munge/key --socket="$socket" --pid-file=slurm/munge/pid \
    --log-file=slurm/munge/log --seed-file=slurm/munge/seed 2>slurm/munge/err & munged=$!
sleep 1
slurmctld 2>slurm/slurmctld.err || skip "slurmctld does not start here: $(tail -n 1 slurm/slurmctld.err)"
slurmd -N "$host" 2>slurm/slurmd.err || skip "slurmd does not start here: $(tail -n 1 slurm/slurmd.err)"
for _ in $(seq 30); do
    sinfo -h -o %T 2>/dev/null | grep -q idle && break
    sleep 1
done
sinfo -h -o %T | grep -q idle || skip "Slurm's node is not ready: $(tail -n 1 slurm/slurmd.log)"

timeout 60 srun -n 1 true 2>/dev/null || skip "Slurm runs no jobs here: $(tail -n 1 slurm/slurmd.log)"

# The script of the guide, for a sweep that takes some seconds.
sweep="digits --hidden 32,16-16 --activation tanh,relu --seeds 8 --epochs 40 --checkpoint 0.2 --device cpu --quiet"
cat > sweep.sh <<'SCRIPT'
#!/bin/bash
#SBATCH --array=0-1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=sweep-%a.log
run=shards/$SLURM_ARRAY_TASK_ID
if [ -e "$run/sweep-state.wgrad" ]; then
    srun "$WGRAD" sweep --resume "$run"
else
    srun "$WGRAD" sweep $SWEEP --shard auto --out "$run"
fi
SCRIPT
whole
export SWEEP=$sweep
job=$(sbatch --parsable sweep.sh)
for _ in $(seq 300); do
    [ -s shards/1/sweep-state.wgrad ] && [ "$(stat -c %s shards/1/sweep-state.wgrad)" -gt 100000 ] && break
    sleep 0.1
done
scontrol requeue "${job}_1"
# Slurm would wait for two minutes.
for _ in $(seq 20); do
    [ "$(squeue -h -j "${job}_1" -o %r)" = BeginTime ] && break
    sleep 1
done
scontrol update JobId="${job}_1" StartTime=now
for _ in $(seq 240); do
    [ -z "$(squeue -h -j "$job" 2>/dev/null)" ] && break
    sleep 1
done
[ -z "$(squeue -h -j "$job" 2>/dev/null)" ] || { cat sweep-*.log; squeue; echo "the job did not end"; exit 1; }
grep -q "interrupted" sweep-1.log || { cat sweep-*.log; echo "task 1 was not interrupted"; exit 1; }
merged shards/0 shards/1
echo "Slurm: an array of 2 tasks, one of them requeued, merged to the bytes of one process"

WGRAD=$root/target/release/wgrad-mpi
[ -x "$WGRAD" ] || skip "one network on several ranks of srun: ranks.sh has built no program with MPI"
srun --mpi=list 2>&1 | grep -q pmix || skip "one network on several ranks of srun: this Slurm has no PMIx"
train="train digits --epochs 3 --batch-size 64 --distributed mpi --device cpu --quiet"
srun -n 1 --mpi=pmix "$WGRAD" $train --out of1 >/dev/null
timeout 120 srun -n 2 --mpi=pmix "$WGRAD" $train --out of2 >/dev/null
cmp of1/model.safetensors of2/model.safetensors
echo "Slurm: 2 ranks of srun trained the model of one"
