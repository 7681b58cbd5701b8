"""Ways of tuning: one small module each, with `prepare`: what training starts from, and what is frozen."""

from helixtune.tuning import continue_head, coverage_head, new_head, whole_network

MODES = {
    "new-head": new_head,
    "whole-network": whole_network,
    "coverage-head": coverage_head,
    "continue-head": continue_head,
}
