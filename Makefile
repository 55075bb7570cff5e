# Everything here works from a clone with make and Python 3.11 or newer.

VENV := .venv
PYTEST := $(VENV)/bin/pytest
PARALLEL := --numprocesses auto --dist worksteal

.PHONY: help demo test explore ops namespaces coverage lint types contract reference check clean

help:
	@echo "make demo       share, search and download on a small network of this machine's own"
	@echo "make test       run the tests"
	@echo "make explore    run the property tests with many more examples, others each time"
	@echo "make ops        run the tests that need systemd, logrotate and a fresh environment"
	@echo "make namespaces play the daemons on separate hosts, behind firewalls, over bad lines (root)"
	@echo "make coverage   run the tests and show which lines they miss"
	@echo "make lint       check style and format"
	@echo "make types      check types"
	@echo "make contract   check which room imports which"
	@echo "make reference  write etc/napster/*.toml anew from the options"
	@echo "make check      all of the checks above but demo and namespaces"
	@echo "make clean      remove what make has made"

$(VENV)/made-for-test: pyproject.toml scripts/environment.sh
	@sh scripts/environment.sh $(VENV) test
	@touch $@

$(VENV)/made-for-dev: $(VENV)/made-for-test
	@sh scripts/environment.sh $(VENV) test,dev
	@touch $@

demo: $(VENV)/made-for-test
	@$(VENV)/bin/napster demo

test: $(VENV)/made-for-test
	$(PYTEST) $(PARALLEL)

explore: $(VENV)/made-for-test
	$(PYTEST) $(PARALLEL) -m hypothesis --hypothesis-profile=explore

ops: $(VENV)/made-for-test
	$(PYTEST) tests/ops

namespaces: $(VENV)/made-for-test
	$(VENV)/bin/python -m tests.namespaces

coverage: $(VENV)/made-for-test
	$(PYTEST) $(PARALLEL) --cov --cov-branch --cov-report=
	$(VENV)/bin/coverage report
	$(VENV)/bin/coverage report --include="napster/wire/*" --fail-under=100

lint: $(VENV)/made-for-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/made-for-dev
	$(VENV)/bin/mypy

contract: $(VENV)/made-for-dev
	$(VENV)/bin/lint-imports

reference: $(VENV)/made-for-test
	$(VENV)/bin/twistd napster-index --print-config > etc/napster/index.toml
	$(VENV)/bin/twistd napster-peer --print-config > etc/napster/peer.toml

check: lint types contract ops coverage

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage .coverage.* \
		.hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
