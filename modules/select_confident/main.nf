// genome.h5, the row scores of all shards and the genes that they were scored by -> filtered.h5: the subsequences on which network
// and gene models agree best, labelled.
// When nothing is eligible there is no filtered.h5 (an empty list goes on); scores and summary say why.
process SELECT_CONFIDENT {
    tag "${meta.id}"
    label 'process_low'
    label 'container_data'

    input:
    tuple val(meta), path(genome), path(row_scores), path(annotation)
    val options

    output:
    tuple val(meta), path("${meta.id}.filtered.h5", arity: '0..*'), emit: subsequences
    tuple val(meta), path("${meta.id}.scores.tsv"), path("${meta.id}.selection.json"), emit: scores
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    """
    select_confident.py \\
        --row-scores ${row_scores} \\
        --annotation ${annotation} \\
        --genome ${genome} ${options} \\
        --threads ${task.cpus} \\
        --on-empty skip \\
        --scores ${meta.id}.scores.tsv \\
        --summary ${meta.id}.selection.json \\
        --output-file ${meta.id}.filtered.h5
    """

    stub:
    """
    touch ${meta.id}.filtered.h5 ${meta.id}.scores.tsv ${meta.id}.selection.json
    """
}
