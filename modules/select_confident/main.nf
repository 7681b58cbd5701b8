// training.h5 and predictions.h5, or the row scores of all shards and the genes that they were scored by -> filtered.h5: the
// subsequences on which network and gene models agree best.
// When nothing is eligible there is no filtered.h5 (an empty list goes on); scores and summary say why.
process SELECT_CONFIDENT {
    tag "${meta.id}"
    label 'process_low'
    label 'container_data'

    input:
    // repeats: BED or []; row_scores and annotation: in place of labels, predictions and repeats, which are [] then
    tuple val(meta), path(labels), path(genome), path(predictions), path(repeats), path(row_scores), path(annotation)
    val options

    output:
    tuple val(meta), path("${meta.id}.filtered.h5", arity: '0..*'), emit: subsequences
    tuple val(meta), path("${meta.id}.scores.tsv"), path("${meta.id}.selection.json"), emit: scores
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    def rows = row_scores ? "--row-scores ${row_scores} --annotation ${annotation}" : "--h5-to-filter ${labels} --predictions ${predictions}"
    """
    select_confident.py \\
        ${rows} \\
        --genome ${genome} \\
        ${repeats ? "--repeats ${repeats}" : ''} ${options} \\
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
