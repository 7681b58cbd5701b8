"""Training: labelled rows, batches, loss, metrics, checkpoints, and the loop over them. What is trained is tuning's business."""
