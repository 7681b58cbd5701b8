// From a model to genes: in two stages with a file of predictions between them, or, for a large genome, in shards without one.

include { PREDICT_CLASSES } from '../modules/predict_classes/main'
include { CALL_GENES } from '../modules/call_genes/main'
include { CALL_SHARD } from '../modules/call_shard/main'
include { GATHER_SHARDS } from '../modules/gather_shards/main'

workflow MODEL_GENES {
    take:
    models    // [ genome, 'new-head', tuned.h5, pombe.genome.h5, pombe.genome_coverage.h5, engine.json or [] ]
              //   genome = the map, `shards`: 0 or how many; bases; what the model reads; the engine to be used
    options   // map: stage -> command-line options

    main:
    by_size = models.branch { element ->
        large: element[0].shards > 0
        small: true
    }

    // ---- small: predictions.h5 between two stages ----
    PREDICT_CLASSES(
        by_size.small.map { genome, role, model, _encoded, read, engine -> [genome.meta, role, model, read, engine] },
        options.predict_classes,
    )
    // to_call: [ meta, 'new-head', pombe.genome.h5, pombe.new-head.predictions.h5 ]
    to_call = by_size.small.map { genome, role, _model, encoded, _read, _engine -> [genome.meta, role, encoded] }
        .join(PREDICT_CLASSES.out.predictions, by: [0, 1])
    CALL_GENES(to_call, options.call_genes)

    // ---- large: shards ----
    // to_shard: [ meta, 'new-head', '3/17', tuned.h5, what the model reads, engine.json or [] ]
    to_shard = by_size.large.flatMap { genome, role, model, _encoded, read, engine ->
        (1..genome.shards).collect { number -> [genome.meta, role, "${number}/${genome.shards}".toString(), model, read, engine] }
    }
    CALL_SHARD(to_shard, "${options.predict_classes} ${options.call_genes}", options.keep_predictions)

    // parts: [ meta, 'new-head', [pombe.new-head.0001.gff3.gz, ...], [....coarse.h5], [....engine.json] ]   sorted, so that -resume holds
    parts = CALL_SHARD.out.genes
        .join(CALL_SHARD.out.predictions, by: [0, 1, 2])
        .join(CALL_SHARD.out.engine, by: [0, 1, 2])
        .map { meta, role, shard, genes, predictions, engine ->
            [groupKey([meta, role], shard.tokenize('/').last().toInteger()), genes, predictions, engine]
        }
        .groupTuple()
        .map { key, genes, predictions, engines ->
            key.getGroupTarget() + [genes, predictions, engines].collect { files -> files.sort { file -> file.name } }
        }

    // to_gather: [ meta, 'new-head', pombe.genome.h5, [pombe.new-head.0001.gff3.gz, ...] ]
    to_gather = by_size.large.map { genome, role, _model, encoded, _read, _engine -> [genome.meta, role, encoded] }
        .join(parts.map { meta, role, genes, _predictions, _engines -> [meta, role, genes] }, by: [0, 1])
    GATHER_SHARDS(to_gather, options.gather_shards)

    emit:
    genes = CALL_GENES.out.genes.mix(GATHER_SHARDS.out.genes)   // [ meta, role, genes.gff3 ]
    // [ meta, role, predictions.h5 ], or [ meta, role, [all parts' coarse predictions] ]
    predictions = PREDICT_CLASSES.out.predictions
        .mix(parts.map { meta, role, _genes, predictions, _engines -> [meta, role, predictions] })
    engine = PREDICT_CLASSES.out.engine   // [ meta, role, engine.json ]
        .mix(parts.map { meta, role, _genes, _predictions, engines -> [meta, role, engines.first()] })
}
