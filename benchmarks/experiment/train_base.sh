#!/usr/bin/env bash
# Trains the base model from real genomes: HELIXTUNE_DATA=FOLDER train_base.sh WORK_FOLDER [MODEL [EXCLUDED]]
# Starts from the demo's base (simulated species only); all weights; three turns, each once through all rows with a learning rate
# that falls to zero. Stopped and started again, it goes on where it was. EXCLUDED names a species that is no part of it, so that
# it can be a target: such a base gets two turns. S. pombe is never part of it.
set -euo pipefail

work=${1:?"usage: HELIXTUNE_DATA=FOLDER train_base.sh WORK_FOLDER [MODEL [EXCLUDED]]"}
data=${HELIXTUNE_DATA:?"set HELIXTUNE_DATA to the folder with the genomes"}
here=$(cd "$(dirname "$0")" && pwd)
model=${2:-"$here/../../assets/models/eukaryote.h5"}
start="$here/../../assets/models/demo_base.h5"
excluded=${3:-nothing}
yeast=saccharomyces_cerevisiae
mkdir -p "$work"

# sequences FASTA only|but ID...: records of a FASTA file
sequences() {
    gzip -cdf "$1" | awk -v mode="$2" -v ids="${*:3}" 'BEGIN { n = split(ids, list, " "); for (i = 1; i <= n; i++) known[list[i]] }
        /^>/ { name = substr($1, 2); keep = (name in known) == (mode == "only") } keep'
}

# encode NAME SPECIES UTRS only|but ID...: labelled rows, $work/NAME.h5, of the length of a gene: fast, and the network does not
# care. UTRS: lengths for genes without annotated UTRs, the medians of the others (yeast has none annotated).
encode() {
    local fasta="$data/$2/genome.fa.gz" annotation="$data/$2/annotation.gff3.gz" utrs=()
    [[ $2 == "$yeast" ]] && fasta="$work/yeast_introns.fa" annotation="$work/yeast_introns.gff3"
    [[ -e "$work/$1.h5" || $2 == "$excluded"* ]] && return
    [[ $3 != - ]] && utrs=(--nominal-utr "$3")
    sequences "$fasta" "${@:4}" >"$work/$1.fa"
    helixtune encode-labels --fasta "$work/$1.fa" --annotation "$annotation" --species "${1:0:20}" --subsequence-length 2376 \
        "${utrs[@]}" --output "$work/$1.h5"
}

# Yeast has thousands of well-annotated genes and hardly an intron: those of others are put into it.
donors=()
for name in arabidopsis_thaliana_1pct caenorhabditis_elegans_1pct drosophila_melanogaster_demo1mb; do
    [[ $name == "$excluded"* ]] || donors+=(--donor "$data/$name/genome.fa.gz,$data/$name/annotation.gff3.gz")
done
[[ -e "$work/yeast_introns.gff3" ]] || python "$here/transplant_introns.py" --fasta "$data/$yeast/genome.fa.gz" \
    --annotation "$data/$yeast/annotation.gff3.gz" "${donors[@]}" --seed 1 --output "$work/yeast_introns"

# One sequence of each genome is held out, and another of the two large ones for scoring.
encode yeast_train $yeast 50,110 but chrIX
encode zymo_train zymoseptoria_tritici 80,150 but chr4 chr8
encode napus_train brassica_napus 130,200 but LK031804 LK031826
encode human_train homo_sapiens_8mb - but none
encode arab_train arabidopsis_thaliana_1pct - but Chr3
encode worm_train caenorhabditis_elegans_1pct - but V
encode fly_train drosophila_melanogaster_demo1mb - but none
# the first 235 kb of 2L are in both Drosophila samples
encode fly1pct_train drosophila_melanogaster_1pct - but X 2L
encode yeast_val $yeast 50,110 only chrIX
encode zymo_val zymoseptoria_tritici 80,150 only chr8
encode napus_val brassica_napus 130,200 only LK031826
encode arab_val arabidopsis_thaliana_1pct - only Chr3
encode worm_val caenorhabditis_elegans_1pct - only V
encode fly_val drosophila_melanogaster_1pct - only X

files=()
for name in yeast zymo napus human arab worm fly fly1pct; do
    [[ -e "$work/${name}_train.h5" ]] && files+=(--train "$work/${name}_train.h5")
    [[ -e "$work/${name}_val.h5" ]] && files+=(--validation "$work/${name}_val.h5")
done

# No class weights: the gene caller takes the probabilities at their word.
rates=(0.002 0.0015 0.0008)
[[ $excluded == nothing ]] || rates=(0.002 0.001)
turn=0
for rate in "${rates[@]}"; do
    turn=$((turn + 1))
    [[ -e "$work/turn$turn.h5" ]] || helixtune tune-model --mode whole-network --base-model "$start" --output "$work/turn$turn.h5" \
        --learning-rate "$rate" "${files[@]}" --batch-size 24 --schedule cosine --class-weights none --epochs 1 --monitor last \
        --patience 50 --check-every-nth-batch 1500 --seed "$turn" --checkpoint-dir "$work/checkpoints"
    start="$work/turn$turn.h5"
done
cp "$start" "$model"
