// train.h5, validation.h5 and a base model -> tuned.h5, with a log of every epoch and a model card.
process TUNE_MODEL {
    tag "${meta.id} ${role}"
    label 'process_high'
    label 'process_gpu'
    label 'container_model'

    input:
    // meta: of a genome or of a group of genomes; role: the candidate's name, part of the file names
    tuple val(meta), val(role), val(mode), path(base_model), path(train), path(validation)
    val options

    output:
    tuple val(meta), val(role), path("${meta.id}.${role}.tuned.h5"), emit: model
    tuple val(meta), val(role), path("${meta.id}.${role}.training_log.tsv"), path("${meta.id}.${role}.model_card.md"), emit: record
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions
    tuple val(task.process), val('keras'), eval('python -c "import importlib.metadata as m; print(*[d.version for d in m.distributions(name=\'keras\')] or [\'none\'])"'), topic: versions

    script:
    """
    helixtune tune-model \\
        --mode ${mode} \\
        --base-model ${base_model} \\
        --train ${train} \\
        --validation ${validation} \\
        --threads ${task.cpus} ${options} \\
        --training-log ${meta.id}.${role}.training_log.tsv \\
        --model-card ${meta.id}.${role}.model_card.md \\
        --output ${meta.id}.${role}.tuned.h5
    """

    stub:
    """
    touch ${meta.id}.${role}.tuned.h5 ${meta.id}.${role}.training_log.tsv ${meta.id}.${role}.model_card.md
    """
}
