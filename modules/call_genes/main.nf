// genome.h5 and predictions.h5 -> genes.gff3: the most probable gene structures, with a confidence each.
process CALL_GENES {
    tag "${meta.id} ${role}"
    label 'process_medium'
    label 'container_data'

    input:
    tuple val(meta), val(role), path(genome), path(predictions)   // role: 'base' or a candidate, part of the file name
    val options

    output:
    tuple val(meta), val(role), path("${meta.id}.${role}.gff3"), emit: genes
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums ${meta.id}.${role}.gff3"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    """
    helixtune call-genes \\
        --genome ${genome} \\
        --predictions ${predictions} \\
        --threads ${task.cpus} ${options} \\
        --output ${meta.id}.${role}.gff3
    """

    stub:
    """
    touch ${meta.id}.${role}.gff3
    """
}
