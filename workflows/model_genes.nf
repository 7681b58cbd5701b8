// From a model to genes: every shard is predicted once, then read as often as genes are called.

include { PREDICT_CLASSES } from '../modules/predict_classes/main'
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

    // to_call: [ genome, 'new-head', [pombe.new-head.0001.compact.h5, ...] ]
    to_call = models.map { genome, role, _model, _read, _engine -> [genome.meta, role, genome] }
        .join(predictions, by: [0, 1])
        .map { _meta, role, genome, files -> [genome, role, files] }
    GENES_OF_SHARDS(to_call, options)

    emit:
    genes = GENES_OF_SHARDS.out.genes   // [ meta, role, genes.gff3 ]
    predictions                         // [ meta, role, [compact predictions of all shards] ]
    engine = predicted.map { meta, role, _files, engine -> [meta, role, engine] }   // [ meta, role, engine.json ]
}
