// What a finished run leaves beside its results: checksums in the form that `sha256sum -c` reads, and an index of every file.

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
