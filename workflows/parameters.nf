// Parameters against nextflow_schema.json: given their types, checked before any work, then turned into each stage's options.

// All parameters of the schema: name -> rule, with the group (stage) that it stands in and, for what becomes a command-line option,
// `option` (an object: one a choice), `stages` (all that get it; without: the group) and `separator` of lists.
def schema_rules() {
    def schema = new groovy.json.JsonSlurper().parse(file("${projectDir}/nextflow_schema.json"))
    def options = new groovy.json.JsonSlurper().parse(file("${projectDir}/assets/stage_options.json"))
    return schema.'$defs'.collectEntries { group, content ->
        content.properties.collectEntries { name, rule -> [name, rule + [group: group] + (options[name] ?: [:])] }
    }
}

// ---- types ----

// A number as Nextflow itself makes them of text, without an exponent and without zeros at its end.
def plain_number(String text) {
    def stripped = new BigDecimal(text).stripTrailingZeros()
    def number = stripped.scale() < 0 ? stripped.setScale(0) : stripped
    if (number.scale() > 0 || number.precision() > 18) {
        return number
    }
    return number.abs() <= Integer.MAX_VALUE ? number.intValueExact() : number.longValueExact()
}

// A value as the type that its rule asks for: the command line gives text from Nextflow 26.04 on, before that numbers and truths
// where text looks like one; YAML makes truths of yes, no, on and off. A value that is none of the type stays as it is, to be named as wrong.
def typed(Object value, Map rule) {
    def types = [rule.type].flatten()
    def text = value.toString()
    def truth = text.toLowerCase()
    if (value == null) {
        return rule['default']
    }
    if ('boolean' in types && truth in ['true', 'false']) {
        return truth == 'true'
    }
    if (types.any { type -> type in ['integer', 'number'] } && text ==~ /[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,2})?/) {
        return plain_number(text)
    }
    if (rule['enum'] in [['yes', 'no'], ['on', 'off']] && truth in ['true', 'false']) {
        return rule['enum'][truth == 'true' ? 0 : 1]
    }
    return 'string' in types && (value instanceof Number || value instanceof Boolean) ? text : value
}

// What the command line says of a parameter, as text; null where it does not name it, or has a quote there.
def on_command_line(String name) {
    def camel = name.replaceAll(/_([a-z])/) { found -> found[1].toUpperCase() }
    def pattern = "\\s--(?:${name}|${name.replace('_', '-')}|${camel})(?:=|\\s+)([^\\s'\"\\\\]+)"
    def values = (workflow.commandLine ?: '').findAll(pattern) { _all, value -> value }
    return values ? values.last() : null
}

// Text as it was given where Nextflow made a number of it, with its zeros in front: sequence 01 is not 1.
def as_given(String name, Object value) {
    def text = value instanceof Number ? on_command_line(name) : null
    return text?.isNumber() && new BigDecimal(text) == new BigDecimal(value.toString()) ? text : value
}

// All parameters of the schema with values of their types: what everything else here is given. Others are left as they are.
def typed_parameters(Map given) {
    return given + schema_rules().collectEntries { name, rule ->
        [name, typed([rule.type].flatten().contains('string') ? as_given(name, given[name]) : given[name], rule)]
    }
}

// ---- checks ----

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
    if (types.first() == 'boolean' && !types.contains('string') && !(value instanceof Boolean)) {
        return ["${shown}; true or false is needed"]
    }
    if (types.contains('string') && !types.contains('boolean') && !(value instanceof CharSequence)) {
        return ["${shown}; one text is needed"]
    }
    if (value == '') {
        return ["${name} is empty; give a value, or leave it out"]
    }
    if (rule['enum'] && !(value in rule['enum'])) {
        return ["${shown}; choose one of ${rule['enum'].findAll { choice -> choice != null }.join(', ')}"]
    }
    if (rule.pattern && !(value.toString() ==~ rule.pattern)) {
        return ["${shown}; ${rule.description}"]
    }
    if (rule.maxLength && value.size() > rule.maxLength) {
        return ["${shown}; at most ${rule.maxLength} letters are possible"]
    }
    def limits = [
        [rule.minimum != null && value < rule.minimum, "at least ${rule.minimum}"],
        [rule.maximum != null && value > rule.maximum, "at most ${rule.maximum}"],
        [rule.exclusiveMinimum != null && value <= rule.exclusiveMinimum, "more than ${rule.exclusiveMinimum}"],
        [rule.exclusiveMaximum != null && value >= rule.exclusiveMaximum, "less than ${rule.exclusiveMaximum}"],
    ]
    return limits.findAll { broken, _words -> broken }.collect { _broken, words -> "${shown}; it must be ${words}" }
}

