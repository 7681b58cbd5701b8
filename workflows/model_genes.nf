// From a model to genes: every shard is predicted once, then read as often as genes are called. They are called twice: by the state
// model of the network's probabilities, and by what those genes tell of the genome (docs/explanation/signals.md).

include { PREDICT_CLASSES } from '../modules/predict_classes/main'
include { LEARN_SIGNALS } from '../modules/learn_signals/main'
include { GENES_OF_SHARDS as GENES_OF_STATE_MODEL } from './genes_of_shards'
include { GENES_OF_SHARDS } from './genes_of_shards'

// The shards of a genome, as words: ['1/3', '2/3', '3/3'].
def shards_of(Map genome) {
    return (1..genome.shards).collect { number -> "${number}/${genome.shards}".toString() }
}

workflow MODEL_GENES {
    take:
    models    // [ genome, 'new-head', tuned.h5, pombe.genome_coverage.h5, engine.json or [] ]
              //   genome = the map, with `encoded`: pombe.genome.h5; what the model reads; the engine to be used
    options   // map: stage -> command-line options

    main:
    // to_predict: [ meta, 'new-head', '3/17', tuned.h5, what the model reads, engine.json or [] ]
    to_predict = models.flatMap { genome, role, model, read, engine ->
        shards_of(genome).collect { shard -> [genome.meta, role, shard, model, read, engine] }
    }
    PREDICT_CLASSES(to_predict, options.predict_classes, options.keep_predictions)

    // predicted: [ meta, 'new-head', [pombe.new-head.0001.compact.h5, ...], pombe.new-head.0001.engine.json ]   sorted, so that -resume holds
    predicted = PREDICT_CLASSES.out.predictions
        .join(PREDICT_CLASSES.out.engine, by: [0, 1, 2])
        .map { meta, role, shard, predictions, engine ->
            [groupKey([meta, role], shard.tokenize('/').last().toInteger()), predictions, engine]
        }
        .groupTuple()
        .map { key, predictions, engines ->
            key.getGroupTarget() + [predictions.sort { file -> file.name }, engines.sort { file -> file.name }.first()]
        }
    predictions = predicted.map { meta, role, files, _engine -> [meta, role, files] }

    // to_call: [ genome, 'new-head', [pombe.new-head.0001.compact.h5, ...], [] ]   []: no signals yet
    to_call = models.map { genome, role, _model, _read, _engine -> [genome.meta, role, genome] }
        .join(predictions, by: [0, 1])
        .map { _meta, role, genome, files -> [genome, role, files, []] }
    // signals: [ meta, 'new-head', [signals.json, signals.tsv] ]   [] where nothing is learnt
    signals = predictions.map { meta, role, _files -> [meta, role, []] }
    if (options.signals == 'on') {
        GENES_OF_STATE_MODEL(to_call.map { genome, role, files, none -> [genome, "${role}.state_model".toString(), files, none] }, options)

        // to_learn: [ meta, 'new-head', pombe.genome.h5, [pombe.new-head.0001.compact.h5, ...], pombe.new-head.state_model.gff3 ]
        to_learn = to_call.map { genome, role, files, _none -> [genome.meta, role, genome.encoded, files] }
            .join(GENES_OF_STATE_MODEL.out.genes.map { meta, role, genes -> [meta, role - '.state_model', genes] }, by: [0, 1])
        LEARN_SIGNALS(to_learn, options.learn_signals)

        // to_call: as above with [pombe.new-head.signals.json]; [] of too few genes
        signals = LEARN_SIGNALS.out.signals.map { meta, role, json, table -> [meta, role, json + table] }
        to_call = to_call.map { genome, role, files, _none -> [genome.meta, role, genome, files] }
            .join(LEARN_SIGNALS.out.signals, by: [0, 1])
            .map { _meta, role, genome, files, json, _table -> [genome, role, files, json] }
    }
    GENES_OF_SHARDS(to_call, options)

    emit:
    genes = GENES_OF_SHARDS.out.genes   // [ meta, role, genes.gff3 ]
    predictions                         // [ meta, role, [compact predictions of all shards] ]
    engine = predicted.map { meta, role, _files, engine -> [meta, role, engine] }   // [ meta, role, engine.json ]
    signals                             // [ meta, role, [signals.json, signals.tsv] ]   [] where nothing is learnt
}
