"""The network and its files: Helixer's layout read and written without running anything that a file contains."""
