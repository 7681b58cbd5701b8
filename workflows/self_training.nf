// The loop: base genes -> pseudolabels -> tuned models -> tuned genes -> a verdict; and again, while the gate says yes.
// docs/explanation/how-data-flows.md says more about this figure.
//
//  genome.fa   base_model.h5   [genes.gff3]   [reads.bam]   [repeats.bed]   [reference.gff3]      the samplesheet
//      |
//  ENCODE_GENOME        genome.h5: bases in rows, a quarter of a byte each
//      |
//  PREDICT_CLASSES      a task a shard, on the GPU if there is one: compact predictions, about a byte a base, written once
//      |
//  CALL_GENES           a task a shard: the genes that begin in it, from the predictions of all shards
//  GATHER_SHARDS        genes of the state model
//  LEARN_SIGNALS        what genes look like in this genome: splice sites, codons, intron lengths, starts
//  CALL_GENES           once more, by what was learnt
//  GATHER_SHARDS        base genes
//      |
//  [ADD_COVERAGE]       RNA-seq on the genome, for candidates that read it
//      |
//      |  a round: the latest genes, or trusted ones, are what is learned from
//      |
//  [AGREE_GENES]        with genes of other callers: what they agree on, and masked places where they do not
//  SCORE_SHARD          a task a shard: labels of its rows beside its predictions; only the scores are kept
//  SELECT_CONFIDENT     the rows on which network and genes agree best, labelled: filtered.h5
//  [COVER_KEPT]         RNA-seq on those rows
//  SPLIT_SUBSEQUENCES   training and validation rows, of all genomes of a group
//  TUNE_MODEL           a task a candidate, on the GPU if there is one: a tuned model
//      |
//  PREDICT_CLASSES      as above, with the tuned model
//  LEARN_SIGNALS        goes on from what was learnt before
//  CALL_GENES           by what was learnt
//  GATHER_SHARDS        tuned genes
//      |
//  EVALUATE_GENES       a task a candidate: base or tuned? (EVALUATE_ROUND: better than the round before?)
//  CHOOSE_CANDIDATE     the best candidate's results; another round, if it may follow and the gate says yes
//      |
//  WRITE_REPORT         one page on all genomes

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
    ROUND_1(BASE_GENES.out.called, 1, options)
    ROUND_2(ROUND_1.out.accepted, 2, options)
    ROUND_3(ROUND_2.out.accepted, 3, options)

    emit:
    finished = ROUND_1.out.finished.mix(ROUND_2.out.finished, ROUND_3.out.finished)   // meta of genomes with results
    report_files = ROUND_1.out.report_files.mix(ROUND_2.out.report_files, ROUND_3.out.report_files)   // <id>.<content>
}
