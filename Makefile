# One list of verbs: the laptop, the hook and CI run these.
SHELL := /bin/bash
PY := .venv/bin/python
SELLO := .venv/.instalado
SERVICIOS := python3 infra/servicios
ARGS ?=
AUDITOR := pip-audit==2.9.0

.DEFAULT_GOAL := help
.PHONY: help run test rapido lint check deps hostil simular mutantes format bench caos up down lock clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 16

# uv does not read pip's configuration: hand over its index, its wheels and its certificate.
PIP_A_UV = indice="$${PIP_INDEX_URL:-$$($(PY) -m pip config get global.index-url 2>/dev/null)}"; \
	[ -z "$$indice" ] || export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$indice}"; \
	[ -z "$$PIP_EXTRA_INDEX_URL" ] || export UV_INDEX="$${UV_INDEX:-$$PIP_EXTRA_INDEX_URL}"; \
	[ -z "$$PIP_FIND_LINKS" ] || export UV_FIND_LINKS="$${UV_FIND_LINKS:-$${PIP_FIND_LINKS// /,}}"; \
	[ -z "$$PIP_CERT" ] || export SSL_CERT_FILE="$${SSL_CERT_FILE:-$$PIP_CERT}";

# Before anything is made of it: an environment of an old Python would have to be thrown away. Python 3.0 runs it.
EXIGIR_PYTHON = -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	"Hace falta Python 3.11 o posterior; %s es Python %d.%d.%d" % ((sys.executable,) + sys.version_info[:3]))'

.venv/bin/uv:
	@python3 $(EXIGIR_PYTHON)
	@python3 -m venv .venv >/dev/null 2>&1 || { \
	  [ "$$(id -u)" = 0 ] || { echo "Falta venv. Como root: apt-get update && apt-get install -y python3-venv" >&2; exit 1; }; \
	  rm -rf .venv; export DEBIAN_FRONTEND=noninteractive; \
	  apt-get -qq update && apt-get -qq install -y python3-venv </dev/null >/dev/null && python3 -m venv .venv; }
	@$(PY) -m pip install -q uv

$(SELLO): requirements.lock setup.cfg pyproject.toml | .venv/bin/uv
	@$(PY) $(EXIGIR_PYTHON) || { echo "make clean quita ese entorno" >&2; exit 1; }
	@$(PIP_A_UV) .venv/bin/uv pip install -q --compile-bytecode --python $(PY) --require-hashes -r requirements.lock
	@.venv/bin/uv pip install -q --python $(PY) --no-deps --no-build-isolation -e .
	@touch $@

run: $(SELLO)  ## all systems in one process, or SISTEMA=name, with a demonstration (ARGS=--una-vez to end after it)
	@.venv/bin/aeropartners demo $(if $(SISTEMA),--sistema $(SISTEMA)) $(ARGS)

lint: $(SELLO)  ## lint, format, types and import contracts
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

check: lint deps hostil  ## lint, known faults of the libraries, and a long random run of bad input: before a release

# The files of a worker run one after the other: what one of them starts is its own. More workers than
# processors, since those with real processes mostly wait.
PARALELO = --dist loadfile --no-loadscope-reorder --durations=40 --durations-min=1

test: lint  ## lint, and every test, on a real PostgreSQL and a real Pulsar
	@SERVICIOS_REALES=1 $(SERVICIOS) mientras $(PY) -m pytest -n $(or $(N),4) $(PARALELO) $(ARGS)

rapido: lint  ## lint, types and every test that needs no service: before each commit
	@$(PY) -m pytest -n $(or $(N),2) $(PARALELO) -m "not servicios" $(ARGS)

deps: .venv/bin/uv  ## look up the known faults of the libraries in the lock file (asks the public record)
	@$(PIP_A_UV) .venv/bin/uv tool run --from $(AUDITOR) pip-audit --strict --disable-pip --require-hashes \
	  -r requirements.lock || { echo "make deps: hay fallos conocidos, o no se pudo preguntar por ellos:" \
	  "nadie ha dicho que las bibliotecas estén bien" >&2; exit 1; }

hostil: export HOSTIL_EJEMPLOS = $(or $(N),200)
hostil: export HOSTIL_SEMILLA := $(or $(SEMILLA),$(shell echo $$RANDOM))
hostil: $(SELLO)  ## play the OpenAPI at random, embedded (N=200 examples an operation; SEMILLA=… to repeat a run)
	@echo "make hostil N=$(HOSTIL_EJEMPLOS) SEMILLA=$(HOSTIL_SEMILLA)"
	@$(PY) -m pytest tests/hostil $(ARGS)

simular: $(SELLO)  ## N schedules of faults in virtual time, over two processes (N=10000)
	@$(PY) -m tests.simulacion -n $(or $(N),10000) $(ARGS)

mutantes: $(SELLO)  ## thirteen broken promises, each in a scratch copy, and the seed that finds it
	@$(PY) -m tests.simulacion.mutantes $(ARGS)

caos: $(SELLO)  ## N random kills under load, on real services (N=100 SEMILLA=1 SISTEMA=campanas|partners)
	@SERVICIOS_REALES=1 $(SERVICIOS) durante $(PY) -m tests.e2e.caos -n $(or $(N),100) --semilla $(or $(SEMILLA),1) \
	  --sistema $(or $(SISTEMA),campanas)

format: $(SELLO)  ## put the code in its format
	.venv/bin/ruff check --fix-only -q .
	.venv/bin/ruff format -q .

bench: $(SELLO)  ## a share of the floor, on real services, with the CPU of each process (ARGS='--contra REF': is it worse than REF)
	@$(if $(findstring --contra,$(ARGS)),SERVICIOS_AJUSTES_POSTGRES=bench/contra.ajustes) \
	  $(SERVICIOS) durante $(PY) -m bench $(ARGS)

up: $(SELLO)  ## start PostgreSQL and Pulsar, natively
	@$(SERVICIOS) arriba && $(SERVICIOS) entorno

down:  ## stop them
	@$(SERVICIOS) abajo

lock: .venv/bin/uv  ## choose the versions of all libraries again
	@$(PIP_A_UV) unset UV_FIND_LINKS; .venv/bin/uv pip compile -q setup.cfg --extra dev --upgrade \
	  --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header -o requirements.lock

clean:  ## remove the environment, the services' data and the demonstration's
	-@$(SERVICIOS) borrar
	rm -rf .venv .servicios .aeropartners .bench/contra build
