// The samplesheet against assets/schema_input.json: read, checked (all problems at once), turned into one map a genome.

include { file_problems; given_path; stop_if; value_problems } from './parameters'
include { sheet_rows } from './sheet_text'
include { group_problems } from './groups'
include { shard_count } from './genome_sizes'

// Prediction length by lineage, in bases: what the published networks of each lineage were trained and run with.
def lineage_length(String lineage) {
    return [fungi: 21384, land_plant: 64152, vertebrate: 213840, invertebrate: 213840].get(lineage, 21384)
}

// Bases a row for prediction and for tuning. Selection needs whole training rows in each row of predictions.
def row_lengths(Map parameters, String lineage) {
    def predicted = parameters.subsequence_length ?: lineage_length(lineage)
    // a ninth: short rows are trained on two to three times as fast, and teach the same
    def trained = parameters.training_subsequence_length ?: (predicted % 2376 == 0 ? Math.max(2376, predicted.intdiv(9)) : predicted)
    if (predicted % trained != 0) {
        error("helixtune: the row length for prediction, ${predicted}, is no multiple of the one for tuning, ${trained}; " +
            'change --subsequence_length or --training_subsequence_length')
    }
    return [predicted, trained]
}

// A path of the samplesheet, relative to the folder (or bucket, or address) that the samplesheet lies in.
def sheet_path(Object sheet, String path) {
    def here = sheet.toUriString().replaceFirst('[^/]*$', '')
    try {
        return given_path(path ==~ '(/|[a-z][a-z0-9+.-]*://).*' ? path : here + path)
    }
    catch (java.nio.file.InvalidPathException _problem) {
        error("helixtune: samplesheet ${sheet.toUriString()}: the path ${path} has letters that this locale does not know; " +
            'set one that does: export LC_ALL=C.UTF-8')
    }
}

// The same, or [] (what a process takes for "no file") for an empty cell.
def optional_path(Object sheet, String path) {
    return path ? sheet_path(sheet, path) : []
}

// The index of a BAM: reads.bam.bai or reads.bai, or the same with csi; null when there is none.
def bam_index(Object bam) {
    def candidates = ["${bam.name}.bai", "${bam.baseName}.bai", "${bam.name}.csi", "${bam.baseName}.csi"]
    return candidates.collect { name -> bam.resolveSibling(name) }.find { path -> path.exists() }
}

// The BAM files of a line, as written.
def bam_names(Map row) {
    return (row.bam ?: '').tokenize(';')
}

// Tuning modes for one line: --tune_modes, of which coverage-head needs BAMs; by default both that the evidence can tell apart.
def modes_of(Map row, Map parameters) {
    def asked = (parameters.tune_modes ?: 'whole-network,coverage-head').tokenize(',').unique()
    return asked.findAll { mode -> mode != 'coverage-head' || row.bam }
}

// How many BAMs, the last of the line, are kept from tuning so that the gate has RNA-seq that no model has seen.
def n_judging(Map row, Map parameters) {
    return parameters.judge_bams != null ? parameters.judge_bams : bam_names(row).size() > 1 ? 1 : 0
}

// BAMs of a genome, as lists of files: all of them, those to tune on (none where no mode reads coverage), those that only judge.
def rna_seq(Object sheet, Map row, Map parameters) {
    def bams = bam_names(row).collect { bam -> sheet_path(sheet, bam) }
    def indexes = bams.collect { bam -> bam_index(bam) }
    def libraries = bams ? (row.library ?: 'auto').tokenize(';') : []
    def n_tuning = 'coverage-head' in modes_of(row, parameters) ? bams.size() - n_judging(row, parameters) : 0
    return [
        bams: bams,
        indexes: indexes,
        libraries: libraries,
        tune_bams: bams.take(n_tuning),
        tune_indexes: indexes.take(n_tuning),
        tune_libraries: libraries.size() == 1 && n_tuning > 0 ? libraries : libraries.take(n_tuning),
        judge_bams: bams.drop(n_tuning),
        judge_indexes: indexes.drop(n_tuning),
        judge_libraries: libraries.size() == 1 && bams.size() > n_tuning ? libraries : libraries.drop(n_tuning),
    ]
}

// Names in the results folder that no genome can have.
def reserved_names() {
    return ['multiqc', 'pipeline_info', 'report.html']
}

