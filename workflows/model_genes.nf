// What both base and tuned models go through: every shard is predicted once, then read as often as genes are called (genes_of_shards.nf).
// And what is learnt of the genome from the base model's predictions; tuned models go on from there (docs/explanation/signals.md).

include { PREDICT_CLASSES } from '../modules/predict_classes/main'
include { LEARN_SIGNALS } from '../modules/learn_signals/main'
include { GENES_OF_SHARDS as GENES_OF_STATE_MODEL } from './genes_of_shards'

// The shards of a genome, as words: ['1/3', '2/3', '3/3'].
def shards_of(Map genome) {
    return (1..genome.shards).collect { number -> "${number}/${genome.shards}".toString() }
}

// All shards of a genome, predicted by one model.
workflow PREDICT_GENOME {
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

    emit:
    predictions = predicted.map { meta, role, files, _engine -> [meta, role, files] }   // [ meta, role, [compact predictions of all shards] ]
    engine = predicted.map { meta, role, _files, engine -> [meta, role, engine] }       // [ meta, role, engine.json ]
}

// What the genome tells of itself, from the genes that the state model calls on one model's predictions.
workflow SIGNALS_OF_GENOME {
    take:
    predicted   // [ genome, 'base', [pombe.base.0001.compact.h5, ...] ]
    options     // map: stage -> command-line options

    main:
    GENES_OF_STATE_MODEL(predicted.map { genome, role, files -> [genome, "${role}.state_model".toString(), files, []] }, options)

    // to_learn: [ meta, 'base', pombe.genome.h5, [pombe.base.0001.compact.h5, ...], pombe.base.state_model.gff3 ]
    to_learn = predicted.map { genome, role, files -> [genome.meta, role, genome.encoded, files] }
        .join(GENES_OF_STATE_MODEL.out.genes.map { meta, role, genes -> [meta, role - '.state_model', genes] }, by: [0, 1])
    LEARN_SIGNALS(to_learn, options.learn_signals)

    emit:
    signals = LEARN_SIGNALS.out.signals   // [ meta, 'base', [pombe.base.signals.json], [pombe.base.signals.tsv] ]   empty lists of too few genes
}
