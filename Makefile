# Everything a person or CI does here has a target. `make help` lists them.

GO        ?= go
LINT      := $(GO) tool -modfile=tools/go.mod golangci-lint
WITH_MQ   := $(GO) run ./internal/rabbittest/cmd/with-rabbitmq
TESTFLAGS ?=
# Modules of their own that users import beside the main one.
MODULES   := runtime/scampotel runtime/zstd
# Modules of their own that nobody imports.
EXAMPLES  := examples/shop
FUZZTIME  ?= 30s
export GOTOOLCHAIN ?= local

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Generate the example's clients and run its producer and consumer (on RabbitMQ when AMQP_URL is set)
	$(GO) generate ./examples/orders
	$(GO) run ./examples/orders

.PHONY: test
test: ## Run every test, getting RabbitMQ when there is none
	$(WITH_MQ) -count $(GO) test -race -count=1 -timeout 30m $(TESTFLAGS) ./...
	@for m in $(MODULES) $(EXAMPLES); do $(WITH_MQ) -count $(GO) test -C $$m -race -count=1 -timeout 10m $(TESTFLAGS) ./... || exit 1; done
	$(GO) test -count=1 $(TESTFLAGS) ./internal/hostile/contracts ./internal/schemasuite
	$(GO) test -count=1 -run '^TestCorpus$$' $(TESTFLAGS) ./generator

# The suite of Debian whose RabbitMQ is the newest: 4.3 and later.
NEWEST_SUITE := forky
# Prints the packages of this module whose tests need RabbitMQ.
ON_RABBITMQ  := $(GO) list -f '{{join .TestImports " "}} {{join .XTestImports " "}} {{.ImportPath}}' ./... | awk '/\/internal\/rabbittest / {print $$NF}'

.PHONY: test-rabbitmq4
test-rabbitmq4: ## Run the broker tests on the newest RabbitMQ (as root on Debian: fetched once into the cache folder, 3 minutes, 600 MB)
	SCAMP_DEBIAN=$(NEWEST_SUITE) $(WITH_MQ) -count $(SKIP) $(GO) test -race -count=1 -timeout 30m $(TESTFLAGS) $$($(ON_RABBITMQ))
	@for m in $(MODULES) $(EXAMPLES); do SCAMP_DEBIAN=$(NEWEST_SUITE) $(WITH_MQ) -count $(SKIP) $(GO) test -C $$m -race -count=1 -timeout 10m $(TESTFLAGS) ./... || exit 1; done

.PHONY: clean-rabbitmq
clean-rabbitmq: ## Remove the RabbitMQs that test-rabbitmq4 has fetched
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}"/scampgen/rabbitmq-*

.PHONY: quick
quick: ## Run the short tests of reading contracts and generating, without RabbitMQ, in half a minute
	$(GO) test -short $(TESTFLAGS) ./asyncapi/... ./generator/... ./templates ./cmd/...

.PHONY: check
check: format vet lint tidy fresh licences vulns test newest newest-rabbitmq ## What CI runs: format, vet, lint, tidy, generated code fresh, licences, known vulnerabilities, tests, the newest client library and RabbitMQ

.PHONY: newest-rabbitmq
newest-rabbitmq: ## Run test-rabbitmq4, unless this machine cannot get that RabbitMQ
	@$(MAKE) --no-print-directory test-rabbitmq4 SKIP=-skip

LIBRARY := github.com/rabbitmq/amqp091-go

