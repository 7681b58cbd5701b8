// train.h5, validation.h5 and a base model -> tuned.h5, with a log of every epoch and a model card.
process TUNE_MODEL {
    tag "${meta.id} ${mode}"
    label 'process_high'
    label 'process_gpu'
    label 'container_model'

    input:
    tuple val(meta), val(mode), path(base_model), path(train), path(validation)
    val options

    output:
    tuple val(meta), val(mode), path("${meta.id}.tuned.h5"), emit: model
    tuple val(meta), val(mode), path("${meta.id}.training_log.tsv"), emit: log
    tuple val(meta), val(mode), path("${meta.id}.model_card.md"), emit: card
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions
    tuple val(task.process), val('keras'), eval('python -c "import importlib.metadata as m; print(m.version(\'keras\'))"'), topic: versions

    script:
    """
    helixtune tune-model \\
        --mode ${mode} \\
        --base-model ${base_model} \\
        --train ${train} \\
        --validation ${validation} \\
        --threads ${task.cpus} ${options} \\
        --training-log ${meta.id}.training_log.tsv \\
        --model-card ${meta.id}.model_card.md \\
        --output ${meta.id}.tuned.h5
    """

    stub:
    """
    touch ${meta.id}.tuned.h5 ${meta.id}.training_log.tsv ${meta.id}.model_card.md
    """
}
