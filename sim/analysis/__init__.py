"""Works out what runs mean: capacity, sensitivity, history, load, peaks and comparison; writes no sentences and no
files.
"""
