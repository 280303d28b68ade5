# Everything a developer or CI runs. Needs Python >= 3.11 and make; `make test-real` also root on Debian.
SHELL := /bin/sh
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
# Tests that take hours: showing where they are after five minutes reads other threads' stacks while they run, which can end the process.
PATIENT := -o faulthandler_timeout=0

# Where it is set, each of the many processes of a run would compile anew all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup lock upgrade format lint types layers checks unit test test-real test-terraform test-long test-bodies demo clean

help:  ## Say what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' Makefile

setup:  ## Make .venv from the pinned requirements; quick when it is up to date.
	@sh .ci/setup

lock: setup  ## Write requirements/*.txt anew, changing no version that still fits.
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) pyproject.toml requirements/dev.in --extra all -o requirements/dev.txt

upgrade:  ## As lock, with the newest version of everything.
	$(MAKE) lock LOCK='$(LOCK) --upgrade'

format: setup  ## Format, and mend what can be mended.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

# Searches are tried on small examples, which are through uncompiled before the compiler is; the real lane runs the same tests compiled.
unit: setup
	NUMBA_DISABLE_JIT=1 $(BIN)/pytest -q -n 2 --dist worksteal

checks: lint types layers

# Types are checked on one core, tests run on two: side by side neither waits for the other.
test: setup  ## All checks and tests without root, in about nine minutes.
	$(MAKE) --jobs 2 checks unit

test-real: setup  ## Tests on real engines: root, Debian; a skip there is a failure.
	sh .ci/real-lane-setup
	$(BIN)/pytest -v -m "real and not long" --no-skips tests/real
	$(BIN)/pytest -q -n 2 -m "not real and not long and not bodies" tests/placement tests/benchmarks
	$(BIN)/pytest -q -n 2 -m clouds tests/providers

test-terraform: setup  ## The Terraform modules, by the real CLI against the real provider schemas; needs terraform, go and npm, no root.
	sh .ci/terraform-setup
	$(BIN)/pytest -q -m "real or not real" --no-skips tests/terraform

test-long: setup  ## The full numbers; writes benchmarks/results/*.json.
	sh .ci/real-lane-setup
	$(BIN)/pytest -v -m "long or control" --no-skips $(PATIENT)

test-bodies: setup  ## A hundred thousand generated answers to each metrics source; an hour.
	$(BIN)/pytest -q -n 2 -m bodies $(PATIENT)

demo: setup  ## A minute with the service on a simulated cluster.
	$(BIN)/autoscaler demo

clean:  ## Remove what was made here: .venv, caches, builds.
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
