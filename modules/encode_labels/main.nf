// FASTA and genes -> training.h5: bases with the class and phase that the genes give them.
process ENCODE_LABELS {
    tag "${meta.id}"
    label 'process_low'
    label 'container_data'

    input:
    // is_complete: no gene is missing; with_bases: false leaves the bases to SELECT_CONFIDENT
    tuple val(meta), path(fasta), path(annotation, stageAs: 'annotation/*'), val(is_complete), val(with_bases), val(subsequence_length)
    val options

    output:
    tuple val(meta), path("${meta.id}.training.h5"), emit: labels
    tuple val(meta), path("${meta.id}.training.summary.json"), emit: summary
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums annotation"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    """
    helixtune encode-labels \\
        --fasta ${fasta} \\
        --annotation ${annotation} \\
        --species '${meta.species}' \\
        --subsequence-length ${subsequence_length} \\
        ${is_complete ? '' : '--partial-annotation'} ${with_bases ? '' : '--no-bases'} \\
        --threads ${task.cpus} ${options} \\
        --output ${meta.id}.training.h5
    """

    stub:
    """
    touch ${meta.id}.training.h5 ${meta.id}.training.summary.json
    """
}
