"""The commit log in; closed days rewritten into few large files, committed to the log, out."""
