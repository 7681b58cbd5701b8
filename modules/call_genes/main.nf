// genome.h5 and predictions of all shards, and the genome's signals or none -> genes that begin in one of the shards, with a confidence each.
process CALL_GENES {
    tag "${meta.id} ${role} ${shard}"
    label 'process_medium'
    label 'container_data'

    input:
    // role: 'base' or a candidate, part of the file names; shard: '3/17'; predictions: those of all shards, in order; signals: of LEARN_SIGNALS, or []
    tuple val(meta), val(role), val(shard), path(genome), path(predictions), path(signals)
    val options

    output:
    tuple val(meta), val(role), val(shard), path("${prefix}.gff3.gz"), emit: genes
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    prefix = "${meta.id}.${role}.${shard.tokenize('/').first().padLeft(4, '0')}"   // in order when sorted by name
    """
    helixtune call-genes \\
        --genome ${genome} \\
        --predictions ${predictions} \\
        --shard ${shard} ${signals ? "--signals ${signals}" : ''} \\
        --threads ${task.cpus} ${options} \\
        --output ${prefix}.gff3.gz
    """

    stub:
    prefix = "${meta.id}.${role}.${shard.tokenize('/').first().padLeft(4, '0')}"
    """
    touch ${prefix}.gff3.gz
    """
}
