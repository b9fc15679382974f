.DEFAULT_GOAL := help
.PHONY: help run test fmt lint openapi bench load build clean prove-kill prove-power prove-disk prove-storm prove-teeth prove-client

# What the console is built from; a change in it, and only that, builds it again.
WEB_SOURCES := $(shell find web -name node_modules -prune -o -name dist -prune -o -path web/e2e -prune -o -path web/packaging -prune -o -path web/prove -prune -o -type f -print)
WEB_MODULES := web/node_modules/.package-lock.json
CONSOLE := web/console/dist/index.html

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: $(CONSOLE) ## Start Parlor with a demo workspace and print the link to its console
	cargo run --locked --profile quick --bin parlor -- serve --demo

test: ## Run every check and test; `scripts/test rust`, `web`, `proofs` or `browser` runs a part
	@scripts/test

fmt: ## Format the Rust code
	cargo fmt

lint: $(WEB_MODULES) ## Run the linters alone
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cd web && npm run lint

openapi: $(WEB_MODULES) ## Write openapi.json and the TypeScript types made from it
	cargo run --locked --quiet --bin parlor -- openapi > target/openapi.json
	mv target/openapi.json openapi.json
	cd web && npm run types

build: $(CONSOLE) ## Build the release binary, target/release/parlor
	cargo build --locked --release --bin parlor

bench: build ## Measure docs/benchmarks.md again; ARGS="posts --quick" a part of it, briefly
	cargo run --locked --release --package parlor-load -- bench $(ARGS)

load: build ## Do to Parlor what people do all day, and judge what they saw; ARGS=A to ARGS=G names what
	cargo run --locked --release --package parlor-load -- load $(ARGS)

prove-kill: build ## Kill the server 200 times under load; ARGS="--quick" five times
	cargo run --locked --release --package parlor-load -- prove kill $(ARGS)

prove-power: build ## Cut the power of the server's disk 100 times under load; needs root
	cargo run --locked --release --package parlor-load -- prove power $(ARGS)

prove-disk: build ## Let the disk fail 300 times under load
	cargo run --locked --release --package parlor-load -- prove disk $(ARGS)

prove-storm: build ## Cut 10,000 sockets at once while messages keep coming; ARGS="--quick" 300
	cargo run --locked --release --package parlor-load -- prove storm $(ARGS)

prove-client: build ## Hold 50,000 random histories of clients against the model; ARGS="--quick" 1,000
	cargo build --locked --release --package parlor --example model
	cd web && npm run --silent prove --workspace prove -- --model $(CURDIR)/target/release/examples/model --parlor $(CURDIR)/target/release/parlor $(ARGS)

prove-teeth: $(WEB_MODULES) ## Plant bugs one at a time, and see the proofs find each
	scripts/prove-teeth
	cd web && npm run --silent prove --workspace prove -- --teeth

clean: ## Remove what was built or downloaded; your data stays
	cargo clean
	rm -rf web/node_modules web/*/dist web/e2e/test-results

$(WEB_MODULES): web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

$(CONSOLE): $(WEB_MODULES) $(WEB_SOURCES)
	cd web && npm run build
	@touch $@
