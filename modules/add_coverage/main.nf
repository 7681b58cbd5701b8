// training.h5 or genome.h5 and BAMs -> the same file with RNA-seq coverage of every base.
process ADD_COVERAGE {
    tag "${meta.id} ${content}"
    label 'process_medium'
    label 'container_data'

    input:
    // content: 'training' or 'genome', what `data` is; annotation: the genes that tell the libraries apart;
    // indexes: lie beside the BAMs, each pair in a folder of its own, for two may have one name
    tuple val(meta), val(content), path(data), path(annotation), path(bams, arity: '1..*', stageAs: 'bam?/*'), path(indexes, stageAs: 'bam?/*'), val(libraries)
    val options

    output:
    tuple val(meta), val(content), path("${meta.id}.${content}_coverage.h5"), emit: data
    tuple val(meta), path("${meta.id}.${content}_coverage.summary.json"), emit: summary
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums bam*"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    """
    helixtune add-coverage \\
        --data ${data} \\
        ${bams.collect { bam -> "--bam ${bam}" }.join(' ')} \\
        ${libraries.collect { library -> "--library ${library}" }.join(' ')} \\
        --annotation ${annotation} \\
        --threads ${task.cpus} ${options} \\
        --output ${meta.id}.${content}_coverage.h5
    """

    stub:
    """
    touch ${meta.id}.${content}_coverage.h5 ${meta.id}.${content}_coverage.summary.json
    """
}
