# Few verbs, the same for people and for CI. `make help` lists them.

GO       ?= go
FUZZTIME ?= 30s
CHAOSTIME ?= 10m
TOOL      = $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help run build release test check lint generate web screenshots image deploytest bench bench-web kill500 chaos fuzz postgres chromium

help: ## print these verbs
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start a server for development on embedded defaults
	$(GO) run . serve --dev

build: ## build the program into bin/backchannel
	CGO_ENABLED=0 $(GO) build -o bin/backchannel .

release: ## build every system's program into dist/ twice, and compare the bytes
	@scripts/release.sh twice

test: ## everything: what is missing, generated code, lint, all tests, clients, console
	@scripts/test.sh all

check: ## the quick part of test, for before a commit
	@scripts/test.sh quick

lint: ## read the code with the pinned linter
	$(TOOL) golangci-lint run ./...

generate: ## make the generated code from the GraphQL schema
	$(GO) generate ./internal/graph
	cd web && npm ci --no-audit --no-fund && npm run generate

web: ## build the console into web/dist
	cd web && npm ci --no-audit --no-fund && npm run build

screenshots: build ## take the console's pictures into docs/screenshots
	cd web && npm ci --no-audit --no-fund && npm run screenshots

image: ## build the container image, with buildah, podman or docker
	@scripts/image.sh

deploytest: ## try what is in deploy/: image, unit, proxies, rolling restart
	@scripts/deploytest.sh

bench: ## measure beside floors; BASE=commit: beside that version, FLAGS=of the new one; ONLY=part
	$(GO) run ./internal/bench $(if $(BASE),-base $(BASE)) $(if $(FLAGS),-flags "$(FLAGS)") $(if $(ONLY),-only $(ONLY))

bench-web: build ## measure the console in a browser beside its goals
	cd web && npm ci --no-audit --no-fund && npm run bench

kill500: ## kill the server 500 times under load and check what it kept; crash at each statement of each mutation
	$(GO) test ./internal/app -run 'TestKill|TestDelivery' -count=1 -timeout 2h -v -args -kills=500 -delivery=1m
	$(GO) test ./internal/graph -run TestCrash -count=1 -timeout 1h -args -every-step

chaos: ## break three servers, PostgreSQL and NATS under load for CHAOSTIME (10m)
	$(GO) test ./internal/app -run 'UnderFaults' -count=1 -timeout 2h -v -args -chaos=$(CHAOSTIME)

fuzz: ## run each fuzz target for FUZZTIME (30s)
	@scripts/fuzz.sh $(FUZZTIME)

postgres: ## install PostgreSQL, for tests, from Debian's packages
	@scripts/install.sh postgres

chromium: ## install Chromium, for the console's tests, from Debian's packages
	@scripts/install.sh chromium
