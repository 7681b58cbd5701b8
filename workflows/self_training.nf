// The loop: base genes -> pseudolabels -> tuned models -> tuned genes -> a verdict; and again, while the gate says yes.

include { BASE_GENES } from './base_genes'
include { ROUND as ROUND_1 } from './round'
include { ROUND as ROUND_2 } from './round'
include { ROUND as ROUND_3 } from './round'

workflow SELF_TRAINING {
    take:
    genomes   // one map a genome, as read_samplesheet (samplesheet.nf) describes it
    options   // map: stage -> command-line options, [call_genes: '--min-intron 50 ...', ...]

    main:
    BASE_GENES(genomes, options)

    // A workflow cannot call itself, so rounds are written out: as many as nextflow_schema.json allows for --rounds.
    // `accepted` is empty where the gate said no, or where the genome's last round is done.
    ROUND_1(BASE_GENES.out, 1, options)
    ROUND_2(ROUND_1.out.accepted, 2, options)
    ROUND_3(ROUND_2.out.accepted, 3, options)

    emit:
    finished = ROUND_1.out.finished.mix(ROUND_2.out.finished, ROUND_3.out.finished)   // meta of genomes with results
    report_files = ROUND_1.out.report_files.mix(ROUND_2.out.report_files, ROUND_3.out.report_files)   // <id>.<content>
}
