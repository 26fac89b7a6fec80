# Bonretour. `make run` and `make test` set everything up that they need.
SHELL := /bin/bash
UV_VERSION := 0.13.9
PIP_AUDIT := pip-audit@2.10.1
UV := $(shell command -v uv 2>/dev/null || echo .venv-uv/bin/uv)
APP := .venv/bin/python
RASA := .venv-rasa/bin/python
export UV_CUSTOM_COMPILE_COMMAND := make lock
export UV_NO_PROGRESS := 1

.PHONY: run test test-full bench nlu nlu-report nlu-merge check audit install widget lock clean

run: install
	@./bonretour run

test: check model
	@$(APP) -m pytest tests --ignore=tests/nlu -n 2 --durations=15
	@BONRETOUR_MODEL="$$($(APP) -m cli.training | tail -1)" $(RASA) -m pytest -q -c tests/nlu/pytest.ini tests/nlu

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
	@npm --prefix widget run --silent check

# --strict: a package that could not be asked about is no clean one.
audit: | $(UV)
	@for lock in app rasa; do echo "requirements/$$lock.lock"; \
	  known=$$(sed -n 's/^\([A-Z]*-[^ ]*\) .*/--ignore-vuln \1/p' requirements/$$lock.known 2>/dev/null); \
	  $(UV) tool run -q $(PIP_AUDIT) --strict --require-hashes --disable-pip --progress-spinner off \
	    -r requirements/$$lock.lock $$known || bad=1; done; \
	npm --prefix widget audit || bad=1; exit $${bad:-0}

bench: install model
	@$(APP) -m benchmarks

nlu: model
	@PYTHONPATH=. $(RASA) -m bot.scoring "$$($(APP) -m cli.training | tail -1)" $(FILE)

nlu-report: install
	@PYTHONPATH=. $(RASA) -m bot.scoring.report

nlu-merge: install
	@PYTHONPATH=. $(RASA) -m bot.scoring.merging $(FILE)
	@git add --intent-to-add data/nlu 2>/dev/null || true

model: install
	@./bonretour train

install: .venv/.locked .venv-rasa/.locked widget

widget: widget/dist/v1.js

widget/dist/v1.js: widget/build.mjs $(shell find widget/src -type f) widget/node_modules/.locked
	@npm --prefix widget run --silent build
	@touch $@

widget/node_modules/.locked: widget/package-lock.json
	@command -v npm >/dev/null || { echo "The chat widget needs Node 20 or newer, with npm." >&2; exit 1; }
	@echo "Setting up widget/node_modules …"
	@npm --prefix widget ci --silent
	@touch $@

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
	rm -rf .venv .venv-rasa .venv-uv var widget/dist widget/node_modules
