// Base genes against tuned genes -> metrics, a comparison, and the better of the two sets: the gate's verdict.
// Without tuned genes (nothing to learn from) the base genes are recommended.
process EVALUATE_GENES {
    tag "${meta.id} ${role}"
    label 'process_sized'
    label 'container_data'
    // As process_medium; all cores where genomes are large. It holds both sets of genes, 4 to 6 kB a gene. 80 MB of genome.h5 are
    // 300 Mb (0.28 bytes a base).
    cpus { genome.size() > 80_000_000 ? 8 : 4 }
    memory { (genome.size() > 80_000_000 ? 24.GB : 12.GB) * task.attempt }
    time { 12.h * task.attempt }

    input:
    // role: the candidate's name, part of the file names; tuned_genes, tuned_predictions and everything of the last line:
    // files or [], the BAMs lists; each lies in a folder of its own, for two files may have one name
    tuple val(meta), val(role), path(genome), path(base_genes), path(base_predictions),
        path(tuned_genes), path(tuned_predictions),
        path(reference, stageAs: 'reference/*'), path(repeats, stageAs: 'repeats/*'), path(proteins, stageAs: 'proteins/*'),
        path(hmms, stageAs: 'hmms/*'), path(bams, arity: '0..*', stageAs: 'bam?/*'), path(indexes, stageAs: 'bam?/*'), val(libraries)
    val options

    output:
    tuple val(meta), val(role), path("${prefix}.metrics.json"), path("${prefix}.comparison.tsv"), emit: metrics
    tuple val(meta), val(role), path("${prefix}.genes.gff3"), path("${prefix}.proteins.fa"), path("${prefix}.cds.fa"), emit: genes
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums reference repeats proteins hmms bam*"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    script:
    prefix = "${meta.id}.${role}"
    def tuned = tuned_genes ? "--tuned-genes ${tuned_genes} --tuned-predictions ${tuned_predictions}" : ''
    """
    helixtune evaluate-genes \\
        --genome ${genome} \\
        --base-genes ${base_genes} \\
        --base-predictions ${base_predictions} ${tuned} \\
        ${reference ? "--reference ${reference}" : ''} \\
        ${repeats ? "--repeats ${repeats}" : ''} \\
        ${proteins ? "--proteins ${proteins}" : ''} \\
        ${hmms ? "--hmms ${hmms}" : ''} \\
        ${bams.collect { bam -> "--bam ${bam}" }.join(' ')} \\
        ${libraries.collect { library -> "--library ${library}" }.join(' ')} \\
        --threads ${task.cpus} ${options} \\
        --output ${prefix}.metrics.json \\
        --comparison ${prefix}.comparison.tsv \\
        --recommended ${prefix}.genes.gff3 \\
        --recommended-proteins ${prefix}.proteins.fa \\
        --recommended-cds ${prefix}.cds.fa
    """

    stub:
    prefix = "${meta.id}.${role}"
    """
    echo '{"verdict": {"recommended": "${tuned_genes ? 'tuned' : 'base'}", "estimated_gain": 0.01}}' > ${prefix}.metrics.json
    touch ${prefix}.comparison.tsv ${prefix}.genes.gff3 ${prefix}.proteins.fa ${prefix}.cds.fa
    """
}
