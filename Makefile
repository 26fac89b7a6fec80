# Bonretour. `make run` and `make test` set everything up that they need.
SHELL := /bin/bash
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .venv-uv/bin/uv)
APP := .venv/bin/python
RASA := .venv-rasa/bin/python
export UV_CUSTOM_COMPILE_COMMAND := make lock
export UV_NO_PROGRESS := 1

.PHONY: run test test-full bench check install lock clean

run: install
	@./bonretour run

test: check model
	@$(APP) -m pytest tests --ignore=tests/nlu
	@$(RASA) -m pytest -q -c tests/nlu/pytest.ini tests/nlu

test-full: check model
	@$(APP) -m pytest tests --ignore=tests/nlu --full
	@$(RASA) -m pytest -q -c tests/nlu/pytest.ini tests/nlu

check: install
	@.venv/bin/ruff format --check -q . && .venv/bin/ruff check -q .
	@.venv/bin/mypy
	@.venv/bin/mypy --config-file bot/mypy.ini --python-executable $(RASA)
	@.venv/bin/lint-imports
	@$(APP) -m tests.lint
	@$(RASA) -m tests.rasa_data

bench: install model
	@$(APP) -m benchmarks

model: install
	@./bonretour train

install: .venv/.locked .venv-rasa/.locked

.venv/.locked: requirements/app.lock | $(UV)
	@echo "Setting up .venv (Python 3.12) …"
	@$(UV) venv -q --allow-existing --python 3.12 .venv
	@$(UV) pip sync -q --compile-bytecode --python $(APP) --require-hashes requirements/app.lock
	@touch $@

.venv-rasa/.locked: requirements/rasa.lock | $(UV)
	@echo "Setting up .venv-rasa (Python 3.10, Rasa) …"
	@$(UV) venv -q --allow-existing --python 3.10 .venv-rasa
	@$(UV) pip sync -q --compile-bytecode --python $(RASA) --require-hashes requirements/rasa.lock
	@touch $@

.venv-uv/bin/uv:
	@python3 -m venv .venv-uv && .venv-uv/bin/pip install -q uv==$(UV_VERSION)

lock: | $(UV)
	$(UV) pip compile -q --generate-hashes --python-version 3.12 --python 3.12 requirements/app.in -o requirements/app.lock
	$(UV) pip compile -q --generate-hashes --python-version 3.10 --python 3.10 requirements/rasa.in -o requirements/rasa.lock

clean:
	rm -rf .venv .venv-rasa .venv-uv var
