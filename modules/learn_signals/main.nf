// genome.h5 and predictions of all shards -> what genes look like in this genome, for CALL_GENES. Learning starts from the genes that the
// state model called on the base model's predictions; for a tuned model it goes on from the signals learnt before.
// Of too few genes nothing is learnt: then there are no files.
process LEARN_SIGNALS {
    tag "${meta.id} ${role}"
    label 'process_medium'
    label 'container_data'

    input:
    // role: 'base' or a candidate, part of the file names; predictions: those of all shards, in order; start: genes.gff3 or signals.json
    tuple val(meta), val(role), path(genome), path(predictions), path(start, name: 'start/*')
    val options

    output:
    tuple val(meta), val(role), path("${prefix}.json", arity: '0..*'), path("${prefix}.tsv", arity: '0..*'), emit: signals
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums ${prefix}.json ${prefix}.tsv"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    prefix = "${meta.id}.${role}.signals"
    """
    helixtune learn-signals \\
        --genome ${genome} \\
        --predictions ${predictions} \\
        ${"${start}".endsWith('.json') ? '--signals' : '--genes'} ${start} \\
        --threads ${task.cpus} ${options} \\
        --on-empty skip \\
        --table ${prefix}.tsv \\
        --output ${prefix}.json
    """

    stub:
    prefix = "${meta.id}.${role}.signals"
    """
    touch ${prefix}.json ${prefix}.tsv
    """
}
