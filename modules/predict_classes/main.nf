// genome.h5, a model and a shard of the genome -> compact predictions of the shard's rows: class and phase probabilities of every base.
process PREDICT_CLASSES {
    tag "${meta.id} ${role} ${shard}"
    label 'process_high'
    label 'process_gpu'
    label 'container_model'

    input:
    // role: 'base' or a candidate, part of the file names; shard: '3/17'; like: record of the engine to be used, or []
    tuple val(meta), val(role), val(shard), path(model, stageAs: 'model/*'), path(genome), path(like)
    val options
    val keep_predictions   // the full ones, too

    output:
    tuple val(meta), val(role), val(shard), path("${prefix}.compact.h5"), emit: predictions
    tuple val(meta), val(role), val(shard), path("${prefix}.compact.summary.json"), emit: summary
    tuple val(meta), val(role), val(shard), path("${prefix}.engine.json"), emit: engine
    tuple val(meta), val(role), path("${full}.predictions.h5"), optional: true, emit: full_predictions
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums model ${keep_predictions ? full + '.predictions.h5' : ''}"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions
    tuple val(task.process), val('keras'), eval('python -c "import importlib.metadata as m; print(*[d.version for d in m.distributions(name=\'keras\')] or [\'none\'])"'), topic: versions
    tuple val(task.process), val('engine'), eval("sed -n 's/.*\"description\": \"\\(.*\\)\".*/\\1/p' ${prefix}.engine.json"), topic: versions

    script:
    prefix = "${meta.id}.${role}.${shard.tokenize('/').first().padLeft(4, '0')}"   // in order when sorted by name
    full = shard == '1/1' ? "${meta.id}.${role}" : prefix
    """
    helixtune predict-classes \\
        --model ${model} \\
        --genome ${genome} \\
        --shard ${shard} \\
        --device ${task.accelerator ? 'gpu' : 'cpu'} \\
        --engine-record ${prefix}.engine.json ${like ? "--engine-of ${like}" : ''} \\
        --threads ${task.cpus} ${options} \\
        ${keep_predictions ? "--output ${full}.predictions.h5" : ''} \\
        --compact ${prefix}.compact.h5
    """

    stub:
    prefix = "${meta.id}.${role}.${shard.tokenize('/').first().padLeft(4, '0')}"
    full = shard == '1/1' ? "${meta.id}.${role}" : prefix
    """
    touch ${prefix}.engine.json ${prefix}.compact.h5 ${prefix}.compact.summary.json
    ${keep_predictions ? "touch ${full}.predictions.h5" : ''}
    """
}
