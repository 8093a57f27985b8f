"""Samples of data sets, to look at and to classify.

`reading` reads a data set in a child process and writes its samples to a folder; `files` reads single ones of them;
`cache` keeps the folders; `loads` starts the child processes.
"""
