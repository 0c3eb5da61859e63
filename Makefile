# Everything a person or CI does here has a target. `make help` lists them.

GO        ?= go
LINT      := $(GO) tool -modfile=tools/go.mod golangci-lint
WITH_MQ   := $(GO) run ./internal/rabbittest/cmd/with-rabbitmq
TESTFLAGS ?=
export GOTOOLCHAIN ?= local

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Generate the example's clients and run its producer and consumer (on RabbitMQ when AMQP_URL is set)
	$(GO) generate ./examples/orders
	$(GO) run ./examples/orders

.PHONY: test
test: ## Run every test, getting RabbitMQ when there is none
	SCAMP_BROKER=required $(WITH_MQ) $(GO) test -race -timeout 30m $(TESTFLAGS) ./...

.PHONY: check
check: format vet lint tidy fresh test ## What CI runs: format, vet, lint, tidy, generated code fresh, tests

.PHONY: format
format: ## Fail if a file is not formatted
	@files=$$(git ls-files '*.go' | grep -v testdata/ | xargs gofmt -l); \
	if [ -n "$$files" ]; then echo "not formatted:"; echo "$$files"; exit 1; fi

.PHONY: vet
vet: ## Run go vet
	$(GO) vet ./...

.PHONY: lint
lint: ## Run golangci-lint in the version that tools/go.mod pins
	$(LINT) run

.PHONY: tidy
tidy: ## Fail if go.mod is not tidy
	$(GO) mod tidy -diff

.PHONY: fresh
fresh: ## Fail if the committed generated code differs from what the generator writes
	$(GO) run ./cmd/scampgen check -config examples/orders/scampgen.yaml

.PHONY: generate
generate: ## Write the generated code in this repository again
	$(GO) generate ./...

.PHONY: golden
golden: ## Write the expected output of the golden tests again; read the diff as if a stranger had sent it
	$(GO) test ./cmd/... ./generator/... ./templates/... ./asyncapi/... -update

.PHONY: bench
bench: ## Run the benchmarks, on RabbitMQ where they need one
	$(WITH_MQ) $(GO) test -run '^$$' -bench . -benchmem -timeout 30m $(TESTFLAGS) ./...
