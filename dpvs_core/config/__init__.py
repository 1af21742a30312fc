"""Configuration text -> typed values: the scanner and the keyword rows, and dpvs.conf itself."""
