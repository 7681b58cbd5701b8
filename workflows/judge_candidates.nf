// The verdict on a round: the gate judges every candidate, the best one is chosen.

include { EVALUATE_GENES } from '../modules/evaluate_genes/main'
include { EVALUATE_GENES as EVALUATE_ROUND } from '../modules/evaluate_genes/main'
include { CHOOSE_CANDIDATE } from '../modules/choose_candidate/main'

// What the gate may look at besides the genes: [ reference, repeats, proteins, hmms, [bams], [indexes], [libraries] ]; [] = this genome has none.
// RNA-seq that a candidate was tuned on is no independent evidence, so it does not count.
def evidence_of(Map genome, String role) {
    def candidate = genome.candidates.find { found -> found.name == role }
    def unseen = candidate?.mode == 'coverage-head'
        ? [genome.judge_bams, genome.judge_indexes, genome.judge_libraries]
        : [genome.bams, genome.indexes, genome.libraries]
    return [genome.reference, genome.repeats, genome.proteins, genome.hmms] + unseen
}

workflow JUDGE_CANDIDATES {
    take:
    genomes      // one map a genome
    scores       // [ meta, pombe.scores.tsv, pombe.selection.json ]
    candidates   // [ meta, 'new-head', genes.gff3, [predictions], tuned.h5, log.tsv, card.md, [signals] ]; or [ meta, 'none', [], ... ]
    number       // round: 1, 2, 3
    options      // map: stage -> command-line options

    main:
    per_genome = genomes.map { genome -> [genome.meta, genome] }

    // judged: [ meta, role, genome, genes.gff3, [predictions] ]
    judged = candidates
        .map { meta, role, genes, predictions, _model, _log, _card, _signals -> [meta, role, genes, predictions] }
        .combine(per_genome, by: 0)
        .map { meta, role, genes, predictions, genome -> [meta, role, genome, genes, predictions] }

    // in: [ meta, role, genome.h5, base.gff3, [base predictions], genes.gff3, [predictions] ] + evidence
    EVALUATE_GENES(
        judged.map { meta, role, genome, genes, predictions ->
            [meta, role, genome.encoded, genome.base.genes, genome.base.predictions, genes, predictions] + evidence_of(genome, role)
        },
        options.evaluate_genes,
    )

    // from the second round on also against the round before: it has to be better than that one, not only than the base
    EVALUATE_ROUND(
        judged.filter { _meta, _role, _genome, genes, _predictions -> number > 1 && genes }
            .map { meta, role, genome, genes, predictions ->
                [meta, "${role}.previous", genome.encoded, genome.start.genes, genome.start.predictions, genes, predictions] +
                    evidence_of(genome, role)
            },
        options.evaluate_genes,
    )

    // previous: [ meta, role, metrics.json or [] ]
    previous = EVALUATE_ROUND.out.metrics.map { meta, role, metrics, _comparison -> [meta, role.replace('.previous', ''), metrics] }
        .mix(candidates.filter { element -> number == 1 || !element[2] }.map { element -> [element[0], element[1], []] })

    // files: [ meta, [all files of a candidate] ]   models and logs of genomes that share them have the group's id in their names
    files = candidates
        .map { meta, role, genes, _predictions, model, log, card, signals -> [meta, role, [genes, model, log, card] + signals] }
        .join(EVALUATE_GENES.out.metrics, by: [0, 1])
        .join(EVALUATE_GENES.out.genes, by: [0, 1])
        .join(previous, by: [0, 1])
        .map { meta, role, tuned, metrics, comparison, genes, proteins, cds, before ->
            [meta, role, (tuned + [metrics, comparison, genes, proteins, cds, before]).flatten()]
        }

    // to_choose: [ meta, 1, 3, [all files of the round], [round_1, ...] ]   a genome with nothing to learn from has one element, 'none'
    to_choose = files.combine(per_genome, by: 0)
        .map { meta, role, found, genome -> [groupKey(meta, role == 'none' ? 1 : genome.candidates.size()), found] }
        .groupTuple(remainder: true)
        .map { meta, found -> [meta.getGroupTarget(), found.flatten()] }
        .join(scores)
        .join(per_genome)
        .map { meta, found, table, summary, genome ->
            [meta, number, genome.rounds, (found + [table, summary]).sort { file -> file.name }, genome.earlier]
        }
    CHOOSE_CANDIDATE(to_choose)

    // chosen: [ meta, [chosen: 'new-head', go_on: true, ...], [round_1] ]
    chosen = CHOOSE_CANDIDATE.out.choice
        .map { meta, choice, folder -> [meta, new groovy.json.JsonSlurper().parse(choice), folder] }
        .branch { _meta, choice, _folder ->
            accepted: choice.go_on
            final_one: true
        }

    // going_on: genomes with a new start and, as the only candidate, the winner, tuned further in the same mode
    going_on = chosen.accepted
        .map { meta, choice, folder -> [meta, choice.chosen, folder] }
        .join(candidates, by: [0, 1])
        .join(per_genome)
        .map { _meta, role, folder, genes, predictions, model, _log, _card, signals, genome ->
            def mode = genome.candidates.find { candidate -> candidate.name == role }.mode
            genome + [
                start: [genes: genes, predictions: predictions, signals: signals.findAll { file -> file.name.endsWith('.json') }],
                candidates: [[name: "${mode}-${number + 1}".toString(), mode: mode, model: model]],
                earlier: genome.earlier + folder,
            ]
        }

    emit:
    accepted = going_on
    finished = chosen.final_one.map { meta, _choice, _folder -> meta }
    // nothing where another round follows
    report_files = CHOOSE_CANDIDATE.out.report_files.join(per_genome)
        .flatMap { _meta, found, genome -> found ? found + genome.base.learnt : [] }
}
