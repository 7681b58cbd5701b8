// The loop: base genes -> pseudolabels -> a tuned model -> tuned genes -> a verdict.

include { ENCODE_GENOME } from '../modules/encode_genome/main'
include { PREDICT_CLASSES } from '../modules/predict_classes/main'
include { PREDICT_CLASSES as PREDICT_CLASSES_TUNED } from '../modules/predict_classes/main'
include { CALL_GENES } from '../modules/call_genes/main'
include { CALL_GENES as CALL_GENES_TUNED } from '../modules/call_genes/main'
include { ENCODE_LABELS } from '../modules/encode_labels/main'
include { ADD_COVERAGE } from '../modules/add_coverage/main'
include { SELECT_CONFIDENT } from '../modules/select_confident/main'
include { SPLIT_SUBSEQUENCES } from '../modules/split_subsequences/main'
include { TUNE_MODEL } from '../modules/tune_model/main'
include { EVALUATE_GENES } from '../modules/evaluate_genes/main'

// Two channels with exactly one element a genome each, joined by meta; a missing partner is an error, not a silent drop.
def join_all(left, right) {
    return left.join(right, failOnMismatch: true, failOnDuplicate: true)
}

workflow SELF_TRAINING {
    take:
    genomes   // one map a genome, as read_samplesheet (samplesheet.nf) describes it
    options   // map: stage -> command-line options, [call_genes: '--min-intron 50 …', …]
    mode      // tuning mode, for example 'new-head'

    main:
    // per_genome: [ meta, genome ]   meta = [id: 'pombe', species: 'S_pombe'], the key of every join; genome = the map
    per_genome = genomes.map { genome -> [genome.meta, genome] }
    needs_coverage = mode == 'coverage-head'

    // ---- base genes ----
    // genome.h5: the bases, cut into subsequences.   in: [ meta, fasta, 21384 ]   out: [ meta, pombe.genome.h5 ]
    ENCODE_GENOME(genomes.map { genome -> [genome.meta, genome.fasta, genome.subsequence_length] }, options.encode_genome)

    // to_predict: [ meta, base_model.h5, pombe.genome.h5 ]
    to_predict = join_all(genomes.map { genome -> [genome.meta, genome.base_model] }, ENCODE_GENOME.out.genome)
    PREDICT_CLASSES(to_predict, 'base', options.predict_classes)

    // to_call: [ meta, pombe.genome.h5, pombe.base.predictions.h5 ]
    to_call = join_all(ENCODE_GENOME.out.genome, PREDICT_CLASSES.out.predictions)
    CALL_GENES(to_call, 'base', options.call_genes)

    // ---- pseudolabels ----
    // to_label: [ meta, fasta, genes.gff3, 21384 ]   trusted genes when the samplesheet has them (at once), else the base genes
    trusted = genomes.filter { genome -> genome.train_annotation }
        .map { genome -> [genome.meta, genome.fasta, genome.train_annotation, genome.training_length] }
    called = join_all(per_genome, CALL_GENES.out.genes).filter { _meta, genome, _genes -> !genome.train_annotation }
        .map { meta, genome, genes -> [meta, genome.fasta, genes, genome.training_length] }
    to_label = trusted.mix(called)
    ENCODE_LABELS(to_label, options.encode_labels)

    // to_cover: [ meta, 'training', pombe.training.h5, [a.bam, b.bam], ['auto'] ]   twice a genome: training and genome;
    // only for the mode that reads coverage, and only for genomes with BAMs
    to_cover = join_all(per_genome, ENCODE_LABELS.out.labels).map { meta, genome, h5 -> [meta, 'training', h5, genome] }
        .mix(join_all(per_genome, ENCODE_GENOME.out.genome).map { meta, genome, h5 -> [meta, 'genome', h5, genome] })
        .filter { _meta, _content, _h5, genome -> needs_coverage && genome.bams }
        .map { meta, content, h5, genome -> [meta, content, h5, genome.bams, genome.libraries] }
    ADD_COVERAGE(to_cover, options.add_coverage)
    covered = ADD_COVERAGE.out.data.branch { _meta, content, _h5 ->
        training: content == 'training'
        genome: content == 'genome'
    }

    // labels, tuned_genome: [ meta, h5 ]   with coverage where the tuned model reads it
    labels = needs_coverage ? covered.training.map { meta, _content, h5 -> [meta, h5] } : ENCODE_LABELS.out.labels
    tuned_genome = needs_coverage ? covered.genome.map { meta, _content, h5 -> [meta, h5] } : ENCODE_GENOME.out.genome

    // to_select: [ meta, pombe.training.h5, pombe.genome.h5, pombe.base.predictions.h5, repeats.bed or [] ]
    // genome.h5 says which row of the predictions lies where
    to_select = labels.join(to_call).join(per_genome)
        .map { meta, training, genome_h5, predictions, genome -> [meta, training, genome_h5, predictions, genome.repeats] }
    SELECT_CONFIDENT(to_select, options.select_confident)

    // ---- the tuned model ----
    // split: [ meta, pombe.train.h5, pombe.validation.h5 ]   none for a genome that has nothing to learn from
    SPLIT_SUBSEQUENCES(SELECT_CONFIDENT.out.subsequences, options.split_subsequences)

    // to_tune: [ meta, 'new-head', base_model.h5, pombe.train.h5, pombe.validation.h5 ]
    to_tune = SPLIT_SUBSEQUENCES.out.split.join(per_genome).map { meta, train, validation, genome ->
        [meta, mode, genome.base_model, train, validation]
    }
    TUNE_MODEL(to_tune, options.tune_model)

    // ---- tuned genes ----
    // tuned_model: [ meta, pombe.tuned.h5 ]
    tuned_model = TUNE_MODEL.out.model.map { meta, _mode, model -> [meta, model] }
    PREDICT_CLASSES_TUNED(tuned_model.join(tuned_genome), 'tuned', options.predict_classes)
    CALL_GENES_TUNED(ENCODE_GENOME.out.genome.join(PREDICT_CLASSES_TUNED.out.predictions), 'tuned', options.call_genes)

    // ---- the verdict ----
    // tuned: [ meta, pombe.tuned.gff3, pombe.tuned.predictions.h5 ]   only genomes that were tuned
    tuned = CALL_GENES_TUNED.out.genes.join(PREDICT_CLASSES_TUNED.out.predictions)

    // to_evaluate: [ meta, genome.h5, base.gff3, base.predictions.h5, scores.tsv, tuned.gff3, tuned.predictions.h5,
    //                reference, repeats, bams, libraries ]   [] stands for what this genome does not have
    // RNA-seq that the model was tuned on is no independent evidence: then it does not count
    to_evaluate = to_call.join(CALL_GENES.out.genes).join(SELECT_CONFIDENT.out.scores).join(per_genome).join(tuned, remainder: true)
        .map { meta, genome_h5, base_predictions, base_genes, scores, genome, tuned_genes = null, tuned_predictions = null ->
            if (!tuned_genes) {
                log.warn("${meta.id}: nothing to learn from, the model was not tuned; the base genes are recommended")
            }
            [meta, genome_h5, base_genes, base_predictions, scores, tuned_genes ?: [], tuned_predictions ?: []] +
                [genome.reference, genome.repeats] + (needs_coverage ? [[], []] : [genome.bams, genome.libraries])
        }
    EVALUATE_GENES(to_evaluate, options.evaluate_genes)

    // ---- for the report ----
    // report_files: one file an element, <id>.<content>, of all genomes
    report_files = CALL_GENES.out.genes
        .mix(CALL_GENES_TUNED.out.genes)
        .mix(SELECT_CONFIDENT.out.scores, SELECT_CONFIDENT.out.summary)
        .mix(TUNE_MODEL.out.log, TUNE_MODEL.out.card)
        .mix(EVALUATE_GENES.out.metrics, EVALUATE_GENES.out.comparison)
        .map { element -> element.last() }

    emit:
    report_files
}
