// genome.h5, all genes and the predictions of a shard -> scores of its rows; their labels are not kept.
process SCORE_SHARD {
    tag "${meta.id} ${shard}"
    label 'process_low'
    label 'container_data'

    input:
    // shard: '3/17'; annotation: all genes of the genome; is_complete: none is missing there; predictions: of the shard's rows;
    // repeats: BED or []
    tuple val(meta), val(shard), path(genome), path(annotation), val(is_complete), path(predictions), path(repeats), val(subsequence_length)
    val options

    output:
    tuple val(meta), val(shard), path("${prefix}.scores.h5"), emit: scores
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    prefix = "${meta.id}.${shard.tokenize('/').first().padLeft(4, '0')}"   // in order when sorted by name
    """
    helixtune score-shard \\
        --genome ${genome} \\
        --annotation ${annotation} ${is_complete ? '' : '--partial-annotation'} \\
        --predictions ${predictions} \\
        --shard ${shard} \\
        --subsequence-length ${subsequence_length} \\
        ${repeats ? "--repeats ${repeats}" : ''} ${options} \\
        --threads ${task.cpus} \\
        --output ${prefix}.scores.h5
    """

    stub:
    prefix = "${meta.id}.${shard.tokenize('/').first().padLeft(4, '0')}"
    """
    touch ${prefix}.scores.h5
    """
}
