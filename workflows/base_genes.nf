// The base genes: what the base model makes of each genome, and all that every round starts from.

include { ENCODE_GENOME } from '../modules/encode_genome/main'
include { ENCODE_LABELS } from '../modules/encode_labels/main'
include { ADD_COVERAGE } from '../modules/add_coverage/main'
include { MODEL_GENES } from './model_genes'

workflow BASE_GENES {
    take:
    genomes   // one map a genome, as read_samplesheet (samplesheet.nf) describes it
    options   // map: stage -> command-line options, [call_genes: '--min-intron 50 ...', ...]

    main:
    // per_genome: [ meta, genome ]   meta = [id: 'pombe', species: 'S_pombe'], the key of every join; genome = the map
    // A genome without a partner in a join is one that failed.
    per_genome = genomes.map { genome -> [genome.meta, genome] }

    // genome.h5: the bases, cut into subsequences.   in: [ meta, fasta, 21384, 'one-hot' ]   out: [ meta, pombe.genome.h5 ]
    to_encode = genomes.map { genome -> [genome.meta, genome.fasta, genome.subsequence_length, genome.shards ? 'packed' : 'one-hot'] }
    ENCODE_GENOME(to_encode, options.encode_genome)

    // to_predict: [ genome, 'base', base_model.h5, pombe.genome.h5, pombe.genome.h5, [] ]   []: the engine is chosen here, and kept
    // for all rounds
    to_predict = per_genome.join(ENCODE_GENOME.out.genome)
        .map { _meta, genome, encoded -> [genome, 'base', genome.base_model, encoded, encoded, []] }
    MODEL_GENES(to_predict, options)

    // trusted genes become labels at once, so that a wrong annotation is found early.   in: [ meta, fasta, genes.gff3, true, true, 21384 ]
    to_label = genomes.filter { genome -> genome.train_annotation }
        .map { genome -> [genome.meta, genome.fasta, genome.train_annotation, genome.annotation_complete, genome.labels_with_bases, genome.training_length] }
    ENCODE_LABELS(to_label, options.encode_labels)

    // to_cover: [ meta, 'genome', pombe.genome.h5, genes.gff3, [a.bam], [a.bam.bai], ['auto'] ]   for modes that read coverage
    to_cover = ENCODE_GENOME.out.genome.join(per_genome).join(MODEL_GENES.out.genes)
        .filter { _meta, _encoded, genome, _role, _genes -> genome.tune_bams }
        .map { meta, encoded, genome, _role, genes ->
            [meta, 'genome', encoded, genome.train_annotation ?: genes, genome.tune_bams, genome.tune_indexes, genome.tune_libraries]
        }
    ADD_COVERAGE(to_cover, options.add_coverage)

    // optional: [ meta, file or [] ]   so that every genome has an element
    covered = ADD_COVERAGE.out.data.map { meta, _content, encoded -> [meta, encoded] }
        .mix(genomes.filter { genome -> !genome.tune_bams }.map { genome -> [genome.meta, []] })
    trusted = ENCODE_LABELS.out.labels
        .mix(genomes.filter { genome -> !genome.train_annotation }.map { genome -> [genome.meta, []] })

    emit:
    // the genome's map and what this workflow made; `start` is what the first round learns from
    per_genome
        .join(ENCODE_GENOME.out.genome)
        .join(covered)
        .join(trusted)
        .join(MODEL_GENES.out.genes.map { meta, _role, genes -> [meta, genes] })
        .join(MODEL_GENES.out.predictions.map { meta, _role, predictions -> [meta, predictions] })
        .join(MODEL_GENES.out.engine.map { meta, _role, engine -> [meta, engine] })
        .map { _meta, genome, encoded, with_coverage, labels, genes, predictions, engine ->
            def base = [genes: genes, predictions: predictions, engine: engine]
            genome + [encoded: encoded, covered: with_coverage, trusted_labels: labels, base: base, start: base]
        }
}
