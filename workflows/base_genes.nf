// The base genes: what the base model makes of each genome, and all that every round starts from.

include { ENCODE_GENOME } from '../modules/encode_genome/main'
include { ADD_COVERAGE } from '../modules/add_coverage/main'
include { PREDICT_GENOME; SIGNALS_OF_GENOME } from './model_genes'
include { GENES_OF_SHARDS } from './genes_of_shards'

workflow BASE_GENES {
    take:
    genomes   // one map a genome, as read_samplesheet (samplesheet.nf) describes it
    options   // map: stage -> command-line options, [call_genes: '--min-intron 50 ...', ...]

    main:
    // per_genome: [ meta, genome ]   meta = [id: 'pombe', species: 'S_pombe'], the key of every join; genome = the map
    // A genome without a partner in a join is one that failed.
    per_genome = genomes.map { genome -> [genome.meta, genome] }

    // genome.h5: the bases, cut into subsequences.   in: [ meta, fasta, 21384 ]   out: [ meta, pombe.genome.h5 ]
    ENCODE_GENOME(genomes.map { genome -> [genome.meta, genome.fasta, genome.subsequence_length] }, options.encode_genome)

    // encoded: one map a genome, with `encoded`: pombe.genome.h5
    encoded = per_genome.join(ENCODE_GENOME.out.genome).map { _meta, genome, file -> genome + [encoded: file] }

    // to_predict: [ genome, 'base', base_model.h5, pombe.genome.h5, [] ]   []: the engine is chosen here, and kept for all rounds
    PREDICT_GENOME(encoded.map { genome -> [genome, 'base', genome.base_model, genome.encoded, []] }, options)

    // predicted: [ genome, 'base', [pombe.base.0001.compact.h5, ...] ]
    predicted = encoded.map { genome -> [genome.meta, genome] }
        .join(PREDICT_GENOME.out.predictions)
        .map { _meta, genome, role, files -> [genome, role, files] }

    // signals: [ meta, [pombe.base.signals.json], [pombe.base.signals.tsv] ]   empty lists where nothing is learnt
    SIGNALS_OF_GENOME(predicted.filter { options.signals == 'on' }, options)
    signals = SIGNALS_OF_GENOME.out.signals.map { meta, _role, json, table -> [meta, json, table] }
        .mix(encoded.filter { options.signals == 'off' }.map { genome -> [genome.meta, [], []] })

    // to_call: [ genome, 'base', [pombe.base.0001.compact.h5, ...], [pombe.base.signals.json] ]
    to_call = predicted.map { genome, role, files -> [genome.meta, genome, role, files] }
        .join(signals)
        .map { _meta, genome, role, files, json, _table -> [genome, role, files, json] }
    GENES_OF_SHARDS(to_call, options)

    // to_cover: [ meta, 'genome', pombe.genome.h5, genes.gff3, [a.bam], [a.bam.bai], ['auto'] ]   for modes that read coverage
    to_cover = encoded.filter { genome -> genome.tune_bams }.map { genome -> [genome.meta, genome] }.join(GENES_OF_SHARDS.out.genes)
        .map { meta, genome, _role, genes ->
            [meta, 'genome', genome.encoded, genome.train_annotation ?: genes, genome.tune_bams, genome.tune_indexes, genome.tune_libraries]
        }
    ADD_COVERAGE(to_cover, options.add_coverage)

    // covered: [ meta, pombe.genome_coverage.h5 or [] ]   so that every genome has an element
    covered = ADD_COVERAGE.out.data.map { meta, _content, file -> [meta, file] }
        .mix(genomes.filter { genome -> !genome.tune_bams }.map { genome -> [genome.meta, []] })

    // called: the genome's map and what this workflow made; `start` is what the first round learns from: trusted genes where there are some
    called = encoded.map { genome -> [genome.meta, genome] }
        .join(covered)
        .join(GENES_OF_SHARDS.out.genes.map { meta, _role, genes -> [meta, genes] })
        .join(PREDICT_GENOME.out.predictions.map { meta, _role, predictions -> [meta, predictions] })
        .join(PREDICT_GENOME.out.engine.map { meta, _role, engine -> [meta, engine] })
        .join(signals)
        .map { _meta, genome, with_coverage, genes, predictions, engine, json, table ->
            def base = [genes: genes, predictions: predictions, engine: engine, signals: json, learnt: json + table]
            genome + [covered: with_coverage, base: base, start: base + [genes: genome.train_annotation ?: genes]]
        }

    emit:
    called
}
