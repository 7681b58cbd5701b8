// Everything measured on all genomes -> one report.html, and its tables for MultiQC.
process WRITE_REPORT {
    label 'process_low'
    label 'container_data'

    input:
    path inputs       // <id>.metrics.json, <id>.scores.tsv, ...: the report knows a file by its name
    path versions     // versions.tsv: stage, tool, version; published as it is
    path parameters   // params.json: every parameter of this run; published as it is
    val ids           // all genomes of the run: one without files is named as failed
    val options

    output:
    path 'report.html', emit: report
    path 'multiqc/*_mqc.json', emit: multiqc
    path 'pipeline_info/citations.bib', emit: citations   // the page names it so, from where it is published
    path 'versions.tsv', includeInputs: true, emit: versions
    path 'params.json', includeInputs: true, emit: parameters
    tuple val(task.process), val(''), eval("python -m helixtune.checksums report.html multiqc"), topic: checksums

    script:
    """
    mkdir pipeline_info
    helixtune write-report \\
        --inputs ${inputs} \\
        --genomes ${ids.join(' ')} \\
        --versions ${versions} \\
        --parameters ${parameters} ${options} \\
        --citations pipeline_info/citations.bib \\
        --multiqc-dir multiqc \\
        --output report.html
    """

    stub:
    """
    mkdir multiqc pipeline_info
    touch report.html pipeline_info/citations.bib multiqc/helixtune_{verdicts,changes,loss,confidence}_mqc.json
    """
}