// A file that does not exist, or is a folder where a file is needed, is a problem.
def file_problems(String name, Object path) {
    return path.exists() ? [] : ["${name} ${path.toUriString()} does not exist"]
}

// A path as it was given, relative to the folder of the run: a name may hold a star or brackets.
def given_path(Object text) {
    return file(text.toString(), glob: false)
}

// The text of the run's -params-file; empty without one.
def params_file_text() {
    def named = " ${workflow.commandLine ?: ''} " =~ /\s-params-file\s+([^-\s]\S*)\s/
    def path = named.find() ? given_path(named.group(1)) : null
    return path?.exists() ? path.text : ''
}

// Whether the command line or the -params-file names a parameter; what neither does comes from a configuration file.
def is_of_run(String name, String params_file) {
    def kebab = name.replaceAll(/[A-Z]/) { letter -> '-' + letter.toLowerCase() }
    def names = [name, kebab].collect { one -> java.util.regex.Pattern.quote(one) }
    return (workflow.commandLine ?: '') =~ "\\s--(?:${names.join('|')})(?:[=.\\s]|\$)" ||
        params_file =~ "(?m)(^|[{,])\\s*[\"']?${names.first()}[\"']?\\s*:"
}

// Stop with every problem of the parameters at once.
def check_parameters(Map parameters) {
    def rules = schema_rules()
    def params_file = params_file_text()
    def unknown = parameters.keySet().findAll { name -> !rules.containsKey(name) }
    def of_run = unknown.findAll { name -> is_of_run(name, params_file) }
    def problems = of_run.collect { name ->
        def near = rules.keySet().toList().closest(name)
        "--${name} is no parameter of this pipeline" + (near ? " (did you mean --${near.first()}?)" : ' (--help lists all)')
    }
    if (unknown.size() > of_run.size()) {
        // an institution's configuration may set what other pipelines know
        log.warn("helixtune: configuration files set parameters that this pipeline does not know, without effect: ${(unknown - of_run).join(', ')}")
    }
    rules.findAll { name, _rule -> parameters[name] != null }.each { name, rule ->
        def found = value_problems("--${name}", parameters[name], rule)
        problems += found
        problems += rule.format == 'file-path' && !found ? file_problems("--${name}", given_path(parameters[name])) : []
    }
    if (parameters.outdir.toString() != params.outdir.toString()) {
        // settings see only the number that Nextflow made of it
        problems << "--outdir ${parameters.outdir} is read as the number ${params.outdir}; write ./${parameters.outdir}"
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
        return [rule.option, quoted(given_path(value).toAbsolutePath())]   // tasks run in folders of their own
    }
    def values = rule.separator ? value.tokenize(rule.separator) : [value]
    return [rule.option] + values.collect { word -> word instanceof Number ? word.toBigDecimal().toPlainString() : quoted(word) }
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

// The text of --help, written from the schema: in short (true), all (full), or of one group.
def help_text(Object wanted) {
    def groups = new groovy.json.JsonSlurper().parse(file("${projectDir}/nextflow_schema.json")).'$defs'
    if (!(wanted in [true, 'full']) && !groups.containsKey(wanted)) {
        error("helixtune: --help ${wanted}: choose full, or a group: ${groups.keySet().join(', ')}")
    }
    def shown = groups.containsKey(wanted) ? groups.subMap([wanted]) : groups
    def lines = shown.collect { group, content ->
        "${content.title}  (--help ${group})\n" + content.properties.collect { name, rule ->
            wanted == true ? "  --${name.padRight(28)} ${rule.description.split(/[.:;] /).first().replaceFirst(/[.]$/, '')}" : full_help(name, rule)
        }.join('\n')
    }
    def more = wanted == true ? '\n\n--help full says all of every parameter; docs/reference/parameters.md is the same to read.' : ''
    return 'nextflow run helixtune -profile docker --input samplesheet.csv --base_model model.h5 --outdir results\n\n' +
        lines.join('\n\n') + more
}

// Everything that the schema says of one parameter.
def full_help(String name, Map rule) {
    def choices = rule['enum'] ? " [${rule['enum'].findAll { choice -> choice != null }.join('|')}]" : ''
    def limits = [[rule.minimum, 'at least'], [rule.exclusiveMinimum, 'more than'], [rule.maximum, 'at most'], [rule.exclusiveMaximum, 'less than']]
    def range = limits.findAll { limit, _words -> limit != null }.collect { limit, words -> "${words} ${limit}" }.join(', ')
    def type = [rule.type].flatten().findAll { type -> type != 'null' }.join(' or ')
    def preset = rule['default'] != null ? "; default ${rule['default']}" : ''
    return "  --${name.padRight(28)} ${rule.description}${choices} (${type}${range ? ', ' + range : ''}${preset})"
}