.PHONY: newest
newest: ## Run the runtime's tests with the newest amqp091-go, unless make test has just done that; or with LIBRARY_VERSION=v1.2.3
	@pinned=$$($(GO) list -m -f '{{.Version}}' $(LIBRARY)); \
	newest=$(LIBRARY_VERSION); newest=$${newest:-$$($(GO) list -m -f '{{.Version}}' $(LIBRARY)@latest)} || \
	  { echo "--- SKIP: the newest amqp091-go: the module proxy cannot be reached"; exit 0; }; \
	if [ "$$newest" = "$$pinned" ]; then echo "ok  	the newest amqp091-go is the one that is used, $$pinned"; exit 0; fi; \
	scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; cp go.mod go.sum "$$scratch"; \
	$(GO) get -modfile="$$scratch/go.mod" $(LIBRARY)@$$newest && \
	GOFLAGS="$$GOFLAGS -modfile=$$scratch/go.mod" $(WITH_MQ) -count $(GO) test -race -count=1 -timeout 10m -skip '^TestLibraryIsTested$$' $(TESTFLAGS) ./runtime

.PHONY: format
format: ## Fail if a file is not formatted
	@files=$$(git ls-files --cached --others --exclude-standard '*.go' | grep -v testdata/ | xargs gofmt -l); \
	if [ -n "$$files" ]; then echo "not formatted:"; echo "$$files"; exit 1; fi

.PHONY: vet
vet: ## Run go vet
	$(GO) vet ./...
	@for m in $(MODULES) $(EXAMPLES); do $(GO) vet -C $$m ./... || exit 1; done

.PHONY: lint
lint: ## Run golangci-lint in the version that tools/go.mod pins
	$(LINT) run
	@for m in $(MODULES) $(EXAMPLES); do (cd $$m && $(GO) tool -modfile=$(CURDIR)/tools/go.mod golangci-lint run -c $(CURDIR)/.golangci.yml) || exit 1; done

.PHONY: tidy
tidy: ## Fail if a go.mod is not tidy
	$(GO) mod tidy -diff
	cd tools && $(GO) mod tidy -diff
	@for m in $(MODULES) $(EXAMPLES); do (cd $$m && $(GO) mod tidy -diff) || exit 1; done

.PHONY: licences
licences: ## List the licences of all dependencies; fail if one is not free for every use
	@$(GO) run ./internal/release -licences

.PHONY: vulns
vulns: ## Look for known vulnerabilities in what the code calls, where the database of govulncheck can be reached
	@if curl -sSf -o /dev/null --max-time 20 https://vuln.go.dev/index/db.json; then $(GO) tool -modfile=tools/go.mod govulncheck ./... && \
	  for m in $(MODULES) $(EXAMPLES); do (cd $$m && $(GO) tool -modfile=$(CURDIR)/tools/go.mod govulncheck ./...) || exit 1; done; \
	else echo "skipped: govulncheck, as its database at vuln.go.dev cannot be reached"; fi

.PHONY: release-dry
release-dry: ## Make the archives, parts list, notes and checksums of a release in a temporary folder; publish nothing
	@folder=$$(mktemp -d) && $(GO) run ./internal/release -out "$$folder" && (cd "$$folder" && sha256sum -c --quiet SHA256SUMS) && echo "all is in $$folder"

.PHONY: fresh
fresh: ## Fail if a committed generated file is not what make generate writes
	@before="$$(git status --porcelain; git diff)"; $(MAKE) --no-print-directory generate; \
	if [ "$$before" != "$$(git status --porcelain; git diff)" ]; then \
	  git status --short; echo "generated files were stale; they are fresh now: commit them"; exit 1; fi

.PHONY: generate
generate: api ## Write the generated code and texts in this repository again
	$(GO) generate ./...
	@for m in $(EXAMPLES); do $(GO) generate -C $$m ./... || exit 1; done

.PHONY: api
api: ## Write the text of the promised API, so that each change of it shows in review
	@mkdir -p docs/api
	@for p in runtime runtime/payload runtime/scamptest runtime/service $(MODULES) runtime/scampotel/otelsdk; do \
	  (cd $$p && $(GO) doc -all .) > docs/api/$$(echo $$p | tr / -).txt || exit 1; done

.PHONY: golden
golden: ## Write the expected output of the golden tests again; read the diff as if a stranger had sent it
	$(GO) test ./cmd/scampgen ./generator -update

