// genome.h5, a model and a part of the genome -> the genes that begin in it and coarse predictions, without a file of full ones.
process CALL_SHARD {
    tag "${meta.id} ${role} ${shard}"
    label 'process_high'
    label 'process_gpu'
    label 'container_model'

    input:
    // role: 'base' or a candidate, part of the file names; shard: '3/17'; like: record of the engine to be used, or []
    tuple val(meta), val(role), val(shard), path(model, stageAs: 'model/*'), path(genome), path(like)
    val options
    val keep_predictions

    output:
    tuple val(meta), val(role), val(shard), path("${prefix}.gff3.gz"), emit: genes
    tuple val(meta), val(role), val(shard), path("${prefix}.coarse.h5"), emit: predictions
    tuple val(meta), val(role), val(shard), path("${prefix}.engine.json"), emit: engine
    tuple val(meta), val(role), path("${prefix}.predictions.h5"), optional: true, emit: full_predictions
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums model ${keep_predictions ? prefix + '.predictions.h5' : ''}"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions
    tuple val(task.process), val('keras'), eval('python -c "import importlib.metadata as m; print(*[d.version for d in m.distributions(name=\'keras\')] or [\'none\'])"'), topic: versions
    tuple val(task.process), val('engine'), eval("sed -n 's/.*\"description\": \"\\(.*\\)\".*/\\1/p' ${prefix}.engine.json"), topic: versions

    script:
    prefix = "${meta.id}.${role}.${shard.tokenize('/').first().padLeft(4, '0')}"   // in order when sorted by name
    """
    helixtune call-shard \\
        --model ${model} \\
        --genome ${genome} \\
        --shard ${shard} \\
        --device ${task.accelerator ? 'gpu' : 'cpu'} \\
        --engine-record ${prefix}.engine.json ${like ? "--engine-of ${like}" : ''} \\
        --threads ${task.cpus} ${options} \\
        --genes ${prefix}.gff3.gz \\
        ${keep_predictions ? "--keep-predictions ${prefix}.predictions.h5" : ''} \\
        --coarse-predictions ${prefix}.coarse.h5
    """

    stub:
    prefix = "${meta.id}.${role}.${shard.tokenize('/').first().padLeft(4, '0')}"
    """
    touch ${prefix}.gff3.gz ${prefix}.coarse.h5 ${prefix}.engine.json
    ${keep_predictions ? "touch ${prefix}.predictions.h5" : ''}
    """
}
