// Genes of all shards -> genes.gff3: byte for byte what call-genes makes of the whole genome at once.
process GATHER_SHARDS {
    tag "${meta.id} ${role}"
    label 'process_low'
    label 'container_data'

    input:
    tuple val(meta), val(role), path(genome), path(genes)   // role: 'base' or a candidate, part of the file name; genes: all parts
    val options

    output:
    tuple val(meta), val(role), path("${meta.id}.${role}.gff3"), emit: genes
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums ${meta.id}.${role}.gff3"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    """
    helixtune gather-shards \\
        --genome ${genome} \\
        --genes ${genes} ${options} \\
        --output ${meta.id}.${role}.gff3
    """

    stub:
    """
    touch ${meta.id}.${role}.gff3
    """
}
