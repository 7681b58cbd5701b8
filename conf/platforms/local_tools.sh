# Sourced before every task that has no container: the tools of `make setup` where they are, else those on PATH.
# Of PYTHONPATH, which modules of a cluster set, only folders that hold helixtune itself stay: packages of another Python break this one.
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.venv/bin
export PATH="$tools:$PATH"
unset tools PYTHONHOME
kept=''
IFS=: read -r -a folders <<< "${PYTHONPATH:-}"
for folder in ${folders[@]+"${folders[@]}"}; do
    if [[ -e $folder/helixtune/__init__.py ]]; then kept+=${kept:+:}$folder; fi
done
export PYTHONPATH=$kept
unset kept folders folder
