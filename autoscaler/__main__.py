"""`python -m autoscaler`: the command, where its script is not on the PATH."""

from autoscaler.cli.main import run

if __name__ == "__main__":
    run()
