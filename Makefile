# `make run` starts the application, `make test` checks everything that a change has to pass.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The tests' many small tensors gain nothing from more threads than one.
export OMP_NUM_THREADS ?= 1

.PHONY: run test lint test-embedded test-servers test-browser format
.DEFAULT_GOAL := run

run: $(VENV)/requirements.stamp
	@exec $(BIN)/python manage.py up

test: lint test-embedded test-servers

lint: $(VENV)/tests.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@var=$$(mktemp -d) && trap 'rm -rf "$$var"' EXIT && \
	  VAR_DIR=$$var $(BIN)/python manage.py makemigrations --check --dry-run

# The engine, the application on SQLite and the embedded Redis, and the product in a browser.
test-embedded: $(VENV)/tests.stamp
	$(BIN)/python -m tests.system
	env -u TEST_DATABASE_URL -u TEST_REDIS_URL $(BIN)/python -m pytest -n 2 --dist loadfile

# The application once more, on real PostgreSQL and Redis.
test-servers: $(VENV)/tests.stamp
	$(BIN)/python -m tests.system
	$(BIN)/python -m tests.with_servers $(BIN)/python -m pytest -n 2 --dist loadfile tests/searchapp

test-browser: $(VENV)/tests.stamp
	$(BIN)/python -m tests.system
	$(BIN)/python -m pytest tests/browser

format: $(VENV)/tests.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or later is needed; name it with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@# Debian without python3-venv leaves half an environment behind, which would count as made the next time.
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# Stamps hold the requirements that are installed, so that pip runs only when the files say something else.
$(VENV)/requirements.stamp: requirements.txt | $(BIN)/python
	@cmp -s requirements.txt $@ || $(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt
	@cp requirements.txt $@

$(VENV)/tests.stamp: tests/requirements.txt $(VENV)/requirements.stamp
	@cat requirements.txt tests/requirements.txt | cmp -s - $@ || \
	  $(BIN)/python -m pip install --disable-pip-version-check -q -r tests/requirements.txt
	@cat requirements.txt tests/requirements.txt > $@
