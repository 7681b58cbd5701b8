// The results folder: held by one run at a time; and what a finished run leaves beside its results: checksums in the form that
// `sha256sum -c` reads, what was read with its checksums, and an index of every file. The tasks make the checksums, of what they read and
// of what they publish (python -m helixtune.checksums): [stage, genome's id, "sha256 bytes name" lines], one element a task.

include { given_path } from './parameters'

// Hold the results folder until `release`, or the end of this process, however it ends; null where there are no locks (object stores,
// some network file systems). Lists of an earlier run go: they would describe files that are not theirs.
def claim(String outdir) {
    def folder = given_path(outdir)
    if (folder.scheme != 'file') {
        return null
    }
    def path = folder.resolve('.helixtune.lock')
    def opened = null
    try {
        java.nio.file.Files.createDirectories(folder)
        opened = java.nio.channels.FileChannel.open(path, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE)
    }
    catch (java.io.IOException _problem) {
        error("helixtune: nothing can be written to --outdir ${folder}; correct its rights, or give another folder")
    }
    try {
        if (opened.tryLock()) {
            lists_of_run().each { name -> folder.resolve("pipeline_info/${name}").delete() }
            return [path: path, opened: opened]
        }
        opened.close()
    }
    catch (java.io.IOException problem) {
        log.warn("helixtune: ${folder} cannot be locked (${problem.message}): see to it that no other run writes there")
        return null
    }
    error("helixtune: another run is writing to ${folder}; wait until it ends, or give another --outdir")
}

// What is written when a run ends.
def lists_of_run() {
    return ['checksums.sha256', 'inputs.tsv', 'index.tsv', 'failed.tsv']
}

// Let other runs have the results folder.
def release(Map claimed) {
    if (claimed) {
        claimed.path.delete()
        claimed.opened.close()
    }
}

// Checksums of all tasks, one map a file: [stage: 'CALL_GENES', id: 'pombe', sha256: '3fa2...', bytes: 12, name: 'pombe.base.gff3'].
def files_of(List checksums) {
    return checksums.collectMany { process, id, text ->
        text.readLines().findAll { line -> line.trim() }.collect { line ->
            def (sha256, bytes, name) = (line =~ /^(\S+) ([0-9]+) (.*)$/)[0].drop(1)
            [stage: process.tokenize(':').last(), id: id, sha256: sha256, bytes: bytes as Long, name: name]
        }
    }
}

// Where a task's file is in the results, as conf/publish.config says; null for one that is not published.
def published_name(Map found, Map parameters) {
    def candidates = [
        [found.stage == 'CHOOSE_CANDIDATE' && found.name.startsWith('results/'), found.name - 'results/'],
        [found.stage == 'WRITE_REPORT', found.name],
        [found.stage == 'GATHER_SHARDS' && found.name ==~ /.+[.]base([.]state_model)?[.]gff3/,
            found.name.replaceFirst('[.]base([.]state_model)?[.]gff3$', '/base/genes$1.gff3')],
        [found.stage == 'LEARN_SIGNALS' && found.name =~ /[.]base[.]signals[.]/, found.name.replace('.base.signals.', '/base/signals.')],
        [parameters.keep_predictions && found.name.endsWith('.predictions.h5'),
            found.name.replaceFirst('^(.+)[.]([a-z][a-z0-9-]*([.][0-9]+)?)[.]predictions[.]h5$', '$1/predictions/$2.h5')],
    ]
    return candidates.find { is_it, _name -> is_it }?.last()
}

// What this run published, sorted: [path from the results folder: sha256].
def results_of(List checksums, Map parameters) {
    return files_of(checksums)
        .collect { found -> [published_name(found, parameters), found.sha256] }
        .findAll { name, _sha256 -> name }
        .collectEntries { pair -> pair }
        .sort()
}

// List the results but pipeline_info, which still changes while this runs.
def write_checksums(String outdir, Map results) {
    def lines = results.collect { name, sha256 -> "${sha256}  ${name}" }
    given_path("${outdir}/pipeline_info/checksums.sha256").text = lines.join('\n') + '\n'
}

