// How large a genome is, how many shards it is worked on in, and what that will need: known before anything runs.

// Bases of a shard: large enough that loading a model and the halo do not count, small enough for hours, not days, on a few cores.
def shard_bases() {
    return 50000000
}

// Bases of a FASTA file, about: its size, which line breaks make 1.6 % too large; gzip keeps 0.29 bytes a base.
def estimated_bases(Object fasta) {
    return (fasta.size() / (fasta.name ==~ /.*\.b?gz/ ? 0.29 : 1.016)) as Long
}

// Shards of a genome, a small one in one.
def shard_count(Object fasta, Map parameters) {
    return parameters.shards ?: Math.max(1, Math.ceil(estimated_bases(fasta) / shard_bases()) as Integer)
}

// Models that predict a genome: the base and every candidate of every round.
def model_count(Map genome) {
    return genome.candidates.size() * genome.rounds + 1
}

// Bytes a base that are left in the work directory at most, measured where genes are dense, 433 a megabase ("Disk" in
// docs/explanation/large-genomes.md). A model leaves 1.6: compact predictions 1.1 at most, its genes as GFF3 0.46; full predictions
// are 26 if they are kept. Once: genome.h5 0.28, coding sequences and proteins 0.86, kept rows with their halves 0.45, scores and models.
def bytes_a_base(Map genome, Map parameters) {
    def a_model = parameters.keep_predictions ? 1.6 + 26 : 1.6
    return 1.6 + a_model * model_count(genome)
}

// What a genome will need, as a sentence.
def needs_of(Map genome, Map parameters) {
    def megabases = estimated_bases(genome.fasta) / 1000000
    def overlapping = parameters.overlap == 'yes' ? 1 : 0.5
    def how = genome.shards == 1 ? 'one shard' : "${genome.shards} shards"
    def predicting = megabases * seconds_a_megabase(genome) * overlapping * model_count(genome)
    return "${genome.meta.id}: about ${rounded(megabases)} Mb in ${how}; work directory up to about " +
        "${rounded(megabases * bytes_a_base(genome, parameters) / 1000)} GB, prediction about ${rounded(predicting / 3600)} core hours, " +
        "tuning about ${rounded(tuning_seconds(genome, parameters, megabases) / 3600)}"
}

// Core seconds a megabase and model in float32, both strands, overlapping, measured with files of 0.9 and 8.5 MB: 4.5 and 30.
// Optimiser states in a file make this too much.
def seconds_a_megabase(Map genome) {
    return 1.5 + 3.4 * genome.base_model.size() / 1000000
}

// Core seconds of tuning all candidates. Selected rows are of one strand, a quarter of the work of prediction; a new head needs
// one pass through the frozen network, the whole network up to 12 times as much an epoch (5 s a megabase with 0.9 MB in rows of 2,376 bp, 14 s in
// rows of 7,128; 90 s with 8.5 MB), and 4 to 20 epochs, as many as see 60 Mb. Every task takes about 15 s to start and to end.
def tuning_seconds(Map genome, Map parameters, Number megabases) {
    def selected = Math.min(parameters.max_bases / 1000000, 2 * parameters.keep_fraction * megabases)
    def pass = selected * seconds_a_megabase(genome) / 4
    def epochs = parameters.epochs ?: Math.min(20, Math.max(4, Math.ceil(60 / selected)))
    return genome.rounds * genome.candidates.sum { candidate ->
        15 + pass * (candidate.mode == 'whole-network' ? 12 * epochs : 1)
    }
}

// Two significant digits.
def rounded(Number value) {
    return new BigDecimal(value.toString()).round(new java.math.MathContext(2)).toPlainString()
}
