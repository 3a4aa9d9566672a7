# Everything a developer does; `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PREFIX ?= /usr/local
USER_ID ?= $(shell id -u)
# Where the docker CLI looks for plugins. Root's own home would be of use to nobody: what root installs
# is for all users.
ifdef DOCKER_CONFIG
plugins := $(DOCKER_CONFIG)/cli-plugins
else ifeq ($(USER_ID),0)
plugins := /usr/local/lib/docker/cli-plugins
else
plugins := $(HOME)/.docker/cli-plugins
endif

release := swift build -c release --static-swift-stdlib --product gateway
scripts := $(shell grep -rlE '^\#!/usr/bin/env bash|shellcheck shell=bash' scripts .ci)
python := Tests/Servers Tests/EndToEndTests scripts/python

.PHONY: help setup build run demo test matrix bench lint install clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: ## install missing Debian packages, start a Docker engine if none answers
	scripts/setup

build: ## build the program, optimized, with Swift's libraries inside
	$(release)

run: setup build ## run the gateway in front of two public MCP servers, until Ctrl-C
	scripts/run

demo: setup build ## the same, driven by a public MCP client; ends by itself
	scripts/run --demo

test: setup ## run all tests, with real containers and real clients
	scripts/images
	for client in 1 2 fastmcp-3 fastmcp-4; do scripts/venv $$client; done
	swift build --build-tests
	# One after the other: many of these tests wait for something, and hundreds at once on two
	# processors make every time limit a matter of luck.
	swift test --skip-build --no-parallel --skip EndToEndTests
	swift test --skip-build --filter EndToEndTests

matrix: setup ## run every client on every transport and server, beside a direct connection
	scripts/images everything
	swift build --product gateway
	python3 Tests/EndToEndTests/matrix/matrix.py

bench: setup build ## measure what the gateway adds to a call
	scripts/images echo everything
	swift build -c release --static-swift-stdlib --product http-echo
	scripts/bench

lint: ## check the layout of the sources
	swift format lint --strict -r Sources Tests Package.swift
	if command -v shellcheck >/dev/null; then shellcheck -x $(scripts); fi
	find $(python) scripts/bench -type f \( -name '*.py' -o -name bench \) -print0 | \
	  xargs -0 -n1 python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])'

# Through sudo nothing is built: root may not have the toolchain in its PATH, and files of root's in
# .build would fail the user's next build.
install: $(if $(SUDO_USER),,build) ## install to PREFIX/bin and as the docker CLI's plugin
	@test -x .build/release/gateway || { echo "not built yet: run 'make build' without sudo" >&2; exit 1; }
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(plugins)"
	install -m 755 .build/release/gateway "$(DESTDIR)$(PREFIX)/bin/gateway"
	ln -sfn "$(PREFIX)/bin/gateway" "$(DESTDIR)$(plugins)/docker-mcp"

clean: ## remove what was built in this folder
	swift package clean