// A species name as HDF5 files of this kind hold it: at most 25 plain letters. Longer ones end in four letters made of the whole name, so
// that two strains stay two.
def stored_species(String species) {
    def plain = java.text.Normalizer.normalize(species, java.text.Normalizer.Form.NFD).replaceAll(/\p{M}/, '').replaceAll(/[^A-Za-z0-9 _.,:;()+=#&\/-]/, '_')
    return plain.size() <= 25 ? plain : "${plain.take(20)}_${species.md5().take(4)}".toString()
}

// Everything wrong with one line, as sentences.
def line_problems(Object sheet, Map row, Map schema) {
    def at = "${row.at}:"
    def problems = schema.required.findAll { name -> !row[name] }.collect { name -> "${at} ${name} is missing" }
    if (!row.quote_ends) {
        return ["${at} a quote has no end in this line"]
    }
    if (!row.complete) {
        problems << "${at} the number of cells differs from the number of columns"
    }
    schema.properties.findAll { name, _rule -> row[name] }.each { name, rule ->
        def values = rule.separator ? row[name].tokenize(rule.separator) : [row[name]]
        values.each { value ->
            problems += value_problems("${at} ${name}", value, rule)
            def path = rule.format == 'file-path' ? sheet_path(sheet, value) : null
            problems += path ? file_problems("${at} ${name}", path) : []
            problems += path && path.isDirectory() ? ["${at} ${name} ${path.toUriString()} is a folder"] : []
        }
    }
    problems += bam_names(row).collect { bam -> sheet_path(sheet, bam) }
        .findAll { bam -> bam.exists() && !bam_index(bam) }
        .collect { bam -> "${at} ${bam.toUriString()} has no index; make one: samtools index ${bam.name}" }
    def n_bams = bam_names(row).size()
    def n_libraries = row.library ? row.library.tokenize(';').size() : 0
    if (n_libraries > 1 && n_libraries != n_bams || n_libraries == 1 && n_bams == 0) {
        problems << "${at} ${n_libraries} values in library for ${n_bams} BAM files; give one for all, or one a BAM"
    }
    if (row.train_annotation && row.teachers) {
        problems << "${at} both train_annotation and teachers; give trusted genes as train_annotation, or genes of other callers as teachers"
    }
    return problems
}

// Stop with every problem of the samplesheet at once.
def check_samplesheet(Object sheet, List header, List rows, Map schema, Map parameters) {
    def columns = schema.properties.keySet().toList()
    def problems = header.findAll { name -> !(name in columns) }.collect { name ->
        def near = columns.closest(name)
        "column \"${name}\" is unknown; " + (near ? "did you mean \"${near.first()}\"?" : "the columns are ${columns.join(', ')}")
    }
    problems += header.countBy { name -> name }.findAll { _name, n -> n > 1 }.collect { name, n -> "column \"${name}\" stands there ${n} times" }
    problems += rows ? [] : ['it lists no genome']
    problems += rows.collectMany { row -> line_problems(sheet, row, schema) }
    def no_model = rows.findAll { row -> !parameters.base_model && !row.base_model }.collect { row -> row.at }
    problems += no_model ? ["${no_model.join(', ')}: no base model; give --base_model, or base_model in the samplesheet"] : []
    def no_bam = rows.findAll { row -> parameters.tune_modes == 'coverage-head' && !row.bam }.collect { row -> row.at }
    problems += no_bam ? ["${no_bam.join(', ')}: no bam, which --tune_modes coverage-head learns from"] : []
    def no_bam_left = rows.findAll { row -> 'coverage-head' in modes_of(row, parameters) && n_judging(row, parameters) >= bam_names(row).size() }
        .collect { row -> row.at }
    problems += no_bam_left ? ["${no_bam_left.join(', ')}: --judge_bams ${parameters.judge_bams} leaves no BAM to tune on"] : []
    problems += group_problems(rows, parameters)
    problems += rows.findAll { row -> row.id }.groupBy { row -> row.id }.findAll { _id, same -> same.size() > 1 }
        .collect { id, same -> "id \"${id}\" stands in ${same.collect { row -> row.at }.join(', ')}; ids must be unique" }
    problems += rows.findAll { row -> row.id in reserved_names() }
        .collect { row -> "${row.at}: id \"${row.id}\" is the name of a file or folder of the results; give another" }
    stop_if(problems, "samplesheet ${sheet.toUriString()}")
}

// The genomes of a samplesheet, checked: one map each. Absent files are [] (what a process takes for "none").
// code: what the tasks' package is (tools.nf); a part of every task's key, so that -resume knows an older one.
def read_samplesheet(Map parameters, String code) {
    def sheet = given_path(parameters.input)
    def schema = new groovy.json.JsonSlurper().parse(file("${projectDir}/assets/schema_input.json")).items
    def (header, rows) = sheet_rows(sheet)
    check_samplesheet(sheet, header, rows, schema, parameters)
    return rows.collect { row ->
        def (length, training_length) = row_lengths(parameters, row.lineage)
        def base_model = row.base_model ? sheet_path(sheet, row.base_model) : given_path(parameters.base_model)
        [
            meta: [id: row.id, species: stored_species(row.species), code: code],
            group: [id: row.group ?: row.id, size: row.group ? rows.count { other -> other.group == row.group } : 1],
            fasta: sheet_path(sheet, row.fasta),
            base_model: base_model,
            candidates: modes_of(row, parameters).collect { mode -> [name: mode, mode: mode, model: base_model] },
            // rounds are about pseudolabels: trusted genes do not change from one to the next
            rounds: row.train_annotation ? 1 : parameters.rounds,
            earlier: [],
            shards: shard_count(sheet_path(sheet, row.fasta), parameters),
            subsequence_length: length,
            training_length: training_length,
            reference: optional_path(sheet, row.reference),
            train_annotation: optional_path(sheet, row.train_annotation),
            annotation_complete: parameters.annotation_complete,
            teachers: (row.teachers ?: '').tokenize(';').collect { teacher -> sheet_path(sheet, teacher) },
            repeats: optional_path(sheet, row.repeats),
            proteins: optional_path(sheet, row.proteins),
            hmms: parameters.hmms ? given_path(parameters.hmms) : [],
        ] + rna_seq(sheet, row, parameters)
    }
}
