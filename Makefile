SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

JOBS ?= 3

UNIT := tests/unit
# The files that take longest first, so that no worker is left with one of them at the end.
REST := tests/apiserver tests/docs tests/chart tests/gitops tests/studio tests/e2e tests/api \
  tests/dev tests/initsql

##@ Use

.PHONY: up
up: $(READY) ## Start everything on this machine and make a project; ends with Ctrl-C
	$(BIN)/python -m supamanager_dev up $(if $(KUBECONFIG_FILE),--kubeconfig "$(KUBECONFIG_FILE)")

.PHONY: demo
demo: $(READY) ## The same as `up`, but ends once the project is Active
	$(BIN)/python -m supamanager_dev up --once $(if $(KUBECONFIG_FILE),--kubeconfig "$(KUBECONFIG_FILE)")

.PHONY: kind
kind: ## The same with real containers, in a kind cluster, and requests that try them; needs Docker
	@dev/kind/up.sh

.PHONY: kind-delete
kind-delete: $(READY) ## Delete the cluster of `make kind` with all that is in it
	"$$($(BIN)/python -m supamanager_dev program kind)" delete cluster --name supamanager
	rm -rf .kind

##@ Develop

.PHONY: setup
setup: $(READY) ## Make .venv with the locked packages

.PHONY: check
check: $(READY) ## Format, lint, types, import contracts, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m supamanager_dev docs --check
	$(BIN)/python -m supamanager_dev.imagelocks --check
	$(BIN)/pytest -q -p no:cacheprovider tests/unit/operator/test_dead_fields.py tests/unit/kube tests/unit/render/test_stack.py

.PHONY: format
format: $(READY) ## Put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: docs
docs: $(READY) ## Write the generated pages and tables anew
	$(BIN)/python -m supamanager_dev docs

.PHONY: bundle
bundle: $(READY) ## Write deploy/supamanager.yaml anew from the charts
	$(BIN)/python -m supamanager_dev.bundle

.PHONY: unit
unit: $(READY) ## The tests that start no server
	$(BIN)/pytest -q $(UNIT)

.PHONY: test
test: $(READY) ## All tests but the long ones, on a real control plane and real PostgreSQL
	$(BIN)/python -m supamanager_dev fetch
	logs=$$(mktemp -d); trap 'rm -rf "$$logs"' EXIT; export SUPAMANAGER_TEST_AUDIT_LOGS=$$logs; \
	unset PYTHONDONTWRITEBYTECODE; \
	$(BIN)/pytest -m "not long" -n $(JOBS) --dist loadfile --no-loadscope-reorder \
	  $(REST) $(UNIT); \
	$(BIN)/pytest tests/rbac

.PHONY: test-long
test-long: $(READY) ## The tests that take many minutes
	$(BIN)/pytest -m long tests

.PHONY: bench-active
bench-active: $(READY) ## Seconds to Active, beside a bare client that applies the same objects
	$(BIN)/python tests/bench/active.py

.PHONY: bench-memory
bench-memory: $(READY) ## Memory of operator and API with 20 projects and 200 logins
	$(BIN)/python tests/bench/memory.py

.PHONY: bench-api
bench-api: $(READY) ## Speed of the API with 1,000 projects, beside bare queries
	$(BIN)/python tests/bench/api.py
.PHONY: bench-login
bench-login: $(READY) ## Sign-ins per second and memory, beside the bare Argon2id rate
	$(BIN)/python tests/bench/login.py

.PHONY: lock
lock: $(READY) ## Choose package versions anew
	$(BIN)/uv pip compile -q --upgrade pyproject.toml --extra dev --universal --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -o requirements.lock
	@echo "Now: make setup, then $(BIN)/python -m supamanager_dev.imagelocks"

.PHONY: clean
clean: ## Remove .venv and caches of this checkout
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist

##@ Release

.PHONY: images
images: ## Build the images of operator and API; needs Docker
	@docker info >/dev/null 2>&1 || { echo "No Docker answers here" >&2; exit 3; }
	version=$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml); \
	for name in operator api; do docker build --pull \
	  --build-arg BASE="$$(cat images/base)" \
	  --build-arg VERSION="$$version" \
	  --build-arg REVISION="$$(git rev-parse HEAD)" \
	  -f $$name/Dockerfile -t supamanager-$$name -t supamanager-$$name:$$version .; done

.PHONY: release
release: $(READY) ## Make all that a release publishes into dist/, and publish nothing
	$(BIN)/python -m supamanager_dev.release

.PHONY: base
base: ## Name the newest image of the tag in images/base by its digest; needs Docker
	@docker info >/dev/null 2>&1 || { echo "No Docker answers here" >&2; exit 3; }
	tag=$$(cut -d@ -f1 images/base); digest=$$(docker buildx imagetools inspect "$$tag" \
	  --format '{{.Manifest.Digest}}'); echo "$$tag@$$digest" > images/base

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) is $(PYTHON). Name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Setting up $(VENV) with the locked packages"
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
