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
helixtune encode-genome --fasta genome.fa --species Tiny --subsequence-length 7128 --bases packed --output tiny.genome.h5
for shard in 1 2; do
    helixtune predict-classes --model "$model" --genome tiny.genome.h5 --shard $shard/2 --engine tensorflow \
        --compact tiny.base.000$shard.compact.h5
done
for shard in 1 2; do
    helixtune call-genes --genome tiny.genome.h5 --predictions tiny.base.000?.compact.h5 --shard $shard/2 --output tiny.base.000$shard.gff3.gz
done
helixtune gather-shards --genome tiny.genome.h5 --genes tiny.base.000?.gff3.gz --output tiny.base.gff3
for shard in 1 2; do
    helixtune score-shard --genome tiny.genome.h5 --annotation tiny.base.gff3 --predictions tiny.base.000$shard.compact.h5 \
        --shard $shard/2 --subsequence-length 7128 --output tiny.000$shard.scores.h5
done
helixtune select-confident --row-scores tiny.000?.scores.h5 --genome tiny.genome.h5 --annotation tiny.base.gff3 \
    --keep-fraction 0.9 --strata 2 --scores tiny.scores.tsv --summary tiny.selection.json --output-file tiny.filtered.h5
helixtune split-subsequences --input tiny.filtered.h5 --validation-fraction 0.3 --train tiny.train.h5 --validation tiny.validation.h5
helixtune evaluate-genes --genome tiny.genome.h5 --base-genes tiny.base.gff3 --base-predictions tiny.base.000?.compact.h5 \
    --output tiny.metrics.json
touch .complete
