// How large a genome is, how many shards it is worked on in, and what that will need: known before anything runs.

// Bases of a shard: large enough that loading a model and the halo do not count, small enough for hours, not days, on a few cores.
def shard_bases() {
    return 50000000
}

// Bases of a FASTA file, about: its size, which line breaks make 1.6 % too large; gzip keeps 0.29 bytes a base.
def estimated_bases(Object fasta) {
    return (fasta.size() / (fasta.name ==~ /.*\.b?gz/ ? 0.29 : 1.016)) as Long
}

// Shards of a genome: 0 where it is predicted whole, with a file of predictions.
def shard_count(Object fasta, Map parameters) {
    def bases = estimated_bases(fasta)
    if (bases <= parameters.fuse_above) {
        return 0
    }
    return parameters.shards ?: Math.max(1, Math.ceil(bases / shard_bases()) as Integer)
}

// What a genome will need, as a sentence. Bytes a base: docs/explanation/large-genomes.md has how they were measured.
def needs_of(Map genome, Map parameters) {
    def megabases = estimated_bases(genome.fasta) / 1000000
    def n_models = genome.candidates.size() * genome.rounds + 1
    def bytes = genome.shards ? 1.8 + 0.6 * n_models + (parameters.keep_predictions ? 26 * n_models : 0) : 3 + 26 * n_models
    // Core seconds a megabase and model in float32, overlapping, measured with files of 0.9 and 8.5 MB: 4.5 and 30. Optimiser states
    // in a file make this too much.
    def seconds = 1.5 + 3.4 * genome.base_model.size() / 1000000
    def overlapping = parameters.overlap == 'yes' ? 1 : 0.5
    def how = genome.shards ? "in ${genome.shards} shards, without a file of predictions" : 'whole'
    return "${genome.meta.id}: about ${rounded(megabases)} Mb, predicted ${how}; work directory up to about " +
        "${rounded(megabases * bytes / 1000)} GB, prediction about ${rounded(megabases * seconds * overlapping * n_models / 3600)} core hours"
}

// Two significant digits.
def rounded(Number value) {
    return new BigDecimal(value.toString()).round(new java.math.MathContext(2)).toPlainString()
}
