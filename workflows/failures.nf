// Genomes that a run with --on_error skip had to leave out: which, in which stage, and what the stage said.

include { given_path } from './parameters'

// The last line that a task wrote to standard error: a stage's own sentence.
def last_words(String workdir) {
    def log_file = given_path("${workdir}/.command.err")
    return log_file.exists() ? log_file.readLines().findAll { line -> line.trim() }.takeRight(1).join('').replace('\t', ' ') : ''
}

// Why a run stopped, in one sentence: the failed task's own; where a task said nothing, what its exit code means.
// task: Nextflow's record of it; null where no task failed.
def why_stopped(Object task) {
    def words = (workflow.errorMessage ?: '').readLines().findAll { line -> line.trim() }.takeRight(1).join('')
    def code = workflow.exitStatus
    def name = task ? "${task.get('name')}" : 'a task'
    if (code in 130..145) {
        def memory = task?.get('memory') ? " with ${nextflow.util.MemoryUnit.of(task.get('memory') as Long)}" : ''
        return "${name} was killed (exit code ${code})${memory} in its last try${code == 137 ? ', most likely for want of memory' : ''}; " +
            'give it more in a configuration of your own (process.memory, -c), or raise process.resourceLimits, which caps what tasks ask for' +
            (words ? ": ${words}" : '')
    }
    if (code == 127 && words =~ /not found/) {
        return "${words}: the tasks' PATH has no helixtune; choose a profile that brings it (docker, apptainer, conda, ...), or see what beforeScript does"
    }
    if (words) {
        return words
    }
    // no task ran: Nextflow's own cause, which its report names between other things
    def report = (workflow.errorReport ?: '').readLines().collect { line -> line.trim() }.findAll { line -> line }
    return report.dropWhile { line -> line != 'Caused by:' }.drop(1).take(1).join('') ?: report.take(1).join('')
}

// Tasks that failed and did not succeed in another attempt, by Nextflow's trace: [name, exit, what it said].
def failed_tasks(Object trace) {
    def lines = trace.readLines().collect { line -> line.split('\t', -1).toList() }
    def tasks = lines.tail().collect { cells -> [lines.first(), cells].transpose().collectEntries { pair -> pair } }
    def done = tasks.findAll { task -> task.status in ['COMPLETED', 'CACHED'] }.collect { task -> task.name }
    return tasks.findAll { task -> task.status == 'FAILED' && !(task.name in done) }
        .collectEntries { task -> [task.name, [task.name.tokenize(':').last(), task.exit, last_words(task.workdir)]] }
        .values()
        .toList()
}

// Nextflow's trace of this run: where -with-trace put it, else where conf/publish.config does.
def trace_of(String outdir, String command_line) {
    def named = command_line =~ /-with-trace\s+([^-\s]\S*)/
    return given_path(named.find() ? named.group(1) : "${outdir}/pipeline_info/trace.tsv")
}

// Say which genomes have no result, and list the failed tasks in pipeline_info/failed.tsv.
def tell_failures(String outdir, String command_line, List genomes, List finished) {
    def without = genomes - finished
    def trace = trace_of(outdir, command_line)
    def failed = trace.exists() ? failed_tasks(trace) : []
    if (!trace.exists()) {
        log.warn("helixtune: the trace ${trace} is missing, so failed tasks are not listed")
    }
    def list = given_path("${outdir}/pipeline_info/failed.tsv")
    list.delete()
    if (!failed) {
        return
    }
    list.text = (['task\texit\tmessage'] + failed.collect { task -> task.join('\t') }).join('\n') + '\n'
    log.error("helixtune: ${without.size()} of ${genomes.size()} genomes have no result${without ? ': ' + without.join(', ') : ''}\n" +
        failed.collect { name, exit, words -> "  - ${name}, exit code ${exit}: ${words}" }.join('\n'))
}
