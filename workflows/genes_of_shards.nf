// From compact predictions to genes: shards are called side by side and joined.

include { CALL_GENES } from '../modules/call_genes/main'
include { GATHER_SHARDS } from '../modules/gather_shards/main'

workflow GENES_OF_SHARDS {
    take:
    predicted   // [ genome, 'new-head', [pombe.new-head.0001.compact.h5, ...], [pombe.new-head.signals.json] ]
                //   predictions of all shards, in order; signals: [] where genes are called without
    options     // map: stage -> command-line options

    main:
    // to_call: [ meta, 'new-head', '3/17', pombe.genome.h5, [predictions of all shards], [signals] ]   a gene may go on in the next shard
    to_call = predicted.flatMap { genome, role, predictions, signals ->
        (1..predictions.size()).collect { number ->
            [genome.meta, role, "${number}/${predictions.size()}".toString(), genome.encoded, predictions, signals]
        }
    }
    CALL_GENES(to_call, options.call_genes)

    // to_gather: [ meta, 'new-head', pombe.genome.h5, [pombe.new-head.0001.gff3.gz, ...] ]   sorted, so that -resume holds
    to_gather = predicted.map { genome, role, _predictions, _signals -> [genome.meta, role, genome.encoded] }
        .join(
            CALL_GENES.out.genes
                .map { meta, role, shard, genes -> [groupKey([meta, role], shard.tokenize('/').last().toInteger()), genes] }
                .groupTuple()
                .map { key, genes -> key.getGroupTarget() + [genes.sort { file -> file.name }] },
            by: [0, 1]
        )
    GATHER_SHARDS(to_gather, options.gather_shards)

    emit:
    genes = GATHER_SHARDS.out.genes   // [ meta, role, genes.gff3 ]
}