// What the run read: [id, role, file]; id is empty for what all genomes share.
def inputs_of(Map parameters, List genomes) {
    def roles = ['fasta', 'base_model', 'reference', 'train_annotation', 'teachers', 'repeats', 'proteins', 'hmms', 'bams']
    def of_genomes = genomes.collectMany { genome ->
        roles.collectMany { role -> [genome[role]].flatten().collect { path -> [genome.meta.id, role, path] } }
    }
    return [['', 'samplesheet', given_path(parameters.input)]] + of_genomes
}

// What tasks found of one input: its line, or those of the files in a folder. Files of one name are told apart by their sizes.
def seen_of(List seen, String id, Object path) {
    def of_name = seen.findAll { found -> found.id == id && (found.name == path.name || found.name.endsWith("/${path.name}")) }
    def in_folder = seen.findAll { found -> found.id == id && found.name.startsWith("${path.name}/") }
    return of_name ? [of_name.find { found -> found.bytes == path.size() } ?: of_name.first()] : in_folder.unique { found -> found.name }
}

// List what was read: inputs.tsv, columns id, role, name, bytes, sha256; the last two are empty for a file that no task came to read.
def write_inputs(String outdir, Map parameters, List genomes, List checksums) {
    def seen = files_of(checksums)
    def sheet = given_path(parameters.input).bytes
    def lines = inputs_of(parameters, genomes).collectMany { id, role, path ->
        def found = role == 'samplesheet'
            ? [[name: path.name, bytes: sheet.size(), sha256: java.security.MessageDigest.getInstance('SHA-256').digest(sheet).encodeHex()]]
            : seen_of(seen, id, path)
        (found ?: [[name: path.name, bytes: '', sha256: '']]).collect { one ->
            [id, role, one.name.tokenize('/').last(), one.bytes, one.sha256].join('\t')
        }
    }
    given_path("${outdir}/pipeline_info/inputs.tsv").text = (['id\trole\tname\tbytes\tsha256'] + lines).join('\n') + '\n'
}

// What a file is, by assets/outputs.json: [id, kind]; null for a file that no run of the pipeline declares.
// A round's folder holds what a genome's does.
def declared(String name, List outputs) {
    def inside = name.replaceFirst('^([^/]+)/rounds/[0-9]+/', '$1/')
    def output = outputs.find { output -> inside ==~ output.path.replace('.', '[.]').replaceAll('<[a-z]+>', '[^/]+') }
    return output ? [output.per == 'genome' ? name.tokenize('/').first() : '', output.kind] : null
}

// All files of the results folder, whoever wrote them: their paths in it.
def files_in(String outdir) {
    def results = given_path(outdir)
    def found = []
    results.eachFileRecurse { path ->
        if (!path.isDirectory()) {
            found << results.relativize(path).toString()
        }
    }
    return found.findAll { name -> name != '.helixtune.lock' }.sort()
}

// List this run's results with what they are: index.tsv, columns id (empty: of the whole run), kind, path. What an earlier run left in the
// folder is told, not listed.
def write_index(String outdir, Map results) {
    def outputs = new groovy.json.JsonSlurper().parse(file("${projectDir}/assets/outputs.json"))
    def (own, foreign) = files_in(outdir).split { name -> results.containsKey(name) || name.startsWith('pipeline_info/') }
    def lines = (own + results.keySet().toList()).unique().sort()
        .collect { name -> [declared(name, outputs), name] }
        .findAll { found, _name -> found }
        .collect { found, name -> (found + name).join('\t') }
    given_path("${outdir}/pipeline_info/index.tsv").text = (['id\tkind\tpath'] + lines).join('\n') + '\n'
    if (foreign) {
        log.warn("helixtune: ${outdir} holds ${foreign.size()} files that are not of this run, ${foreign.first()} among them; " +
            'pipeline_info/index.tsv lists those that are')
    }
}
