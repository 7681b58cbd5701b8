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

// Elements of `done` (a stage finished) without one in `results` (it wrote something), as [ meta, [], [] ].
def without_result(done, results) {
    return done.map { element -> [element[0], true] }
        .join(results.map { element -> [element[0], true] }, remainder: true)
        .filter { _meta, _done, result -> !result }
        .map { meta, _done, _result -> [meta, [], []] }
}

workflow SELF_TRAINING {
    take:
    genomes   // one map a genome, as read_samplesheet (samplesheet.nf) describes it
    options   // map: stage -> command-line options, [call_genes: '--min-intron 50 ...', ...]
    mode      // tuning mode, for example 'new-head'

    main:
    // per_genome: [ meta, genome ]   meta = [id: 'pombe', species: 'S_pombe'], the key of every join; genome = the map
    // A genome without a partner in a join is one that has nothing to learn from, or one that failed (and stops the run).
    per_genome = genomes.map { genome -> [genome.meta, genome] }
    needs_coverage = mode == 'coverage-head'

    // ---- base genes ----
    // genome.h5: the bases, cut into subsequences.   in: [ meta, fasta, 21384 ]   out: [ meta, pombe.genome.h5 ]
    ENCODE_GENOME(genomes.map { genome -> [genome.meta, genome.fasta, genome.subsequence_length] }, options.encode_genome)

    // to_predict: [ meta, base_model.h5, pombe.genome.h5 ]
    to_predict = genomes.map { genome -> [genome.meta, genome.base_model] }.join(ENCODE_GENOME.out.genome)
    PREDICT_CLASSES(to_predict, 'base', options.predict_classes)

    // to_call: [ meta, pombe.genome.h5, pombe.base.predictions.h5 ]
    to_call = ENCODE_GENOME.out.genome.join(PREDICT_CLASSES.out.predictions)
    CALL_GENES(to_call, 'base', options.call_genes)

    // ---- pseudolabels ----
    // to_label: [ meta, fasta, genes.gff3, 21384 ]   trusted genes when the samplesheet has them (at once), else the base genes
    trusted = genomes.filter { genome -> genome.train_annotation }
        .map { genome -> [genome.meta, genome.fasta, genome.train_annotation, genome.training_length] }
    called = per_genome.join(CALL_GENES.out.genes).filter { _meta, genome, _genes -> !genome.train_annotation }
        .map { meta, genome, genes -> [meta, genome.fasta, genes, genome.training_length] }
    to_label = trusted.mix(called)
    ENCODE_LABELS(to_label, options.encode_labels)

    // to_cover: [ meta, 'training', pombe.training.h5, genes.gff3, [a.bam], [a.bam.bai], ['auto'] ]   twice a genome: training
    // and genome; only for the mode that reads coverage
    to_cover = ENCODE_LABELS.out.labels.map { meta, h5 -> [meta, 'training', h5] }
        .mix(ENCODE_GENOME.out.genome.map { meta, h5 -> [meta, 'genome', h5] })
        .combine(to_label.map { meta, _fasta, genes, _length -> [meta, genes] }.join(per_genome), by: 0)
        .filter { needs_coverage }
        .map { meta, content, h5, genes, genome -> [meta, content, h5, genes, genome.bams, genome.indexes, genome.libraries] }
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
    // tuned: [ meta, pombe.tuned.gff3, pombe.tuned.predictions.h5 ]
    tuned = CALL_GENES_TUNED.out.genes.join(PREDICT_CLASSES_TUNED.out.predictions)

    // untuned: [ meta, [], [] ]   genomes of which the selection, or the split, left nothing to learn from
    untuned = without_result(SELECT_CONFIDENT.out.scores, SELECT_CONFIDENT.out.subsequences)
        .mix(without_result(SPLIT_SUBSEQUENCES.out.finished, SPLIT_SUBSEQUENCES.out.split))
    untuned.subscribe { meta, _genes, _predictions ->
        log.warn("${meta.id}: nothing to learn from, so the model was not tuned; the base genes are recommended")
    }

    // to_evaluate: [ meta, genome.h5, base.gff3, base.predictions.h5, scores.tsv, tuned.gff3, tuned.predictions.h5,
    //                reference, repeats, bams, indexes ]   [] stands for what this genome does not have
    // RNA-seq that the model was tuned on is no independent evidence: then it does not count
    to_evaluate = to_call.join(CALL_GENES.out.genes).join(SELECT_CONFIDENT.out.scores).join(tuned.mix(untuned)).join(per_genome)
        .map { meta, genome_h5, base_predictions, base_genes, scores, tuned_genes, tuned_predictions, genome ->
            [meta, genome_h5, base_genes, base_predictions, scores, tuned_genes, tuned_predictions] +
                [genome.reference, genome.repeats] + (needs_coverage ? [[], []] : [genome.bams, genome.indexes])
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
