// One round: learn from the latest genes, tune the candidates, call genes with each, let the gate judge them all.

include { ADD_COVERAGE as COVER_KEPT } from '../modules/add_coverage/main'
include { AGREE_GENES } from '../modules/agree_genes/main'
include { SCORE_SHARD } from '../modules/score_shard/main'
include { SELECT_CONFIDENT } from '../modules/select_confident/main'
include { SPLIT_SUBSEQUENCES } from '../modules/split_subsequences/main'
include { TUNE_MODEL } from '../modules/tune_model/main'
include { LEARN_SIGNALS } from '../modules/learn_signals/main'
include { PREDICT_GENOME } from './model_genes'
include { GENES_OF_SHARDS } from './genes_of_shards'
include { JUDGE_CANDIDATES } from './judge_candidates'

// What shares a tuned model: the genomes of a group, as long as they go on with the same candidate.
def group_of(Map genome) {
    return [id: genome.group.id, candidates: genome.candidates.collect { candidate -> candidate.name }]
}

// Whether the candidate of this name reads RNA-seq coverage.
def reads_coverage(Map genome, String role) {
    return genome.candidates.any { candidate -> candidate.name == role && candidate.mode == 'coverage-head' }
}

// Whether any candidate reads it: then the rows to learn from need it.
def learns_coverage(Map genome) {
    return genome.candidates.any { candidate -> reads_coverage(genome, candidate.name) }
}

// What ADD_COVERAGE takes: the genes tell the libraries apart.
def to_count(Map genome, Object rows) {
    def genes = genome.train_annotation ?: genome.base.genes
    return [genome.meta, 'filtered', rows, genes, genome.tune_bams, genome.tune_indexes, genome.tune_libraries]
}

