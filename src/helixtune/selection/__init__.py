"""Choose the subsequences that are good enough to tune on.

Reads labelled rows (training.h5) and the network's raw probabilities (predictions.h5); writes the chosen rows
(filtered.h5), one line about every row (scores.tsv) and the counts (summary.json).

`shards` opens files, `row_names` and `pairing` join their rows, `blocks` reads them side by side, `kernels` and `scores`
measure how far network and labels lie apart, `stratified` and `upstream` choose, `output` writes.
"""
