"""How the clauses compute: facts/, then one folder per document with the file stems of parameters/."""
