#!/usr/bin/env nextflow
// helixtune: adapts a gene-calling network to a genome that nobody has annotated, and proves whether it helped.

include { check_parameters; help_text; parameters_json; stage_options; typed_parameters } from './workflows/parameters'
include { check_images; make_checkpoint_folder } from './workflows/containers'
include { tools_code; warn_of_replaced_tools } from './workflows/tools'
include { needs_of } from './workflows/genome_sizes'
include { read_samplesheet } from './workflows/samplesheet'
include { claim; release; results_of; write_checksums; write_index; write_inputs } from './workflows/published'
include { tell_failures; why_stopped } from './workflows/failures'
include { SELF_TRAINING } from './workflows/self_training'
include { WRITE_REPORT } from './modules/write_report/main'

workflow {
    main:
    // parameters: those of the schema, with values of their types, wherever they came from
    parameters = typed_parameters(params)
    if (parameters.help) {
        println(help_text(parameters.help))
        exit(0)
    }

    // ---- inputs: every problem of parameters, samplesheet and tools is reported before any work ----
    check_parameters(parameters)
    check_images(parameters)
    options = stage_options(parameters)

    // genomes: one map a genome, [meta: [id: 'pombe', species: 'S_pombe'], fasta: genome.fa.gz, base_model: base.h5, ...]
    samplesheet = read_samplesheet(parameters, tools_code())
    genomes = channel.fromList(samplesheet)
    warn_of_replaced_tools()
    claimed = claim(parameters.outdir)
    make_checkpoint_folder(parameters)
    samplesheet.each { genome -> log.info("helixtune: ${needs_of(genome, parameters)}") }

    // ---- stages ----
    SELF_TRAINING(genomes, options)

    // finished: ids of genomes whose results are written, known when the run ends
    finished = []
    SELF_TRAINING.out.finished.subscribe { meta -> finished << meta.id }

    // checksums: [process, genome's id, "sha256 bytes name" lines] of every task that read an input or made a result
    checksums = []
    channel.topic('checksums').subscribe { element -> checksums << element }

    // ---- versions and report ----
    // versions: one file of lines "process  tool  version", sorted so that -resume holds
    versions = channel.topic('versions')
        .mix(channel.of(['pipeline', 'nextflow', workflow.nextflow.version.toString()]))
        .map { process, tool, version -> "${process.tokenize(':').last()}\t${tool}\t${version}" }
        .unique()
        .collectFile(name: 'versions.tsv', newLine: true, sort: true, seed: "stage\ttool\tversion")

    // parameters_file: one file, what the user chose and every default
    parameters_file = channel.of(parameters_json(parameters)).collectFile(name: 'params.json', newLine: true)

    // report_files: a single element, the list of all genomes' files, sorted by name so that -resume holds; none, no report
    report_files = SELF_TRAINING.out.report_files.toSortedList { a, b -> a.name <=> b.name }.filter { files -> files }
    WRITE_REPORT(report_files, versions, parameters_file, samplesheet.collect { genome -> genome.meta.id }, options.write_report)

    workflow.onError = { task ->
        // the failed stage's own sentence, once more and last
        log.error("helixtune: stopped. ${why_stopped(task)}")
    }
    workflow.onComplete = {
        // a run that left a genome out has ended, too: whether that counts as a success differs between versions of Nextflow
        def has_ended = workflow.success || parameters.on_error == 'skip' && !workflow.errorMessage
        if (has_ended && !workflow.preview) {
            def results = results_of(checksums, parameters)
            write_checksums(parameters.outdir, results)
            write_inputs(parameters.outdir, parameters, samplesheet, checksums)
            write_index(parameters.outdir, results)
            tell_failures(parameters.outdir, workflow.commandLine, samplesheet.collect { genome -> genome.meta.id }, finished)
            log.info("helixtune: the report is ${parameters.outdir}/report.html; genes are in ${parameters.outdir}/<id>/genes.gff3")
        }
        release(claimed)
    }
}
