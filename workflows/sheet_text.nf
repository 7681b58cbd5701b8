// The samplesheet as text: what spreadsheets, editors and programs write (CSV, TSV, semicolons, UTF-16, YAML, JSON), as columns and rows.

// The text of a file in UTF-8, or in UTF-16 with its mark, as spreadsheets write "Unicode text".
def sheet_text(Object sheet) {
    if (sheet.isDirectory()) {
        error("helixtune: the samplesheet ${sheet.toUriString()} is a folder; give the file in it")
    }
    def bytes = sheet.bytes
    def mark = bytes.toList().take(2).collect { one -> one & 0xff }
    def charset = mark in [[0xff, 0xfe], [0xfe, 0xff]] ? 'UTF-16' : 'UTF-8'
    try {
        return java.nio.charset.Charset.forName(charset).newDecoder().decode(java.nio.ByteBuffer.wrap(bytes)).toString().replace('\uFEFF', '')
    }
    catch (java.nio.charset.CharacterCodingException _problem) {
        error("helixtune: the samplesheet ${sheet.toUriString()} is no text in UTF-8; save it as \"CSV UTF-8\"")
    }
}

// The cells of one line, without the quotes around them (a quote inside is written twice); null where a quote has no end in it.
def cells_of(String text, String separator) {
    def cell = "(?: *\"((?:[^\"]|\"\")*)\" *(?=${separator}|\$)|([^${separator}]*))"
    def cells = (separator + text).findAll("\\G${separator}${cell}") { _all, quoted, plain ->
        quoted != null ? quoted.replace('""', '"').trim() : plain.trim().startsWith('"') ? null : plain.trim()
    }
    return cells.contains(null) ? null : cells
}

// A table's columns and rows. Columns without name and content, and empty lines, are what spreadsheets leave behind.
def table_rows(String text, Object sheet) {
    def lines = text.readLines().withIndex(1).findAll { line, _number -> line.trim() && !line.startsWith('#') }
    if (!lines) {
        error("helixtune: the samplesheet ${sheet.toUriString()} is empty; its first line names the columns: id,species,fasta")
    }
    def separator = ['\t', ',', ';'].find { letter -> lines.first().first().contains(letter) } ?: ','
    def columns = cells_of(lines.first().first(), separator) ?: []
    def rows = lines.tail()
        .collect { line, number -> [cells_of(line, separator), number] }
        .findAll { cells, _number -> cells == null || cells.any() }
        .collect { cells, number ->
            def known = cells ?: []
            def named = [columns, known].transpose().findAll { name, value -> name && value }.collectEntries { pair -> pair }
            def nameless = known.withIndex().any { value, i -> value && !(i < columns.size() && columns[i]) }
            named + [line: number, at: "line ${number}".toString(), complete: known.size() >= columns.size() && !nameless, quote_ends: cells != null]
        }
    return [columns.findAll { name -> name }, rows]
}

// A value of YAML as it is written: no stays "no", 01 stays "01".
def yaml_text(Object node) {
    if (node instanceof org.yaml.snakeyaml.nodes.SequenceNode) {
        return node.value.collect { one -> yaml_text(one) }
    }
    if (node instanceof org.yaml.snakeyaml.nodes.MappingNode) {
        return node.value.collectEntries { pair -> [yaml_text(pair.keyNode), yaml_text(pair.valueNode)] }
    }
    return node?.tag?.value?.endsWith(':null') ? null : node?.value
}

// The columns and rows of a list of maps; a list in one of them is the same as text with separators.
def list_rows(Object content, Object sheet) {
    if (!(content instanceof List) || content.any { entry -> !(entry instanceof Map) }) {
        error("helixtune: the samplesheet ${sheet.toUriString()} is no list of maps; one genome is: - {id: pombe, species: S_pombe, fasta: genome.fa}")
    }
    def rows = content.withIndex(1).collect { entry, number ->
        def named = entry.findAll { _name, value -> value != null && value != '' }.collectEntries { name, value ->
            [name.toString(), value instanceof List ? value.join(';') : value.toString()]
        }
        named + [line: number, at: "entry ${number}".toString(), complete: true, quote_ends: true]
    }
    return [content.collectMany { entry -> entry.keySet() }.collect { name -> name.toString() }.unique(), rows]
}

// Columns and rows of a samplesheet: [[id, species, ...], [[id: 'pombe', species: 'S_pombe', ..., line: 2, at: 'line 2'], ...]]; empty cells
// are left out. complete: the cells are as many as the columns; quote_ends: every quote of the line has its partner.
def sheet_rows(Object sheet) {
    def text = sheet_text(sheet)
    try {
        if (sheet.name ==~ /(?i).*[.]json/) {
            return list_rows(new groovy.json.JsonSlurper().parseText(text), sheet)
        }
        if (sheet.name ==~ /(?i).*[.]ya?ml/) {
            return list_rows(yaml_text(new org.yaml.snakeyaml.Yaml().compose(new StringReader(text))), sheet)
        }
    }
    catch (groovy.json.JsonException problem) {
        error("helixtune: the samplesheet ${sheet.toUriString()} is no JSON: ${problem.message.readLines().first()}")
    }
    catch (org.yaml.snakeyaml.error.MarkedYAMLException problem) {
        error("helixtune: the samplesheet ${sheet.toUriString()} is no YAML: ${problem.problem}, line ${problem.problemMark.line + 1}")
    }
    return table_rows(text, sheet)
}
