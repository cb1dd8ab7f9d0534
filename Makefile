# Everything runs through scripts/setup.sh, so each target works in a fresh clone.
SHELL := /bin/sh
WITH_NODE = PATH="$(CURDIR)/.toolchain/node_modules/.bin:$$PATH"
RUN = $(WITH_NODE) npm run --silent
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup up test lint format generate image bench bench-cluster faults e2e cluster-up cluster-down clean

help: ## what can be made here
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install Node.js (if needed) and the dependencies
	@scripts/setup.sh

up: setup ## run everything on embedded defaults; flags: make up ARGS="--data-dir DIR --ports random"
	@exec bin/galaxy up $(ARGS)

test: ## format, lint, types, dead code, generated code, tests: what CI runs
	@scripts/setup.sh test
	@$(RUN) check

lint: setup ## only format, lint, types, dead code and generated code
	@$(RUN) check -- --no-tests

format: setup ## write the canonical format
	@$(RUN) format

generate: setup ## write crds/ and src/gen from their sources
	@$(RUN) generate

image: ## build the image of all processes and of engines, with Docker
	docker build --tag galaxy:0.1.0 --tag galaxy-engine:1.0.0 .

bench: ## measure speed: ours beside a ceiling, in one run (ARGS=name for one of them)
	@scripts/setup.sh test
	@$(WITH_NODE) node bench/main.ts $(ARGS)

bench-cluster: ## the same on a real Kubernetes cluster, found or made as for e2e (ARGS=name for one of them)
	@scripts/setup.sh test
	@GALAXY_E2E_COMMAND='node bench/main.ts --cluster' $(WITH_NODE) scripts/cluster/e2e.sh $(ARGS)

faults: ## long tests: a hundred turns under disturbance, kill -9 at random moments
	@scripts/setup.sh test
	@$(RUN) faults

e2e: ## the same and more on a real Kubernetes cluster: GALAXY_E2E_KUBECONFIG's, kind's, or one made here (root, Debian)
	@scripts/setup.sh test
	@$(WITH_NODE) scripts/cluster/e2e.sh $(ARGS)

cluster-up: ## run a Kubernetes cluster in a network namespace of its own; the first time takes minutes
	@scripts/cluster/cluster.sh up

cluster-down: ## end it; what was built stays in ~/.cache/galaxy-e2e
	@scripts/cluster/cluster.sh down

clean: ## remove what was installed and built; the data under .galaxy/ stays
	rm -rf node_modules .toolchain coverage
