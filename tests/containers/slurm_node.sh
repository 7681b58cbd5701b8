#!/usr/bin/env bash
# A Slurm of one node with one fake GPU, for tests: munged, slurmctld and slurmd, all of this user (root), all files in one folder.
#   slurm_node.sh start FOLDER    prints the settings that clients need: eval "$(slurm_node.sh start FOLDER)"
#   slurm_node.sh stop FOLDER
# Nothing outside FOLDER is written. Needs Debian's slurm-wlm and munge.
set -euo pipefail
action=${1:?start or stop} folder=${2:?a folder}

if [[ $action == stop ]]; then
  for daemon in slurmd slurmctld munged; do
    [[ -s $folder/$daemon.pid ]] && kill "$(cat "$folder/$daemon.pid")" 2>/dev/null || true
  done
  exit
fi

for program in munged slurmctld slurmd sbatch; do
  PATH=$PATH:/usr/sbin type -P "$program" >/dev/null || { echo "slurm_node: $program is not installed" >&2; exit 3; }
done
PATH=$PATH:/usr/sbin
mkdir -p "$folder"/state "$folder"/spool
folder=$(cd "$folder" && pwd)
node=$(hostname -s)
megabytes=$(awk '/MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)

# The daemons know each other by a key of their own. --force: root, and a socket outside /run.
(umask 077 && head -c 1024 /dev/urandom > "$folder/munge.key")
chmod 755 "$folder"
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
  --log-file="$folder/munged.log" --seed-file="$folder/munge.seed" 2> "$folder/munged.err"

# Ports of our own, away from a Slurm that this machine may run already.
cat > "$folder/slurm.conf" <<CONF
ClusterName=helixtune-test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MinJobAge=3600
ReturnToService=2
GresTypes=gpu
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$megabytes Gres=gpu:1 State=UNKNOWN
PartitionName=normal Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF
echo "NodeName=$node Name=gpu File=/dev/null" > "$folder/gres.conf"
echo "CgroupAutomount=no" > "$folder/cgroup.conf"

export SLURM_CONF=$folder/slurm.conf
slurmctld -c
slurmd -c
for _ in $(seq 60); do
  sinfo --noheader --format=%T 2>/dev/null | grep -q idle && break
  sleep 1
done
sinfo --format='%P %T %c CPUs %m MB %G' >&2
echo "export SLURM_CONF=$SLURM_CONF"
