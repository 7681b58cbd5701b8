#!/usr/bin/env bash
# Makes what the module tests start from: every stage's files on a simulated genome of 60 kb. make_tiny.sh FOLDER
set -euo pipefail
tiny=${1:?usage: make_tiny.sh FOLDER}
model=$(cd "$(dirname "$0")/../.." && pwd)/assets/models/demo_base.h5
[[ -e $tiny/.complete ]] && exit
mkdir -p "$tiny"
cd "$tiny"
exec 2> make_tiny.log

helixtune simulate-species --preset demo-same --seed 3 --size-mb 0.06 --output-dir .
helixtune encode-genome --fasta genome.fa --species Tiny --subsequence-length 7128 --output tiny.genome.h5
helixtune predict-classes --model "$model" --genome tiny.genome.h5 --engine tensorflow --output tiny.base.predictions.h5
helixtune call-genes --genome tiny.genome.h5 --predictions tiny.base.predictions.h5 --output tiny.base.gff3
for shard in 1 2; do
    helixtune call-shard --model "$model" --genome tiny.genome.h5 --shard $shard/2 --engine tensorflow --genes tiny.base.000$shard.gff3
done
helixtune encode-labels --fasta genome.fa --annotation tiny.base.gff3 --species Tiny --subsequence-length 7128 --output tiny.training.h5
helixtune select-confident --h5-to-filter tiny.training.h5 --predictions tiny.base.predictions.h5 --genome tiny.genome.h5 \
    --keep-fraction 0.9 --strata 2 --scores tiny.scores.tsv --summary tiny.selection.json --output-file tiny.filtered.h5
helixtune split-subsequences --input tiny.filtered.h5 --validation-fraction 0.3 --train tiny.train.h5 --validation tiny.validation.h5
helixtune evaluate-genes --genome tiny.genome.h5 --base-genes tiny.base.gff3 --base-predictions tiny.base.predictions.h5 \
    --output tiny.metrics.json
touch .complete
