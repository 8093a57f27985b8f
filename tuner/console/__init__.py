"""What the command line shows and understands: one small module per task.

Nothing below holds a reference to the console: while a study runs it reads the store and the live board, like any other
reader. Nothing here imports Ray or TensorFlow; only `session` calls what does, when a study is to run.
"""
