#!/usr/bin/env bash
# Makes the demo's two target species and their samplesheet: make_demo_data.sh OUTPUT_FOLDER [SEED] [SIZE_MB]
# Everything is simulated from the seed; the samplesheet is written last, so it stands for a complete folder.
set -euo pipefail

folder=${1:?"usage: make_demo_data.sh OUTPUT_FOLDER [SEED] [SIZE_MB]"}
seed=${2:-1}
size_mb=${3:-1.2}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
sheet=$folder/samplesheet.csv

rm -f "$sheet"
rows="id,species,fasta,reference,bam,library,repeats"
for target in shifted same; do
    target_folder=$folder/$target
    helixtune simulate-species --preset "demo-$target" --seed "$seed" --size-mb "$size_mb" --output-dir "$target_folder"
    rows+=$'\n'"$target,Simulata $target,$target_folder/genome.fa,$target_folder/annotation.gff3,$target_folder/reads.bam"
    rows+=",fr-firststrand,$target_folder/repeats.bed"
done
printf '%s\n' "$rows" > "$sheet.partial"
mv "$sheet.partial" "$sheet"
