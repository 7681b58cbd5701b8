# Everything runs in .venv and with the Nextflow that tools/nextflow finds or fetches: no root, nothing outside this folder
# but Nextflow's jars (~/.cache/nextflow-dist). Needs Python 3.11 to 3.13, Java 17, and nextflow or mvn on PATH.

SHELL := /bin/bash -o pipefail
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-real test test-full lint format containers docs benchmark experiment gpu-check clean

VENV := .venv
READY := $(VENV)/.ready
export PATH := $(CURDIR)/tools:$(CURDIR)/$(VENV)/bin:$(PATH)
# Runs started from here need no plugin, and do not ask for a newer Nextflow. Cloud profiles do need plugins: start those yourself.
export NXF_OFFLINE ?= true
export NXF_DISABLE_CHECK_LATEST ?= true

NEXTFLOW_RUN = nextflow run . -resume -ansi-log $$([ -t 2 ] && echo true || echo false)

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY)  ## install Python packages into .venv, and Nextflow
$(READY): requirements/dev.txt pyproject.toml
	@set -eu; for python in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
	  if "$$python" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	    echo "setup: $$("$$python" --version), packages of requirements/dev.txt"; \
	    "$$python" -m venv $(VENV); \
	    $(VENV)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt; \
	    $(VENV)/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	    nextflow -version | grep version; \
	    touch $@; exit 0; \
	  fi; \
	done; \
	echo 'setup: no Python 3.11 to 3.13 with venv found; name one: make setup PYTHON=/path/to/python3.12' >&2; exit 1

DEMO_DATA := .cache/demo
$(DEMO_DATA)/samplesheet.csv: assets/demo/make_demo_data.sh $(wildcard src/helixtune/simulation/*.py) | setup
	assets/demo/make_demo_data.sh $(DEMO_DATA)

demo: setup $(DEMO_DATA)/samplesheet.csv  ## the whole loop on two simulated species
	$(NEXTFLOW_RUN) -params-file assets/demo/params.yml --input $(DEMO_DATA)/samplesheet.csv \
	  --base_model assets/models/demo_base.h5 --outdir demo-results -work-dir $(DEMO_DATA)/work
	@python tools/show_results.py demo-results

REAL := .cache/demo-real
REAL_ID ?= genome
SPECIES ?= target
demo-real: setup  ## the loop on your files: GENOME= ANNOTATION= MODEL= [TUNE_SEQIDS=I,II JUDGE_SEQIDS=III LINEAGE= OPTIONS=]
	@[ -n "$(GENOME)" ] && [ -n "$(ANNOTATION)" ] && [ -n "$(MODEL)" ] \
	  || { echo 'usage: make demo-real GENOME=genome.fa.gz ANNOTATION=genes.gff3.gz MODEL=base.h5 [TUNE_SEQIDS=I,II JUDGE_SEQIDS=III LINEAGE=fungi]' >&2; exit 2; }
	@mkdir -p $(REAL)
	@printf 'id,species,lineage,fasta,reference\n%s,%s,%s,%s,%s\n' '$(REAL_ID)' '$(SPECIES)' '$(LINEAGE)' \
	  '$(abspath $(GENOME))' '$(abspath $(ANNOTATION))' > $(REAL)/samplesheet.csv
	$(NEXTFLOW_RUN) --input $(REAL)/samplesheet.csv --base_model $(abspath $(MODEL)) --outdir results-real -work-dir $(REAL)/work \
	  $(if $(TUNE_SEQIDS),--tune_seqids $(TUNE_SEQIDS)) $(if $(JUDGE_SEQIDS),--judge_seqids $(JUDGE_SEQIDS)) $(OPTIONS)
	@python tools/show_results.py results-real

test: setup  ## lint and test (a few minutes)
	ruff check .
	python -m pytest $(PYTEST_OPTIONS)
	@$(MAKE) --no-print-directory nf-test

test-full: setup lint  ## every test, the long ones too
	python -m pytest -m "full or not full" $(PYTEST_OPTIONS)
	@$(MAKE) --no-print-directory nf-test

.PHONY: nf-test
nf-test:
	@if command -v nf-test >/dev/null; then tests/nextflow/make_tiny.sh .cache/tiny && nf-test test --ci; \
	else echo 'NOT RUN: the nf-test suite, for nf-test is not on PATH (https://www.nf-test.com). pytest ran the same cases through Nextflow.'; fi

lint: setup  ## ruff, nextflow lint, shell and JSON syntax
	ruff check .
	ruff format --check .
	nextflow lint main.nf workflows modules nextflow.config conf
	bash -n $$(git ls-files '*.sh' tools/nextflow .ci/run)
	@for json in $$(git ls-files '*.json'); do python -m json.tool "$$json" /dev/null || exit 1; done

containers:  ## build the images with podman or docker [BUILD_OPTIONS=…], and files of them in containers/out (SIF with Apptainer)
	containers/build.sh -- $(BUILD_OPTIONS)

DATA ?= $(or $(HELIXTUNE_DATA),../shared)/data
experiment: setup  ## does tuning help? every cell not done yet, then tables and plots [DATA=folder with genomes OPTIONS='--minutes 60']
	python benchmarks/experiment/run.py --data $(DATA) $(OPTIONS)

benchmark: setup  ## speed, each figure a ratio in one run [ORACLE=environment with Helixer's programs]; see benchmarks/README.md
	cd benchmarks && python predict_classes.py $(if $(ORACLE),--helixer $(ORACLE)/bin/HybridModel.py)
	cd benchmarks && python select_confident.py

gpu-check: setup  ## on a machine with a GPU: agreement with the CPU, bases a second, utilisation
	cd benchmarks && python gpu_check.py

docs: setup  ## the documentation as a static site in .cache/site
	python -m venv .cache/docs-venv
	.cache/docs-venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/docs.txt
	NO_MKDOCS_2_WARNING=1 .cache/docs-venv/bin/mkdocs build --strict --quiet
	@echo 'docs: open .cache/site/index.html'

format: setup  ## rewrite Python files in the project's style
	ruff check --fix .
	ruff format .

clean:  ## remove caches and demo results, keep .venv
	rm -rf .cache .nextflow .nextflow.log* work demo-results results-real .pytest_cache .ruff_cache
