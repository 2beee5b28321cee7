# The front door. CMake does the work; this file installs what is missing first.
#   make study   install, build, run the default study, say where the report is
#   make test    install, build, run every test
#   make build   install, build the release binary
#   make install the same, then copy it and the library under PREFIX
#   make library install, build and copy under PREFIX the library without the program: its rules,
#                schedules, estimates, studies, and ask and tell, with fewer packages
SHELL := /bin/bash
.PHONY: build install library study test packages test-packages web
.DEFAULT_GOAL := build

JOBS ?= $(shell nproc)
OUT ?= etalon-study
PREFIX ?= /usr/local

packages:
	@scripts/install-packages packages-library.txt packages.txt

test-packages:
	@scripts/install-packages packages-library.txt packages.txt packages-test.txt

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | packages
	cd web && npm ci --no-audit --no-fund --loglevel=error

web: web/node_modules/.package-lock.json

build: packages web
	cmake --preset release -DETALON_TESTS=OFF
	cmake --build --preset release --parallel $(JOBS)
	@echo "built: build/release/etalon"

install: build
	cmake --install build/release --prefix $(PREFIX)

library:
	@scripts/install-packages packages-library.txt
	cmake --preset library
	cmake --build --preset library --parallel $(JOBS)
	cmake --install build/library --prefix $(PREFIX)

study: build
	build/release/etalon study --out $(OUT)

test: test-packages web
	cmake --preset test
	cmake --build --preset test --parallel $(JOBS)
	set -o pipefail; ctest --preset test --parallel $(JOBS) | scripts/narrow-ctest
