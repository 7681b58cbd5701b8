#!/usr/bin/env bash
# Makes the demo's base model from simulated species alone: train_base_model.sh WORK_FOLDER [MODEL]
# About an hour on two free CPU cores; run again after a stop, it goes on from its checkpoints.
set -euo pipefail

work=${1:?"usage: train_base_model.sh WORK_FOLDER [MODEL]"}
model=${2:-"$(dirname "$0")/../models/demo_base.h5"}
mkdir -p "$work"

# encode NAME PRESET SEED SIZE_MB: one species as labelled rows, $work/NAME.h5
encode() {
    [[ -e "$work/$1.h5" ]] && return
    helixtune simulate-species --preset "$2" --seed "$3" --size-mb "$4" --read-depth 0 --output-dir "$work/$1"
    helixtune encode-labels --fasta "$work/$1/genome.fa" --annotation "$work/$1/annotation.gff3" --species "$1" \
        --subsequence-length 7128 --output "$work/$1.h5"
}

train=()
seed=101
for preset in demo-base demo-base-gc-poor demo-base-gc-rich demo-base-dense demo-base-sparse; do
    encode "train-$preset" "$preset" "$seed" 1.6
    train+=(--train "$work/train-$preset.h5")
    seed=$((seed + 1))
done
encode validation demo-base 201 0.8

# Rows of 7,128 bp are cut into three pieces (2,376 bp, the length of a gene): twice as fast, and the network does not care
# about the length of a row. No class weights: the gene caller takes the probabilities at their word.
helixtune train-model "${train[@]}" --validation "$work/validation.h5" --output "$work/first.h5" \
    --cnn-layers 3 --filter-depth 32 --kernel-size 10 --lstm-layers 1 --units 64 --pool-size 9 \
    --pieces 3 --batch-size 10 --learning-rate 0.002 --class-weights none --epochs 16 --patience 8 \
    --seed 1 --checkpoint-dir "$work/checkpoints-first"

# A second turn of all weights with small steps, on whole rows.
helixtune tune-model --mode whole-network --base-model "$work/first.h5" "${train[@]}" --validation "$work/validation.h5" \
    --output "$model" --learning-rate 0.0003 --class-weights none --epochs 4 --patience 4 --batch-size 10 \
    --seed 1 --checkpoint-dir "$work/checkpoints-second"
