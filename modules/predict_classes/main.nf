// genome.h5 and a model -> predictions.h5: class and phase probabilities of every base.
process PREDICT_CLASSES {
    tag "${meta.id} ${role}"
    label 'process_high'
    label 'process_gpu'
    label 'container_model'

    input:
    // role: 'base' or a candidate, part of the file names; like: record of the engine to be used, or []
    tuple val(meta), val(role), path(model, stageAs: 'model/*'), path(genome), path(like)
    val options

    output:
    tuple val(meta), val(role), path("${meta.id}.${role}.predictions.h5"), emit: predictions
    tuple val(meta), val(role), path("${meta.id}.${role}.predictions.summary.json"), emit: summary
    tuple val(meta), val(role), path("${meta.id}.${role}.engine.json"), emit: engine
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums model ${meta.id}.${role}.predictions.h5"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions
    tuple val(task.process), val('keras'), eval('python -c "import importlib.metadata as m; print(*[d.version for d in m.distributions(name=\'keras\')] or [\'none\'])"'), topic: versions
    tuple val(task.process), val('engine'), eval("sed -n 's/.*\"description\": \"\\(.*\\)\".*/\\1/p' ${meta.id}.${role}.engine.json"), topic: versions

    script:
    """
    helixtune predict-classes \\
        --model ${model} \\
        --genome ${genome} \\
        --device ${task.accelerator ? 'gpu' : 'cpu'} \\
        --engine-record ${meta.id}.${role}.engine.json ${like ? "--engine-of ${like}" : ''} \\
        --threads ${task.cpus} ${options} \\
        --output ${meta.id}.${role}.predictions.h5
    """

    stub:
    """
    touch ${meta.id}.${role}.engine.json ${meta.id}.${role}.predictions.h5 ${meta.id}.${role}.predictions.summary.json
    """
}
