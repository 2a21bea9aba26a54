"""Files that somebody spoilt, by chance or by intent, each given to the command line: ``python -m tests.fuzz``.

Whatever a file holds, a command ends soon, in a result or in plain words, and changes nothing but its own folder.
"""
