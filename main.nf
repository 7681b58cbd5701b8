#!/usr/bin/env nextflow
// helixtune: adapts a gene-calling network to a genome that nobody has annotated, and proves whether it helped.

include { check_parameters; help_text; parameters_json; stage_options } from './workflows/parameters'
include { check_images } from './workflows/containers'
include { needs_of } from './workflows/genome_sizes'
include { read_samplesheet } from './workflows/samplesheet'
include { claim; release; write_checksums; write_index; write_inputs } from './workflows/published'
include { tell_failures } from './workflows/failures'
include { SELF_TRAINING } from './workflows/self_training'
include { WRITE_REPORT } from './modules/write_report/main'

workflow {
    main:
    if (params.help) {
        println(help_text())
        exit(0)
    }

    // ---- inputs: every problem of parameters and samplesheet is reported before any work ----
    check_parameters(params)
    check_images(params)
    options = stage_options(params)

    // genomes: one map a genome, [meta: [id: 'pombe', species: 'S_pombe'], fasta: genome.fa.gz, base_model: base.h5, ...]
    samplesheet = read_samplesheet(params)
    genomes = channel.fromList(samplesheet)
    claimed = claim(params.outdir)
    samplesheet.each { genome -> log.info("helixtune: ${needs_of(genome, params)}") }

    // ---- stages ----
    SELF_TRAINING(genomes, options)

    // finished: ids of genomes whose results are written, known when the run ends
    finished = []
    SELF_TRAINING.out.finished.subscribe { meta -> finished << meta.id }

    // ---- versions and report ----
    // versions: one file of lines "process  tool  version", sorted so that -resume holds
    versions = channel.topic('versions')
        .mix(channel.of(['pipeline', 'nextflow', workflow.nextflow.version.toString()]))
        .map { process, tool, version -> "${process.tokenize(':').last()}\t${tool}\t${version}" }
        .unique()
        .collectFile(name: 'versions.tsv', newLine: true, sort: true, seed: "stage\ttool\tversion")

    // parameters: one file, what the user chose and every default
    parameters = channel.of(parameters_json(params)).collectFile(name: 'params.json', newLine: true)

    // report_files: a single element, the list of all genomes' files, sorted by name so that -resume holds; none, no report
    report_files = SELF_TRAINING.out.report_files.toSortedList { a, b -> a.name <=> b.name }.filter { files -> files }
    WRITE_REPORT(report_files, versions, parameters, samplesheet.collect { genome -> genome.meta.id }, options.write_report)

    workflow.onError = {
        // the failed stage's own sentence, once more and last
        log.error("helixtune: stopped. ${(workflow.errorMessage ?: '').readLines().findAll { line -> line.trim() }.takeRight(1).join('')}")
    }
    workflow.onComplete = {
        if (workflow.success) {
            write_checksums(params.outdir)
            write_inputs(params.outdir, params, samplesheet)
            write_index(params.outdir)
            tell_failures(params.outdir, workflow.commandLine, samplesheet.collect { genome -> genome.meta.id }, finished)
            log.info("helixtune: the report is ${params.outdir}/report.html; genes are in ${params.outdir}/<id>/genes.gff3")
        }
        release(claimed)
    }
}
