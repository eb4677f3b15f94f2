#!/usr/bin/env bash
# One network on several ranks under Open MPI: the same model on 1, 2 and 4 ranks, after killed ranks too, and over a link
# between two hosts (here: network namespaces) that delays packets and loses some.
. "$(dirname "$0")/common.sh"
need mpirun openmpi-bin
need mpicc libopenmpi-dev
need '/usr/lib/llvm-*/lib/libclang*.so*' libclang-dev
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
timeout 60 mpirun -n 2 true >/dev/null 2>&1 || skip "mpirun starts no processes here"

# The program with MPI takes the place of the one without until that is built again; `slurm.sh` uses the copy too.
(cd "$root" && cargo build --release --quiet --features mpi --bin wgrad)
cp "$root/target/release/wgrad" "$root/target/release/wgrad-mpi"
WGRAD=$root/target/release/wgrad-mpi

# Trains on `$1` ranks, into the folder `$2`, with the other arguments.
ranks() {
    local count=$1 folder=$2; shift 2
    timeout 300 mpirun -n "$count" "$WGRAD" train "$@" --distributed mpi --device cpu --out "$folder" >"$folder.log" 2>&1
}

# Checks that 1, 2 and 4 ranks train the same model with some arguments.
same() {
    local count
    for count in 1 2 4; do
        ranks $count "of$count" "$@"
        cmp of1/model.safetensors of$count/model.safetensors
    done
    rm -r of?
}

same digits --epochs 3 --batch-size 64 --optimizer adam
same digits --epochs 3 --batch-size 100 --optimizer sgd --lr 0.1 --momentum 0.9
same iris --max-steps 300
if [ -d "${WGRAD_DATA:-none}/mnist" ]; then
    same "$WGRAD_DATA/mnist" --epochs 1 --batch-size 1000 --memory-limit 20
fi
echo "Open MPI: 1, 2 and 4 ranks, one model"

# A killed rank ends the other within 10 seconds, and any number of ranks goes on to the same bytes.
run="digits --epochs 150 --hidden 256,256 --batch-size 64 --checkpoint 1s"
ranks 1 whole $run
for kill in 1 2 3 4; do
    mpirun -n 2 "$WGRAD" train $run --distributed mpi --device cpu --out "killed$kill" >"killed$kill.log" 2>&1 &
    mpirun=$!
    sleep "1.$((RANDOM % 1000))"
    mapfile -t processes < <(pgrep -P $mpirun | sort -n)
    kill -KILL "${processes[kill % 2]}"
    begun=$SECONDS
    ! wait $mpirun
    [ $((SECONDS - begun)) -le 10 ]
    [ ! -e "killed$kill/test.csv" ] || { echo "the run had ended before its rank was killed" >&2; exit 1; }
    timeout 300 mpirun -n $((kill > 2 ? 4 : kill)) "$WGRAD" train --resume "killed$kill" >"killed$kill.log" 2>&1
    cmp whole/model.safetensors "killed$kill/model.safetensors"
done
echo "Open MPI: 4 runs with a killed rank went on to the same bytes"

# Two hosts.
[ "$(id -u)" = 0 ] && [ -e /dev/net/tun ] && command -v python3 >/dev/null || skip "two hosts: no root, tun devices or Python here"
need ip iproute2
ip netns add wgrad-a && ip netns add wgrad-b || skip "two hosts: no network namespaces here"
trap 'kill $link 2>/dev/null; ip netns del wgrad-a; ip netns del wgrad-b; rm -rf "$work"' EXIT
python3 "$root/tests/machines/link.py" wgrad-a wgrad-b 2 0.5 >link.log 2>&1 &
link=$!
for _ in $(seq 50); do grep -q up link.log && break; sleep 0.1; done
grep -q up link.log || skip "two hosts: no link here: $(tail -n 1 link.log)"
mkdir other
cat >agent <<AGENT
#!/bin/sh
shift
exec unshare --uts sh -c "hostname wgrad-b; TMPDIR=$work/other exec ip netns exec wgrad-b sh -c '\$*'"
AGENT
chmod +x agent
net=10.9.0.0/24
hosts="ip netns exec wgrad-a mpirun --mca plm_rsh_agent $work/agent --host 10.9.0.1,10.9.0.2 -n 2
    --mca btl tcp,self --mca btl_tcp_if_include $net --mca oob_tcp_if_include $net"
timeout 30 $hosts true >/dev/null 2>&1 || skip "two hosts: mpirun does not reach the other one"
begin="$WGRAD train digits --batch-size 128 --distributed mpi --device cpu"
ranks 1 near digits --epochs 3 --batch-size 128
timeout 120 $hosts $begin --epochs 3 --out "$work/far" >far.log 2>&1
cmp near/model.safetensors far/model.safetensors
echo "Open MPI: two hosts, over a link that loses packets, trained the model of one"

# A link that falls silent.
(sleep 2; kill -STOP $link; sleep 15; kill -CONT $link) &
! timeout 120 $hosts $begin --epochs 200 --out "$work/cut" >cut.log 2>&1
grep -Eq "(no sign of life for|did not end within) 8 s" cut.log
timeout 300 mpirun -n 2 "$WGRAD" train --resume cut >cut.log 2>&1
ranks 1 uncut digits --epochs 200 --batch-size 128
cmp uncut/model.safetensors cut/model.safetensors
echo "Open MPI: two hosts that lost each other ended with an error, and the run went on to the same bytes"
