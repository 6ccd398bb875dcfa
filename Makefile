# The two commands of a newcomer are `make serve` and `make test`; `make help` lists the rest.

# Any Python from 3.11 to 3.13; PYTHON=/path/to/python chooses one.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
UV_VERSION := 0.13.8
BIN := .venv/bin
STAMP := .venv/.installed
# Chosen by VIRTUAL_ENV rather than by whatever environment the caller has active.
UV := VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv
YAML := $(wildcard openapi.yaml contract/*.yaml benchmarks/contract/*.yaml docker-compose.yml .yamllint.yaml \
  deploy/*.yaml deploy/*/*.yaml deploy/grafana/provisioning/*/*.yaml)
ROOMS := models schema compat_rest server

.DEFAULT_GOAL := help
.PHONY: help setup serve test check lint types security contract unit fuzz bench bench-profile bench-curves format lock browser clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 22

setup: $(STAMP) ## makes .venv with the locked packages and the lockstep command

$(STAMP): requirements.lock pyproject.toml Makefile
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 was found; name one: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || { echo "Making .venv with $$($(PYTHON) --version)"; $(PYTHON) -m venv --clear .venv; }
	@$(BIN)/uv --version 2>/dev/null | grep -q '^uv $(UV_VERSION)' \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@echo "Installing the locked packages into .venv (a minute the first time)"
	@test -t 2 || quiet=--quiet; $(UV) pip install $$quiet --compile-bytecode --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --no-deps -e .
	@touch $@

serve: setup ## serves on 127.0.0.1:8000 (PORT), with data in .lockstep (LOCKSTEP_DATA)
	@exec $(BIN)/lockstep serve

test: lint types security contract unit ## checks and tests everything

check: test ## the same, under the name that CI uses

lint: setup
	@echo "Lint: ruff, yamllint, hadolint, shellcheck, check-jsonschema, kubernetes-validate"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Not in the house's form; make format puts it right." >&2; exit 1; }
	@$(BIN)/yamllint --strict $(YAML)
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/shellcheck .ci/run deploy/secrets.sh
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/kubernetes-validate --quiet --strict $(filter-out %/kustomization.yaml,$(wildcard deploy/kubernetes/*.yaml))

types: setup
	@echo "Types: mypy, strict, source and tests"
	@$(BIN)/mypy --no-error-summary

security: setup
	@echo "Security: bandit"
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(ROOMS) > .venv/bandit.log 2>&1 \
	  || { cat .venv/bandit.log >&2; exit 1; }

contract: setup
	@echo "Contract: lockstep check, openapi-spec-validator"
	@$(BIN)/lockstep check --bundle .venv/openapi.json
	@$(BIN)/openapi-spec-validator .venv/openapi.json > .venv/contract.log || { cat .venv/contract.log >&2; exit 1; }

# Each process has services of its own; more than the machine has cores would only wait for each other.
WORKERS ?= 2

# A test that is skipped says why in pytest's closing summary.
unit: setup
	@echo "Tests: pytest, with real services"
	@$(BIN)/coverage erase
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder --cov --cov-report=
	@$(BIN)/coverage report --skip-covered --fail-under=90 > .venv/coverage.log \
	  || { cat .venv/coverage.log; echo "The tests cover less than 90 %." >&2; exit 1; }
	@echo "Coverage: $$(grep ^TOTAL .venv/coverage.log)"
	@for room in models schema compat_rest; do \
	  $(BIN)/coverage report --include="$$room/*" --skip-covered --fail-under=95 > .venv/coverage.log \
	    || { cat .venv/coverage.log; echo "The tests of $$room/ cover less than 95 %." >&2; exit 1; }; \
	done

CASES ?= 20000

fuzz: setup ## sends requests drawn from the contract; CASES=20000 says how many
	@$(BIN)/python -m tests.fuzz --cases $(CASES)

bench: setup ## measures this server beside its peers; ARGS=--quick for the goals alone
	@$(BIN)/python -m benchmarks measure $(ARGS)

bench-profile: setup ## prints what each part of a request costs
	@$(BIN)/python -m benchmarks.budget $(ARGS)

bench-curves: setup ## measures what grows with rows, documents and endpoints
	@$(BIN)/python -m benchmarks curves $(ARGS)

format: setup ## puts the Python files into the house's form
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

lock: setup ## brings requirements.lock up to pyproject.toml; LOCK=--upgrade takes the newest versions
	@$(UV) pip compile pyproject.toml --all-extras --universal --python-version 3.11 --quiet $(LOCK) \
	  --generate-hashes --no-emit-index-url --no-header -o requirements.lock

browser: ## installs Chromium for the browser tests, where this user may
	@if for name in chromium chromium-browser google-chrome; do command -v $$name; done | grep -q .; then echo "A browser is there."; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium > /dev/null \
	    && echo "Chromium is installed." || echo "Chromium could not be installed; browser tests will be skipped." >&2; \
	else echo "Chromium needs root and apt-get to be installed; browser tests will be skipped." >&2; fi

clean: ## removes what make and the tests made; the data in .lockstep stays
	@rm -rf .venv *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis htmlcov .coverage .coverage.* benchmarks/.made benchmarks/peers/*/node_modules
	@find $(ROOMS) tests -name __pycache__ -type d -prune -exec rm -rf {} +
