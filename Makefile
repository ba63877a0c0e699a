# The commands a newcomer needs. `make run` from a fresh clone does everything.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install run test check test-all bench-linkage lock dictionary

run: install  ## install, invent a borough, run two months
	$(BIN)/wsd demo

install: .venv/installed  ## everything, from hashed requirements, into .venv

.venv/installed: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

check: install  ## style, types and the fast tests: about a minute
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/conventions tests/unit tests/sql \
	  -m "not (pipeline or slow or exhaustive)"

test: install  ## every test but the exhaustive ones: properties, faults and whole months too
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not (pipeline or exhaustive)"
	$(BIN)/python -m pytest -m "pipeline and not exhaustive"

test-all: test  ## everything
	$(BIN)/python -m pytest -m exhaustive

bench-linkage: install  ## the linkage engine beside Splink and recordlinkage, and a whole borough: 35 minutes, 14 GiB
	$(BIN)/python tests/bench/linkage.py

dictionary: install  ## write the data dictionary anew from the contracts
	$(BIN)/python -m wsd_pipeline.contracts.dictionary

lock:  ## resolve the requirements anew (needs uv)
	uv pip compile --quiet pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate --no-strip-extras -o requirements.txt
