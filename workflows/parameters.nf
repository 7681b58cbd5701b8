// Parameters against nextflow_schema.json: checked before any work, then turned into each stage's command-line options.

// All parameters of the schema: name -> rule, with the group (stage) that it stands in.
def schema_rules() {
    def schema = new groovy.json.JsonSlurper().parse(file("${projectDir}/nextflow_schema.json"))
    return schema.'$defs'.collectEntries { group, content ->
        content.properties.collectEntries { name, rule -> [name, rule + [group: group]] }
    }
}

// Everything wrong with one value, as sentences; an empty list when it is fine.
def value_problems(String name, Object value, Map rule) {
    def types = [rule.type].flatten()
    def shown = "${name} is \"${value}\""
    if (types.contains('integer') && !(value instanceof Integer || value instanceof Long)) {
        return ["${shown}; a whole number is needed"]
    }
    if (types.contains('number') && !(value instanceof Number)) {
        return ["${shown}; a number is needed"]
    }
    if (types.contains('boolean') && !(value.toString() in ['true', 'false'])) {
        return ["${shown}; true or false is needed"]
    }
    if (rule['enum'] && !(value in rule['enum'])) {
        return ["${shown}; choose one of ${rule['enum'].findAll { choice -> choice != null }.join(', ')}"]
    }
    if (rule.pattern && !(value.toString() ==~ rule.pattern)) {
        return ["${shown}; ${rule.description}"]
    }
    def limits = [
        [rule.minimum != null && value < rule.minimum, "at least ${rule.minimum}"],
        [rule.maximum != null && value > rule.maximum, "at most ${rule.maximum}"],
        [rule.exclusiveMinimum != null && value <= rule.exclusiveMinimum, "more than ${rule.exclusiveMinimum}"],
        [rule.exclusiveMaximum != null && value >= rule.exclusiveMaximum, "less than ${rule.exclusiveMaximum}"],
    ]
    return limits.findAll { broken, _words -> broken }.collect { _broken, words -> "${shown}; it must be ${words}" }
}

// A file that does not exist, or cannot be read, is a problem.
def file_problems(String name, Object path) {
    return path.exists() ? [] : ["${name} ${path} does not exist"]
}

// Stop with every problem of the parameters at once.
def check_parameters(Map parameters) {
    def rules = schema_rules()
    def problems = parameters.keySet().findAll { name -> !rules.containsKey(name) }.collect { name ->
        def near = rules.keySet().toList().closest(name)
        "--${name} is no parameter of this pipeline" + (near ? " (did you mean --${near.first()}?)" : ' (--help lists all)')
    }
    rules.each { name, rule ->
        def value = parameters[name]
        if (value != null) {
            problems += value_problems("--${name}", value, rule)
        }
        if (value != null && rule.format == 'file-path') {
            problems += file_problems("--${name}", file(value))
        }
    }
    if (!parameters.input) {
        problems << '--input is needed: a samplesheet (CSV) with the columns id, species, fasta'
    }
    stop_if(problems, 'parameters')
}

// Report all problems in one go; nothing has been computed yet.
def stop_if(List problems, String what) {
    if (problems) {
        error("helixtune: ${problems.size()} ${problems.size() == 1 ? 'problem' : 'problems'} in the ${what}:\n" +
            problems.collect { problem -> "  - ${problem}" }.join('\n'))
    }
}

// One word as the shell takes it literally, whatever it holds.
def quoted(Object word) {
    return "'" + word.toString().replace("'", "'\\''") + "'"
}

// One parameter as command-line words: [--keep-fraction 0.2], [--overlap], [--seqid 'I' 'II'].
def option_words(Object value, Map rule) {
    if (rule.option instanceof Map) {
        return [rule.option[value.toString()]]
    }
    if (rule.format == 'directory-path') {
        return [rule.option, quoted(file(value).toAbsolutePath())]   // tasks run in folders of their own
    }
    def values = rule.separator ? value.tokenize(rule.separator) : [value]
    return [rule.option] + values.collect { word -> word instanceof Number ? word.toString() : quoted(word) }
}

// stage -> its options in one string, for example [call_genes: "--min-intron 50 --window-size 100 ..."].
// A changed parameter changes the tasks of its own stage alone.
def stage_options(Map parameters) {
    def rules = schema_rules()
    def stages = rules.values().collectMany { rule -> [rule.group] + (rule.stages ?: []) }.unique()
    def options = stages.collectEntries { stage ->
        def words = rules
            .findAll { name, rule -> rule.option && stage in (rule.stages ?: [rule.group]) && parameters[name] != null }
            .collectMany { name, rule -> option_words(parameters[name], rule) }
        [stage, words.join(' ')]
    }
    return (options + [keep_predictions: parameters.keep_predictions, signals: parameters.signals]).withDefault { _stage -> '' }
}

// The parameters as JSON for the report: what decides the results, not where they go.
def parameters_json(Map parameters) {
    def recorded = parameters.findAll { name, _value -> !(name in ['outdir', 'publish_mode', 'checkpoint_dir', 'container_dir', 'help']) }
    return groovy.json.JsonOutput.prettyPrint(groovy.json.JsonOutput.toJson(recorded.sort()))
}

// The text of --help, written from the schema.
def help_text() {
    def schema = new groovy.json.JsonSlurper().parse(file("${projectDir}/nextflow_schema.json"))
    def groups = schema.'$defs'.collect { _group, content ->
        content.title + '\n' + content.properties.collect { name, rule ->
            def choices = rule['enum'] ? " [${rule['enum'].findAll { choice -> choice != null }.join('|')}]" : ''
            def preset = rule['default'] != null ? " (default ${rule['default']})" : ''
            "  --${name.padRight(28)} ${rule.description}${choices}${preset}"
        }.join('\n')
    }
    return 'nextflow run helixtune --input samplesheet.csv --base_model model.h5 --outdir results\n\n' + groups.join('\n\n')
}
