# Two commands do all the set-up: `make demo` runs the main job, `make test` passes the tests.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   ?= .demo

.PHONY: native portable demo serve test check docs bench models eval eval-fast clean help

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/: .*## /\t/'

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "需要 Python 3.11（PYTHON=python3.11 make …）"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "安装依赖（首次约需一到三分钟）…"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

models: $(READY) ## fetch and verify the two embedded models (resumable), compile the kernels where that pays
	$(BIN)/wenheng models

native: $(READY) ## compile the model's kernels for this processor (the set-up does so by itself where it can)
	$(BIN)/wenheng models --engine native

portable: $(READY) ## back to the kernels that run on every processor
	$(BIN)/wenheng models --engine portable

demo: models     ## ingest the sample corpus and ask three questions
	$(BIN)/wenheng --home $(DEMO) demo

serve: models    ## the service on the sample corpus: web page, API, chat clients (Ctrl-C stops it)
	$(BIN)/wenheng --home $(DEMO) ingest corpus/samples/reports
	$(BIN)/wenheng --home $(DEMO) serve

test: models     ## the fast eval, then all tests, those on the real models included
	$(BIN)/wenheng eval fast
	$(BIN)/python -m pytest

check: $(READY)  ## style, types, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(READY)   ## rebuild the parts of the READMEs that are made from the code
	$(BIN)/python -m service.docs

bench: models    ## speed and memory, ratios and absolutes
	$(BIN)/python -m benchmarks

eval-fast: models ## on the samples, without the language model: what turned bad, and the gates (under three minutes)
	$(BIN)/wenheng eval cases check
	$(BIN)/wenheng eval fast

eval: models     ## every suite live: on the samples, and on the reports in REPORTS= where it is given
	$(BIN)/wenheng eval run all
ifdef REPORTS
	$(BIN)/wenheng eval run all --reports $(REPORTS)
endif

clean:           ## remove the environment and the demo library
	rm -rf $(VENV) $(DEMO) runs/homes runs/systems .mypy_cache .ruff_cache .pytest_cache .hypothesis
