"""What runs mean: capacity, sensitivity, history, load, peaks, comparison; no sentences and no files."""
