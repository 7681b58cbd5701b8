// genome.h5, predictions of all shards and the genes that the state model called -> what genes look like in this genome, for CALL_GENES.
// Of too few genes nothing is learnt: then there are no files.
process LEARN_SIGNALS {
    tag "${meta.id} ${role}"
    label 'process_medium'
    label 'container_data'

    input:
    // role: 'base' or a candidate, part of the file names; predictions: those of all shards, in order
    tuple val(meta), val(role), path(genome), path(predictions), path(genes)
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
        --genes ${genes} \\
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
