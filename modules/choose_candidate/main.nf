// Everything judged on one genome's candidates -> the best of them, its files in the order of the results folder.
// A round that is followed by another only says who won, and hands its files on.
process CHOOSE_CANDIDATE {
    tag "${meta.id}"
    label 'process_low'
    label 'container_data'

    input:
    // files: <id>.<candidate>.<content> of this round; earlier: round_<n> of the rounds before, or []
    tuple val(meta), val(round), val(rounds), path(files), path(earlier)

    output:
    tuple val(meta), path('choice.json'), path("round_${round}", arity: '0..*'), emit: choice
    tuple val(meta), path("results/${meta.id}/**", arity: '0..*'), emit: results
    tuple val(meta), path("report/*", arity: '0..*'), emit: report_files
    tuple val(task.process), val(meta.id), eval("python -m helixtune.checksums results"), topic: checksums
    tuple val(task.process), val('helixtune'), eval('python -c "import helixtune; print(helixtune.__version__)"'), topic: versions

    // no stub: files are only copied
    script:
    """
    helixtune choose-candidate \\
        --id ${meta.id} \\
        --round ${round} \\
        --rounds ${rounds} \\
        --files ${files} \\
        ${earlier ? "--earlier ${earlier}" : ''} \\
        --choice choice.json \\
        --round-dir round_${round} \\
        --results-dir results/${meta.id} \\
        --report-dir report
    """
}
