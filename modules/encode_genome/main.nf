// FASTA -> genome.h5: the bases of both strands, cut into subsequences; a quarter of a byte each.
process ENCODE_GENOME {
    tag "${meta.id}"
    label 'process_low'
    label 'container_data'

    input:
    tuple val(meta), path(fasta, stageAs: 'fasta/*'), val(subsequence_length)
    val options

    output:
    tuple val(meta), path("${meta.id}.genome.h5"), emit: genome
    tuple val(meta), path("${meta.id}.genome.summary.json"), emit: summary
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums fasta"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    """
    helixtune encode-genome \\
        --fasta ${fasta} \\
        --species '${meta.species}' \\
        --subsequence-length ${subsequence_length} \\
        --bases packed \\
        --threads ${task.cpus} ${options} \\
        --output ${meta.id}.genome.h5
    """

    stub:
    """
    touch ${meta.id}.genome.h5 ${meta.id}.genome.summary.json
    """
}
