// Checksums of all results, in the form that `sha256sum -c` reads.

// SHA-256 of one file, read in blocks of 1 MiB.
def sha256(Object path) {
    def digest = java.security.MessageDigest.getInstance('SHA-256')
    path.withInputStream { stream -> stream.eachByte(1048576) { block, n_bytes -> digest.update(block, 0, n_bytes) } }
    return digest.digest().encodeHex().toString()
}

// List every file of the results but Nextflow's own, which still change while this runs.
def write_checksums(String outdir) {
    def results = file(outdir)
    def paths = files("${outdir}/**").findAll { path -> path.isFile() && path.parent.name != 'pipeline_info' }
    def lines = paths.sort().collect { path -> "${sha256(path)}  ${results.relativize(path)}" }
    file("${outdir}/pipeline_info/checksums.sha256").text = lines.join('\n') + '\n'
}
