// Base genes against tuned genes -> metrics, a comparison, and the better of the two sets: the gate's verdict.
// Without tuned genes (nothing to learn from) the base genes are recommended.
process EVALUATE_GENES {
    tag "${meta.id}"
    label 'process_medium'
    label 'container_data'

    input:
    // tuned_genes, tuned_predictions, reference, repeats: a file or []; bams, indexes: lists, may be empty
    tuple val(meta), path(genome), path(base_genes), path(base_predictions), path(scores),
        path(tuned_genes), path(tuned_predictions),
        path(reference), path(repeats), path(bams, arity: '0..*'), path(indexes)
    val options

    output:
    tuple val(meta), path("${meta.id}.metrics.json"), emit: metrics
    tuple val(meta), path("${meta.id}.comparison.tsv"), emit: comparison
    tuple val(meta), path("${meta.id}.genes.gff3"), emit: genes
    tuple val(meta), path("${meta.id}.proteins.fa"), path("${meta.id}.cds.fa"), emit: sequences
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    def tuned = tuned_genes ? "--tuned-genes ${tuned_genes} --tuned-predictions ${tuned_predictions}" : ''
    """
    helixtune evaluate-genes \\
        --genome ${genome} \\
        --base-genes ${base_genes} \\
        --base-predictions ${base_predictions} \\
        --scores ${scores} ${tuned} \\
        ${reference ? "--reference ${reference}" : ''} \\
        ${repeats ? "--repeats ${repeats}" : ''} \\
        ${bams.collect { bam -> "--bam ${bam}" }.join(' ')} \\
        ${options} \\
        --output ${meta.id}.metrics.json \\
        --comparison ${meta.id}.comparison.tsv \\
        --recommended ${meta.id}.genes.gff3 \\
        --recommended-proteins ${meta.id}.proteins.fa \\
        --recommended-cds ${meta.id}.cds.fa
    """

    stub:
    """
    touch ${meta.id}.metrics.json ${meta.id}.comparison.tsv ${meta.id}.genes.gff3 ${meta.id}.proteins.fa ${meta.id}.cds.fa
    """
}
