// The results folder: held by one run at a time; and what a finished run leaves beside its results: checksums in the form that
// `sha256sum -c` reads, what was read with its checksums, and an index of every file.

// Hold the results folder until `release`, or the end of this process, however it ends; null where there are no locks (object stores).
def claim(String outdir) {
    def folder = file(outdir)
    if (folder.scheme != 'file') {
        return null
    }
    folder.mkdirs()
    def path = folder.resolve('.helixtune.lock')
    try {
        def opened = java.nio.channels.FileChannel.open(path, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE)
        if (opened.tryLock()) {
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

// Let other runs have the results folder.
def release(Map claimed) {
    if (claimed) {
        claimed.path.delete()
        claimed.opened.close()
    }
}

// SHA-256 of one file, read in blocks of 1 MiB.
def sha256(Object path) {
    def digest = java.security.MessageDigest.getInstance('SHA-256')
    path.withInputStream { stream -> stream.eachByte(1048576) { block, n_bytes -> digest.update(block, 0, n_bytes) } }
    return digest.digest().encodeHex().toString()
}

// All files of the results, sorted: [path from the results folder: file].
def published_files(String outdir) {
    def results = file(outdir)
    return files("${outdir}/**").findAll { path -> path.isFile() }.collectEntries { path -> [results.relativize(path).toString(), path] }.sort()
}

// List every file of the results but Nextflow's own, which still change while this runs.
def write_checksums(String outdir) {
    def lines = published_files(outdir)
        .findAll { name, _path -> !name.startsWith('pipeline_info/') }
        .collect { name, path -> "${sha256(path)}  ${name}" }
    file("${outdir}/pipeline_info/checksums.sha256").text = lines.join('\n') + '\n'
}

// What the run read: [id, role, file]; id is empty for what all genomes share.
def inputs_of(Map parameters, List genomes) {
    def roles = ['fasta', 'base_model', 'reference', 'train_annotation', 'repeats', 'proteins', 'hmms', 'bams']
    def of_genomes = genomes.collectMany { genome ->
        roles.collectMany { role ->
            def given = genome[role] instanceof List ? genome[role] : [genome[role]]
            given.collectMany { path -> path.isDirectory() ? files("${path}/**") : [path] }.collect { path -> [genome.meta.id, role, path] }
        }
    }
    return [['', 'samplesheet', file(parameters.input)]] + of_genomes
}

// List what was read: inputs.tsv, columns id, role, name, bytes, sha256.
def write_inputs(String outdir, Map parameters, List genomes) {
    def known = [:].withDefault { path -> sha256(path) }   // genomes share models
    def lines = inputs_of(parameters, genomes).collect { id, role, path -> [id, role, path.name, path.size(), known[path]].join('\t') }
    file("${outdir}/pipeline_info/inputs.tsv").text = (['id\trole\tname\tbytes\tsha256'] + lines).join('\n') + '\n'
}

// What a file is, by assets/outputs.json: [id, kind]; null for a file that no run of the pipeline declares.
// A round's folder holds what a genome's does.
def declared(String name, List outputs) {
    def inside = name.replaceFirst('^([^/]+)/rounds/[0-9]+/', '$1/')
    def output = outputs.find { output -> inside ==~ output.path.replace('.', '[.]').replaceAll('<[a-z]+>', '[^/]+') }
    return output ? [output.per == 'genome' ? name.tokenize('/').first() : '', output.kind] : null
}

// List every file of the results with what it is: index.tsv, columns id (empty: of the whole run), kind, path.
def write_index(String outdir) {
    def outputs = new groovy.json.JsonSlurper().parse(file("${projectDir}/assets/outputs.json"))
    def lines = published_files(outdir).keySet()
        .collect { name -> [declared(name, outputs), name] }
        .findAll { found, _name -> found }
        .collect { found, name -> (found + name).join('\t') }
    file("${outdir}/pipeline_info/index.tsv").text = (['id\tkind\tpath'] + lines).join('\n') + '\n'
}
