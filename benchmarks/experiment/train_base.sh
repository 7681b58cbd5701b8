#!/usr/bin/env bash
# Trains the small base model from real genomes: HELIXTUNE_DATA=FOLDER train_base.sh WORK_FOLDER [MODEL [EXCLUDED]]
# In two turns from the demo's base (simulated species only): all weights, on budding yeast with transplanted introns and on the
# samples of three genomes with introns. Yeast's chromosome IX and one sequence of each sample are held out.
# EXCLUDED names a species whose samples are no part of it, neither as genomes nor as introns, so that it can be a target. Such
# a base gets one turn only, on the yeast chromosomes of the second one.
set -euo pipefail

work=${1:?"usage: HELIXTUNE_DATA=FOLDER train_base.sh WORK_FOLDER [MODEL [EXCLUDED]]"}
data=${HELIXTUNE_DATA:?"set HELIXTUNE_DATA to the folder with the genomes"}
here=$(cd "$(dirname "$0")" && pwd)
model=${2:-"$here/../../assets/models/eukaryote_small.h5"}
start="$here/../../assets/models/demo_base.h5"
excluded=${3:-}
yeast=saccharomyces_cerevisiae
samples=() donors=()
for name in arabidopsis_thaliana_1pct caenorhabditis_elegans_1pct drosophila_melanogaster_demo1mb drosophila_melanogaster_1pct; do
    [[ -n $excluded && $name == "$excluded"* ]] && continue
    samples+=("$name")
    # one sample a species gives introns
    [[ $name == drosophila_melanogaster_1pct ]] || donors+=(--donor "$data/$name/genome.fa.gz,$data/$name/annotation.gff3.gz")
done
# The first 235 kb of 2L are in both Drosophila samples: the small one leaves 2L out.
declare -A held_out=([arabidopsis_thaliana_1pct]=Chr3 [caenorhabditis_elegans_1pct]=V [drosophila_melanogaster_1pct]=X)
declare -A left_out=([drosophila_melanogaster_1pct]=2L)
mkdir -p "$work"

# sequences FASTA only|but ID...: records of a FASTA file
sequences() {
    gzip -cdf "$1" | awk -v mode="$2" -v ids="${*:3}" 'BEGIN { n = split(ids, list, " "); for (i = 1; i <= n; i++) known[list[i]] }
        /^>/ { name = substr($1, 2); keep = (name in known) == (mode == "only") } keep'
}

# encode NAME FASTA GFF3 only|but ID...: labelled rows, $work/NAME.h5
encode() {
    [[ -e "$work/$1.h5" ]] && return
    sequences "$2" "${@:4}" >"$work/$1.fa"
    # Rows of the length of a gene: fast, and the network does not care. UTRs for yeast, which has none annotated.
    helixtune encode-labels --fasta "$work/$1.fa" --annotation "$3" --species "${1:0:20}" --subsequence-length 2376 \
        --nominal-utr 50,110 --output "$work/$1.h5"
}

for seed in 1 2; do
    [[ -e "$work/yeast_introns$seed.gff3" ]] || python "$here/transplant_introns.py" --fasta "$data/$yeast/genome.fa.gz" \
        --annotation "$data/$yeast/annotation.gff3.gz" "${donors[@]}" --seed "$seed" --output "$work/yeast_introns$seed"
done
encode yeast2 "$work/yeast_introns2.fa" "$work/yeast_introns2.gff3" but chrIX
encode yeast1 "$work/yeast_introns1.fa" "$work/yeast_introns1.gff3" only chrI chrII chrIII chrIV chrV chrVI chrVII
encode yeast_val "$work/yeast_introns2.fa" "$work/yeast_introns2.gff3" only chrIX
train=() validation=(--validation "$work/yeast_val.h5")
for name in "${samples[@]}"; do
    files=("$data/$name/genome.fa.gz" "$data/$name/annotation.gff3.gz")
    encode "${name}_train" "${files[@]}" but "${held_out[$name]:-none}" "${left_out[$name]:-none}"
    train+=(--train "$work/${name}_train.h5")
    [[ -z "${held_out[$name]:-}" ]] && continue
    encode "${name}_val" "${files[@]}" only "${held_out[$name]}"
    validation+=(--validation "$work/${name}_val.h5")
done

# turn FROM TO LEARNING_RATE TRAINING...: once through the rows, with steps that shrink to nothing. No class weights: the
# gene caller takes the probabilities at their word.
turn() {
    helixtune tune-model --mode whole-network --base-model "$1" --output "$2" --learning-rate "$3" "${@:4}" "${validation[@]}" \
        --batch-size 24 --schedule cosine --class-weights none --epochs 1 --patience 20 --check-every-nth-batch 180 \
        --seed 1 --checkpoint-dir "$work/checkpoints"
}

# The samples twice at first: yeast alone outweighs them.
if [[ -n $excluded ]]; then
    turn "$start" "$model" 0.0015 --train "$work/yeast1.h5" "${train[@]}" "${train[@]}"
    exit
fi
turn "$start" "$work/first.h5" 0.0015 --train "$work/yeast2.h5" "${train[@]}" "${train[@]}"
turn "$work/first.h5" "$model" 0.001 --train "$work/yeast1.h5" "${train[@]}"