.PHONY: schema-suite
schema-suite: ## Hold the generated codecs against the JSON Schema test suite; UPDATE=1 writes the table in docs/schemas.md
	$(GO) test ./internal/schemasuite -count=1 -v $(if $(UPDATE),-update)

.PHONY: bench
bench: ## Run the benchmarks, on RabbitMQ where they need one
	$(WITH_MQ) $(GO) test -run '^$$' -bench . -benchmem -timeout 30m $(TESTFLAGS) ./...
	$(MAKE) --no-print-directory bench-json

.PHONY: bench-against
bench-against: ## Compare the runtime's benchmarks with those of an earlier COMMIT, run in turn for 6 minutes
	$(WITH_MQ) $(GO) run ./internal/benchagainst -commit "$(COMMIT)"

.PHONY: bench-json
bench-json: ## Measure the generated codec against other JSON libraries in all shapes, interleaved; ROUNDS=40
	cd internal/jsonbench && $(GO) test -count=1 -v -run 'Agree|Ratios' -rounds $(or $(ROUNDS),40) .

.PHONY: bench-build
bench-build: ## Measure what it costs to compile what is generated, beside a client written by hand
	$(GO) run ./internal/buildbench

# With UPDATE=1 the fault tests write their tables to docs/faults, and docs/guarantees.md gets its summary of them.
TABLES      := $(if $(UPDATE),SCAMP_TABLES=$(CURDIR)/docs/faults)
UPDATE_PAGE := $(if $(UPDATE),$(GO) test -count=1 -run '^TestPage$$' ./internal/faults -update)

.PHONY: faults
faults: ## Run the whole fault matrix on RabbitMQ nodes of its own and print its tables; UPDATE=1 writes them to docs/faults
	$(TABLES) SCAMP_FAULTS=full $(WITH_MQ) -count $(GO) test -race -count=1 -timeout 90m -v -run '^Test(Consumer)?Faults$$' ./internal/faults
	$(UPDATE_PAGE)

# Which of them: a fault, then a type of queue and a topology, such as C1/quorum/1.
ROWS ?= .

.PHONY: cluster-faults
cluster-faults: ## Run the faults of a cluster of three RabbitMQ nodes, or ROWS of them, and print their tables; UPDATE=1 as above
	$(if $(UPDATE),$(if $(filter-out .,$(ROWS)),$(error UPDATE=1 writes whole tables: leave ROWS out)))
	$(TABLES) SCAMP_FAULTS=full $(GO) test -race -count=1 -timeout 150m -v -run '^TestCluster(Consumer|Stream)?Faults$$/$(ROWS)' ./internal/faults
	$(UPDATE_PAGE)

.PHONY: soak
soak: ## Run all topologies at full load through five minutes of random faults; UPDATE=1 as above
	$(TABLES) SCAMP_FAULTS=full $(WITH_MQ) -count $(GO) test -race -count=1 -timeout 30m -v -run '^TestSoak$$' ./internal/faults
	$(UPDATE_PAGE)

.PHONY: streams
streams: ## Consume a stream of 100,000 messages through 50 forced closes and a killed process
	SCAMP_FAULTS=full $(WITH_MQ) -count $(GO) test -race -count=1 -timeout 30m -v -run '^TestStreamKilled$$' ./runtime

.PHONY: hostile
hostile: ## Measure what hostile input costs and print the tables of docs/guarantees.md
	SCAMP_HOSTILE=1 $(GO) test -count=1 -timeout 60m -v -run '^TestHostile$$' ./internal/hostile/... ./runtime/internal/frame

.PHONY: fuzz
fuzz: ## Run each fuzz test for FUZZTIME
	@$(GO) test -list='^Fuzz' ./... | awk '/^Fuzz/ {f[n++]=$$1} /^ok/ {for (i=0; i<n; i++) print f[i], $$2; n=0}' | \
	while read -r name package; do \
	  echo "$$package $$name"; $(GO) test -run='^$$' -fuzz="^$$name\$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=2s "$$package" || exit 1; done
