"""The command: each file parses one command's arguments, calls one function and prints.

Data goes to stdout, words and progress to stderr. `commands.py` lists the commands without importing them; `failures.py` turns what went
wrong into words and an exit code; `exits.py` names the codes.
"""
