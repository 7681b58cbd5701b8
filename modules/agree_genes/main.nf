// The latest genes and those of other callers -> genes that at least two of them have, and masked places where they disagree.
process AGREE_GENES {
    tag "${meta.id}"
    label 'process_low'
    label 'container_data'

    input:
    tuple val(meta), path(genes, stageAs: 'own/*'), path(teachers, stageAs: 'teacher?/*')   // teachers: GFF3 or GTF of other callers

    output:
    tuple val(meta), path("${meta.id}.agreed.gff3"), emit: genes
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums ${teachers}"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    """
    helixtune agree-genes \\
        --genes ${genes} ${teachers} \\
        --output ${meta.id}.agreed.gff3
    """

    stub:
    """
    touch ${meta.id}.agreed.gff3
    """
}
