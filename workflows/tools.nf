// What tasks without containers run: looked for before any work.

include { quoted } from './parameters'

// Settings outside the pipeline that hold a word, by their names.
def own_settings_with(String word) {
    return workflow.configFiles
        .findAll { path -> !path.toString().startsWith("${projectDir}/") && path.exists() && path.text.contains(word) }
        .collect { path -> path.name }
}

// What the tasks' package is, "0.1.0 3fa2b1c4d5e6": version and checksum of its code, a part of every task's key, so that -resume does
// not take results of another version. '' where images or environments bring it: their names have its version.
def tools_code() {
    def profiles = workflow.profile.tokenize(',')
    if (workflow.containerEngine || profiles.any { profile -> profile in ['conda', 'mamba'] } || (workflow.commandLine ?: '') =~ /\s-with-conda/) {
        return ''
    }
    def script = "source ${quoted("${projectDir}/conf/platforms/local_tools.sh")}; command -v helixtune && python -m helixtune.checksums"
    def started = ['bash', '-c', script].execute()
    def said = started.in.text.readLines()
    if (started.waitFor() == 0) {
        return said.last()
    }
    def own = own_settings_with('beforeScript') + own_settings_with('module')
    if (!own) {
        error('helixtune: the stages have nothing to run with here: helixtune is not on PATH. Say where they get it: -profile docker, podman, ' +
            "singularity, apptainer, charliecloud, conda or mamba; or run `make setup` in ${projectDir} and start again without a profile")
    }
    log.warn("helixtune: helixtune is not on the PATH of this machine; see to it that ${own.unique().join(', ')} puts it on that of the tasks")
    return ''
}

// A site's beforeScript stands in place of the pipeline's own.
def warn_of_replaced_tools() {
    def own = workflow.containerEngine ? [] : own_settings_with('beforeScript')
    if (own) {
        log.warn("helixtune: beforeScript of ${own.join(', ')} replaces the pipeline's; unless it puts helixtune on PATH itself, add to it: " +
            "source ${quoted("${projectDir}/conf/platforms/local_tools.sh")}")
    }
}
