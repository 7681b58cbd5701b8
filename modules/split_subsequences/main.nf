// filtered.h5 of a genome, or of all genomes of a group -> train.h5 and validation.h5.
// Too few rows to split: neither is written (empty lists go on).
process SPLIT_SUBSEQUENCES {
    tag "${meta.id}"
    label 'process_low'
    label 'container_data'

    input:
    tuple val(meta), path(subsequences, arity: '1..*')
    val options

    output:
    tuple val(meta), path("${meta.id}.train.h5", arity: '0..*'), path("${meta.id}.validation.h5", arity: '0..*'), emit: split
    tuple val(meta), path("${meta.id}.{train,validation}.summary.json"), emit: summary, optional: true
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    """
    helixtune split-subsequences \\
        --input ${subsequences} ${options} \\
        --threads ${task.cpus} \\
        --on-empty skip \\
        --train ${meta.id}.train.h5 \\
        --validation ${meta.id}.validation.h5
    """

    stub:
    """
    touch ${meta.id}.train.h5 ${meta.id}.train.summary.json ${meta.id}.validation.h5 ${meta.id}.validation.summary.json
    """
}
