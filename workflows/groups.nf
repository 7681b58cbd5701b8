// Groups of the samplesheet: genomes that share one tuned model, so their data have to fit together.

// What has to be the same in all lines of a group, as text: [what: its value in this line].
def shared_facts(Map row, Map parameters) {
    return [
        'base_model': row.base_model ?: parameters.base_model ?: '',
        'number of BAM files': (row.bam ?: '').tokenize(';').size().toString(),
        'library': row.bam ? (row.library ?: 'auto') : '',
        'lineage': row.lineage ?: '',
    ]
}

// Everything wrong with the groups, as sentences.
def group_problems(List rows, Map parameters) {
    def groups = rows.findAll { row -> row.group }.groupBy { row -> row.group }
    def differences = groups.collectMany { group, same ->
        def facts = same.collect { row -> shared_facts(row, parameters) }
        facts.first().keySet().findAll { name -> facts.collect { fact -> fact[name] }.unique().size() > 1 }.collect { name ->
            def found = same.collect { row -> "${row.at}: ${shared_facts(row, parameters)[name] ?: 'none'}" }
            "group \"${group}\" differs in ${name} (${found.join(', ')}); its genomes share one tuned model, so it must be the same"
        }
    }
    // a genome without a group is one of its own, named by its id
    def taken = groups.findAll { group, _same -> rows.any { row -> row.id == group && row.group != group } }
        .collect { group, _same -> "group \"${group}\" is also the id of a genome outside it; give the group another name" }
    return differences + taken
}
