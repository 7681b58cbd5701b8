#!/usr/bin/env bash
# Makes the demo's base model from simulated species alone: train_base_model.sh WORK_FOLDER [MODEL]
# Five turns, each on genomes that the network has not seen (simulated sequence costs nothing, and a network this small
# learns a genome by heart: more epochs on the first 8 Mb only widened the gap to the validation loss).
# About an hour on two free CPU cores; run again after a stop, it goes on from its checkpoints.
set -euo pipefail

work=${1:?"usage: train_base_model.sh WORK_FOLDER [MODEL]"}
model=${2:-"$(dirname "$0")/../models/demo_base.h5"}
presets=(demo-base demo-base-gc-poor demo-base-gc-rich demo-base-dense demo-base-sparse)
mkdir -p "$work"

# encode NAME PRESET SEED SIZE_MB ROW_BP: one species as labelled rows, $work/NAME.h5
encode() {
    [[ -e "$work/$1.h5" ]] && return
    helixtune simulate-species --preset "$2" --seed "$3" --size-mb "$4" --read-depth 0 --output-dir "$work/$1"
    helixtune encode-labels --fasta "$work/$1/genome.fa" --annotation "$work/$1/annotation.gff3" --species "$2" \
        --subsequence-length "$5" --output "$work/$1.h5"
}

# turn NAME FIRST_SEED SIZE_MB ROW_BP: the training rows of one turn, in the array `train`
turn() {
    train=()
    local seed=$2
    for preset in "${presets[@]}"; do
        encode "$1-$preset" "$preset" "$seed" "$3" "$4"
        train+=(--train "$work/$1-$preset.h5")
        seed=$((seed + 1))
    done
}

# go_on FROM TO EPOCHS LEARNING_RATE: all weights, with steps that shrink to nothing
go_on() {
    helixtune tune-model --mode whole-network --base-model "$work/$1.h5" "${train[@]}" --validation "$work/validation-short.h5" \
        --output "$2" --learning-rate "$4" --schedule cosine --class-weights none --epochs "$3" --patience 9 \
        --batch-size 24 --check-every-nth-batch 350 --seed 1 --checkpoint-dir "$work/checkpoints-$1"
}

# Rows of 2,376 bp, the length of a gene: twice as fast as 7,128, and the network does not care about the length of a row.
# No class weights: the gene caller takes the probabilities at their word.
encode validation demo-base 201 0.8 7128
encode validation-short demo-base 201 0.8 2376
turn first 101 1.6 7128
helixtune train-model "${train[@]}" --validation "$work/validation.h5" --output "$work/first.h5" \
    --cnn-layers 3 --filter-depth 32 --kernel-size 10 --lstm-layers 1 --units 64 --pool-size 9 \
    --pieces 3 --batch-size 10 --learning-rate 0.002 --class-weights none --epochs 16 --patience 8 \
    --seed 1 --checkpoint-dir "$work/checkpoints-scratch"
turn second 301 4 2376
go_on first "$work/second.h5" 3 0.0015
turn third 401 4 2376
go_on second "$work/third.h5" 3 0.0015
turn fourth 501 3 2376
go_on third "$work/fourth.h5" 2 0.001
turn fifth 601 3 2376
go_on fourth "$model" 2 0.001