workflow ROUND {
    take:
    genomes   // one map a genome, from BASE_GENES or the round before; `start`: what to learn from; `candidates`: what to tune,
              //   [[name: 'new-head', mode: 'new-head', model: base.h5], [name: 'coverage-head', ...]]
    number    // 1, 2, 3
    options   // map: stage -> command-line options

    main:
    per_genome = genomes.map { genome -> [genome.meta, genome] }

    // ---- what to learn from: the latest genes; with genes of other callers, what they agree on ----
    AGREE_GENES(genomes.filter { genome -> genome.teachers }.map { genome -> [genome.meta, genome.start.genes, genome.teachers] })
    // labelled: the genomes, with `labels`: genes.gff3
    labelled = genomes.filter { genome -> !genome.teachers }.map { genome -> genome + [labels: genome.start.genes] }
        .mix(per_genome.join(AGREE_GENES.out.genes).map { _meta, genome, genes -> genome + [labels: genes] })

    // ---- labels and scores ----
    // to_score: [ meta, '3/17', pombe.genome.h5, genes.gff3, true, pombe.base.0003.compact.h5, repeats.bed or [], 7128 ]
    // trusted genes may be told to be incomplete; called ones are all there are
    to_score = labelled.flatMap { genome ->
        genome.start.predictions.withIndex(1).collect { predictions, shard ->
            [
                genome.meta, "${shard}/${genome.start.predictions.size()}".toString(), genome.encoded, genome.labels,
                !genome.train_annotation || genome.annotation_complete, predictions, genome.repeats, genome.training_length,
            ]
        }
    }
    SCORE_SHARD(to_score, options.score_shard)
    // row_scores: [ meta, [pombe.0001.scores.h5, ...] ]   sorted, so that -resume holds
    row_scores = SCORE_SHARD.out.scores
        .map { meta, shard, scores -> [groupKey(meta, shard.tokenize('/').last().toInteger()), scores] }
        .groupTuple()
        .map { key, scores -> [key.getGroupTarget(), scores.sort { file -> file.name }] }

    // ---- subsequences to learn from ----
    // to_select: [ meta, pombe.genome.h5, [pombe.0001.scores.h5, ...], genes.gff3 ]   kept rows are labelled, and get their bases
    to_select = row_scores.join(labelled.map { genome -> [genome.meta, genome] })
        .map { meta, scores, genome -> [meta, genome.encoded, scores, genome.labels] }
    SELECT_CONFIDENT(to_select, options.select_confident)

    // kept: [ meta, [pombe.filtered.h5] or [], genome ]   by whether a candidate reads coverage: of kept rows alone it is counted
    kept = SELECT_CONFIDENT.out.subsequences.join(per_genome).branch { _meta, files, genome ->
        uncovered: files && learns_coverage(genome)
        done: true
    }
    COVER_KEPT(kept.uncovered.map { _meta, files, genome -> to_count(genome, files) }, options.add_coverage)
    subsequences = kept.done.map { meta, files, _genome -> [meta, files] }
        .mix(COVER_KEPT.out.data.map { meta, _content, filtered -> [meta, filtered] })

    // pooled: [ group, [pombe.filtered.h5, ...] ]   of all genomes of a group, in the order of names; empty: nothing eligible
    // A genome that failed leaves its group incomplete: the others go on without it when all is known.
    pooled = subsequences.join(per_genome)
        .map { _meta, files, genome -> [groupKey(group_of(genome), genome.group.size), files] }
        .groupTuple(remainder: true)
        .map { group, files -> [group.getGroupTarget(), files.flatten().sort { file -> file.name }] }
        .branch { _group, files ->
            some: files
            none: true
        }
    SPLIT_SUBSEQUENCES(pooled.some, options.split_subsequences)

    // split: [ group, train.h5, validation.h5 ]   or [ group, [], [] ]: too little to part
    split = SPLIT_SUBSEQUENCES.out.split.branch { _group, train, _validation ->
        some: train
        none: true
    }

    // ---- tuned models ----
    // candidates: [ group, [candidate, ...] ]   the same for all genomes of a group
    candidates = genomes.map { genome -> [group_of(genome), genome.candidates] }.unique()

    // to_tune: [ group, 'new-head', 'new-head', base_model.h5, train.h5, validation.h5 ]   one element a candidate
    to_tune = split.some.combine(candidates, by: 0).flatMap { group, train, validation, found ->
        found.collect { candidate -> [group, candidate.name, candidate.mode, candidate.model, train, validation] }
    }
    TUNE_MODEL(to_tune, options.tune_model)

    // tuned: [ genome, 'new-head', new-head.tuned.h5 ]   one element a genome and candidate
    by_group = genomes.map { genome -> [group_of(genome), genome] }
    tuned = by_group.combine(TUNE_MODEL.out.model, by: 0).map { _group, genome, role, model -> [genome, role, model] }
    records = by_group.combine(TUNE_MODEL.out.record, by: 0).map { _group, genome, role, log, card -> [genome.meta, role, log, card] }

    // ---- tuned genes ----
    // to_predict: [ genome, 'new-head', tuned.h5, what it reads, pombe.base.0001.engine.json ]   the engine of the base predictions is kept
    to_predict = tuned.map { genome, role, model ->
        [genome, role, model, reads_coverage(genome, role) ? genome.covered : genome.encoded, genome.base.engine]
    }
    PREDICT_GENOME(to_predict, options)

    // predicted: [ genome, 'new-head', [pombe.new-head.0001.compact.h5, ...] ]
    predicted = to_predict.map { genome, role, _model, _read, _engine -> [genome.meta, role, genome] }
        .join(PREDICT_GENOME.out.predictions, by: [0, 1])
        .map { _meta, role, genome, files -> [genome, role, files] }

    // to_learn: [ meta, 'new-head', pombe.genome.h5, [pombe.new-head.0001.compact.h5, ...], [pombe.base.signals.json] ]
    // learning goes on from what was learnt of the genome before, where anything was
    to_learn = predicted.map { genome, role, files -> [genome.meta, role, genome.encoded, files, genome.start.signals] }
    LEARN_SIGNALS(to_learn.filter { _meta, _role, _encoded, _files, earlier -> earlier }, options.learn_signals)
    // signals: [ meta, 'new-head', [pombe.new-head.signals.json], [pombe.new-head.signals.tsv] ]   empty lists where nothing is learnt
    signals = LEARN_SIGNALS.out.signals
        .mix(to_learn.filter { element -> !element.last() }.map { meta, role, _encoded, _files, _earlier -> [meta, role, [], []] })

    // to_call: [ genome, 'new-head', [pombe.new-head.0001.compact.h5, ...], [pombe.new-head.signals.json] ]
    to_call = predicted.map { genome, role, files -> [genome.meta, role, genome, files] }
        .join(signals, by: [0, 1])
        .map { _meta, role, genome, files, json, _table -> [genome, role, files, json] }
    GENES_OF_SHARDS(to_call, options)

    // ---- the verdict ----
    // called: [ meta, 'new-head', new-head.gff3, [new-head.0001.compact.h5, ...], new-head.tuned.h5, log, card, [signals] ]
    called = GENES_OF_SHARDS.out.genes
        .join(PREDICT_GENOME.out.predictions, by: [0, 1])
        .join(tuned.map { genome, role, model -> [genome.meta, role, model] }, by: [0, 1])
        .join(records, by: [0, 1])
        .join(signals.map { meta, role, json, table -> [meta, role, json + table] }, by: [0, 1])

    // untuned: [ meta, 'none', [], [], [], [], [], [] ]   genomes of which the selection, or the split, left nothing to learn from
    untuned = by_group
        .combine(pooled.none.mix(split.none.map { group, train, _validation -> [group, train] }), by: 0)
        .map { _group, genome, _nothing -> [genome.meta, 'none', [], [], [], [], [], []] }
    untuned.subscribe { element ->
        log.warn("${element[0].id}: nothing to learn from in round ${number}, so the model was not tuned; the genes stay as they are")
    }
    JUDGE_CANDIDATES(genomes, SELECT_CONFIDENT.out.scores, called.mix(untuned), number, options)

    emit:
    accepted = JUDGE_CANDIDATES.out.accepted   // genomes that another round may follow, with their new start and candidate
    finished = JUDGE_CANDIDATES.out.finished   // meta of genomes whose results are written
    report_files = JUDGE_CANDIDATES.out.report_files
}
