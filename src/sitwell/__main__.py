"""`python -m sitwell` is the command line."""

from sitwell.cli.main import run

if __name__ == "__main__":
    run()
