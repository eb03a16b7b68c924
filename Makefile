# Every target creates what it needs: the first run makes .venv and installs the pinned versions of requirements.txt.
# Offline: make wheels once on a connected machine, then make simulate WHEELS=wheels.
export PYTHONUTF8 = 1
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check
WHEELS ?=
SOURCE = $(if $(WHEELS),--no-index --find-links $(WHEELS))

.PHONY: help setup simulate memo test notebooks page page-test clauses docs lint fuzz bench mutate proof serve wheels clean

help:
	@echo "make simulate  现行政策与一项改革的全部测算，写入 out/（the whole what-if, into out/）"
	@echo "make memo      示例表与示例改革的测算报告，Word 和网页，写入 out/（the memo, into out/）"
	@echo "make test      全部测试（all tests）"
	@echo "make notebooks 运行并检查八个笔记本，约几分钟；打开看用 $(BIN)/jupyter lab notebooks/（run and check the eight notebooks, some minutes）"
	@echo "make page      移动滑块看结果的网页，只在本机（what-if page with sliders, on this machine only）"
	@echo "make page-test 用 Chromium 测试网页（test the page in Chromium）"
	@echo "make clauses   条款登记册的统计（counts of the clause register）"
	@echo "make docs      网页版文档，写入 site/，约几分钟（the documentation, into site/, some minutes）"
	@echo "make serve     本机网页接口，端口 5000（web API on 127.0.0.1:5000）"
	@echo "make lint      代码检查（lint and types）"
	@echo "make fuzz      用随机改坏的表、改革和选项试程序，每项 SECONDS=60 秒（fuzzing, for each target）"
	@echo "make bench     速度与内存，逐项与目标对照，约三分钟（speed and memory against their goals）"
	@echo "make mutate    变异测试：逐一改动法规的数与算式，看测试能否发现，一小时以上（mutation score, an hour or more）"
	@echo "make proof     全部证明，写成 docs/trust.md，几小时（the whole proof, into docs/trust.md, hours）"

setup: $(VENV)/installed

$(VENV)/installed: requirements.txt pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "需要 Python 3.11 至 3.13，没有找到。请先安装（Python 3.11 to 3.13 is needed）。"; exit 1; fi
	@echo "正在建立环境 $(VENV) 并安装依赖，只在第一次需要，要几分钟（creating the environment, first time only, some minutes）..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet $(SOURCE) -r requirements.txt
	@$(PIP) install --quiet $(SOURCE) --no-build-isolation --no-deps -e .
	@touch $@
	@echo "环境已就绪（environment ready）。"

$(VENV)/proof: $(VENV)/installed requirements-proof.txt
	@$(PIP) install --quiet $(SOURCE) -r requirements-proof.txt -c requirements.txt
	@touch $@

simulate: setup
	@$(BIN)/openfisca-jining simulate

memo: setup
	@$(BIN)/openfisca-jining memo --reform yanzhou_cap_and_jining_rate --out out/

test: setup
	@$(BIN)/python -m pytest -n auto --dist loadfile

notebooks: setup
	@JUPYTER_PREFER_ENV_PATH=1 $(BIN)/python -m pytest --nbmake notebooks

PORT ?= 8866
page: setup
	@$(BIN)/openfisca-jining page --port $(PORT)

page-test: setup
	@$(BIN)/python -m pytest -rP tests/browser

clauses: setup
	@$(BIN)/openfisca-jining clauses

docs: setup
	@JUPYTER_PREFER_ENV_PATH=1 $(BIN)/sphinx-build -W --keep-going -q -d build/doctrees docs site
	@echo "已写入 site/，用浏览器打开 site/index.html（open site/index.html in a browser）。"

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/yamllint --strict parameters reforms tests openfisca_jining situation_examples

fuzz: setup $(VENV)/proof
	@$(BIN)/python tests/fuzz --seconds $(or $(SECONDS),60)

bench: setup
	@$(BIN)/python bench/run.py
	@$(BIN)/python bench/forecast.py
	@$(BIN)/python bench/interactive.py

mutate: setup $(VENV)/proof
	@$(BIN)/python -m tests.proof.mutation --tests

proof: setup $(VENV)/proof
	@$(BIN)/python -m tests.proof

serve: setup
	@$(BIN)/openfisca serve --country-package openfisca_jining --bind 127.0.0.1:5000

wheels: setup
	@$(PIP) wheel --quiet --wheel-dir wheels -r requirements.txt

clean:
	rm -rf $(VENV) out build dist site docs/generated *.egg-info wheels
