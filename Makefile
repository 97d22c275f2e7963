# Understudy. `make help` lists the targets; README.md explains them.

NAME     ?= quickstart
CC       := $(if $(filter default,$(origin CC)),gcc,$(CC))
BUILD    ?= build
CFLAGS   ?= -O2 -g
SANITIZE ?=
WERROR   ?= -Werror
FUZZER   ?=
BENCH    ?= training runner
ONEDNN   ?= $(if $(wildcard /usr/include/dnnl.h),yes)

SOURCES  := $(sort $(wildcard framework/*/*.c framework/*/*/*.c data/*.c data/*/*.c pipelines/*.c pipelines/*/*.c \
              networks/*/*.c $(if $(ONEDNN),networks/engines/onednn/*.c)))
TESTS    := $(sort $(wildcard tests/*.c tests/unit/*/*.c tests/property/*.c))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY  := $(filter-out $(BUILD)/framework/cli/main.o,$(OBJECTS))

# Asked once, and only when something is compiled: on a bare machine `make setup` comes first.
PACKAGES := yaml-0.1 hdf5 openblas libpng libjpeg libtiff-4 libcrypto zlib
P_CFLAGS  = $(eval P_CFLAGS := $(shell pkg-config --cflags $(PACKAGES)))$(P_CFLAGS)
P_LIBS    = $(eval P_LIBS := $(shell pkg-config --libs $(PACKAGES)))$(P_LIBS)

# Archives, where they are there, of libraries that take longer to load than all else that a short
# command does: the shared HDF5 brings 30 others, for files on the internet; OpenBLAS has ten
# thousand names to look up.
FOLDERS   = $(patsubst -L%,%,$(shell pkg-config --libs-only-L $(PACKAGES)))
have      = $(wildcard $(addsuffix /$1,$(FOLDERS)))
H_LIBS    = $(if $(call have,libhdf5.a),-l:libhdf5.a -lsz,-lhdf5)
B_LIBS    = $(if $(call have,libopenblas.a),-l:libopenblas.a,-lopenblas)
A_LIBS    = $(eval A_LIBS := $(H_LIBS) $(B_LIBS))$(A_LIBS)

STANDARD := -std=c17 -D_POSIX_C_SOURCE=200809L -ffp-contract=off -fno-trapping-math -fno-math-errno -fopenmp
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(WERROR)
FLAGS     = $(STANDARD) $(CFLAGS) $(SANITIZE) $(WARNINGS)
DEFINES   = $(if $(ONEDNN),-DUNDERSTUDY_ONEDNN)
INCLUDES  = -Iframework -I$(BUILD) -I. $(P_CFLAGS) $(DEFINES)
LIBS      = $(filter -L%,$(P_LIBS)) $(A_LIBS) $(filter-out -L% -lhdf5 -lopenblas,$(P_LIBS)) \
            $(if $(ONEDNN),-ldnnl) -lvl -lm

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all help install setup setup-examples setup-export setup-paper setup-report setup-clusters paper reproduce experiment test test-quick mutation bench data floors format format-check clean FORCE

# `make` says what it does, V=1 in full. Where one goal is given, all processors work; several are
# made in their order. -j says otherwise.
quoted    = '$(subst ','\'',$1)'
VERBOSE  := $(V)
Q        := $(if $(VERBOSE),,@)
QUIET    := $(VERBOSE)$(findstring s,$(firstword -$(MAKEFLAGS)))
say       = @$(if $(QUIET),:,$(if $(MAKE_TERMOUT),printf '\033[K';) echo '  $1')
# Of what is compiled, a terminal shows the last file alone; a log has the first nine, then every fiftieth.
COMPILED :=
compiled  = $(eval COMPILED += x)$(filter 1 2 3 4 5 6 7 8 9 %00 %50,$(words $(COMPILED)))
compiles  = @$(if $(QUIET),:,$(if $(MAKE_TERMOUT),printf '\033[K  %s\r' $(call quoted,$1),$(if $(compiled),echo '  $1',:)))
ORDERED  := $(filter-out setup setup-% $(BUILD)/%,$(MAKECMDGOALS))
ifeq ($(MAKELEVEL)$(word 2,$(ORDERED))$(and $(ORDERED),$(filter $(BUILD)/%,$(MAKECMDGOALS))),0)
MAKEFLAGS += -j$(shell nproc)
endif
ifneq ($(word 2,$(BUILD)),)
$(error BUILD='$(BUILD)': make cannot handle a folder with a blank in its name)
endif

PLUGINS  := $(patsubst examples/plugin/%.c,$(BUILD)/examples/%.so,$(wildcard examples/plugin/*.c))

all: $(BUILD)/understudy $(PLUGINS) ## build build/understudy

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 18
	@echo 'Variables: NAME=experiment SET="key=value …" WORKERS=n THREADS=n LAUNCHER=slurm'
	@echo '           CC=gcc|clang BUILD=folder ONEDNN=yes|'

setup: ## install what is missing (Debian, Ubuntu)
	@tools/setup

setup-examples: ## install what some examples need beside: OpenCV, scikit-image, ImageMagick
	@tools/setup examples

setup-export: ## install what tests of exported networks need beside: ONNX, compilers for ARM and 32 bits, QEMU
	@tools/setup export

setup-paper: ## install what `make paper` needs beside: TeX
	@tools/setup paper

setup-report: ## install what tests of the report need beside: Chromium, Node.js
	@tools/setup report

setup-clusters: ## install what tests of launchers need beside: Grid Engine, an SSH server
	@tools/setup clusters

# Whatever is asked for beside `setup` waits for it.
SETUP    := $(filter setup setup-%,$(MAKECMDGOALS))
ifneq ($(SETUP),)
$(filter-out $(SETUP),$(MAKECMDGOALS)) $(BUILD)/compiled: | $(SETUP)
endif

# How objects are compiled and programs linked, rewritten only when it differs: what depends on it
# is made anew for another compiler or other flags. WARNINGS change no object.
$(BUILD)/compiled: FORCE
	@tools/built $(BUILD) compiled "$$($(CC) --version | head -n 1)" \
	  $(call quoted,$(CC) $(STANDARD) $(CFLAGS) $(SANITIZE) $(P_CFLAGS) $(DEFINES))
$(BUILD)/linked: $(BUILD)/compiled FORCE
	@tools/built $(BUILD) linked $(call quoted,$(LIBS) $(FUZZER) $(SOURCES) $(TESTS))

$(BUILD)/understudy: $(OBJECTS) $(BUILD)/linked
	$(call say,LD $@)
	$(Q)$(CC) $(FLAGS) -o $@ $(filter %.o,$^) $(LIBS)

$(BUILD)/%.o: %.c $(BUILD)/compiled
	@mkdir -p $(@D)
	$(call compiles,CC $<)
	$(Q)$(CC) $(FLAGS) $(INCLUDES) -MMD -MP -c -o $@ $<

# What was built, from which tree: looked at when all else is compiled, rewritten only when it differs.
RECORD   := $(BUILD)/framework/results/provenance.o
$(BUILD)/provenance.h: $(filter-out $(RECORD),$(OBJECTS)) FORCE
	@tools/provenance "$$($(CC) --version | head -n 1)" $(call quoted,$(STANDARD) $(CFLAGS) $(SANITIZE)) \
	  $(BUILD)/sources >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(RECORD): $(BUILD)/provenance.h

# Examples of a user's own stages, as their heads say they are built.
$(BUILD)/examples/%.so: examples/plugin/%.c include/understudy_stage.h
	@mkdir -p $(@D)
	$(call compiles,CC $<)
	$(Q)$(CC) -shared -fPIC -O2 -Iinclude -o $@ $<

$(BUILD)/tests/all: $(TESTS:%.c=$(BUILD)/%.o) $(LIBRARY) $(BUILD)/linked | $(PLUGINS)
	$(call say,LD $@)
	$(Q)$(CC) $(FLAGS) -o $@ $(filter %.o,$^) $(LIBS) -lcunit
$(TESTS:%.c=$(BUILD)/%.o): INCLUDES += -Itests -DBUILD_FOLDER='"$(BUILD)"'

# A fuzz target with the driver that replays its corpus; FUZZER=-fsanitize=fuzzer makes it search.
FUZZ     := $(sort $(wildcard tests/fuzz/*_fuzz.c))
REPLAY   := $(if $(FUZZER),,$(BUILD)/tests/fuzz/replay.o)
$(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/tests/fuzz/%_fuzz.o $(REPLAY) $(LIBRARY) $(BUILD)/linked
	$(call say,LD $@)
	$(Q)$(CC) $(FLAGS) $(FUZZER) -o $@ $(filter %.o,$^) $(LIBS)
$(BUILD)/tests/fuzz/verbs: $(BUILD)/tests/fuzz/verbs.o $(LIBRARY) $(BUILD)/linked
	$(call say,LD $@)
	$(Q)$(CC) $(FLAGS) -o $@ $(filter %.o,$^) $(LIBS)
# Models for tests/export/run, and what they should give.
$(BUILD)/tests/export/models: $(BUILD)/tests/export/models.o $(BUILD)/tests/unit/export/export_cases.o \
  $(BUILD)/tests/unit/export/export_stage_cases.o $(BUILD)/tests/property/layer_cases.o $(LIBRARY) $(BUILD)/linked
	$(call say,LD $@)
	$(Q)$(CC) $(FLAGS) -o $@ $(filter %.o,$^) $(LIBS)
$(BUILD)/tests/export_c/models: $(BUILD)/tests/export_c/models.o $(BUILD)/tests/unit/export/export_stage_cases.o \
  $(BUILD)/tests/property/layer_cases.o $(LIBRARY) $(BUILD)/linked
	$(call say,LD $@)
	$(Q)$(CC) $(FLAGS) -o $@ $(filter %.o,$^) $(LIBS)
# What tests/bench/inference and tests/bench/threads ask for answers.
$(BUILD)/tests/bench/inference $(BUILD)/tests/bench/threads_image: %: %.o $(LIBRARY) $(BUILD)/linked
	$(call say,LD $@)
	$(Q)$(CC) $(FLAGS) -o $@ $(filter %.o,$^) $(LIBS)
.PRECIOUS: $(BUILD)/%.o

experiment: export UNDERSTUDY_SET = $(value SET)
experiment: $(BUILD)/understudy $(PLUGINS) ## run experiments/NAME.yaml: results/NAME.h5 and plots/NAME/
	@tools/experiment $(BUILD)/understudy $(call quoted,experiments/$(NAME).yaml) \
	  $(if $(WORKERS),--workers $(call quoted,$(WORKERS))) \
	  $(if $(THREADS),--threads $(call quoted,$(THREADS))) \
	  $(if $(LAUNCHER),--launcher $(call quoted,$(LAUNCHER)) --wait)

paper: $(BUILD)/understudy ## build/paper/main.pdf, every number of it from results/published
	@UNDERSTUDY=$(BUILD)/understudy tools/paper

reproduce: $(BUILD)/understudy ## run NAME anew, compare it with results/published/NAME.h5
	@UNDERSTUDY=$(BUILD)/understudy tools/reproduce $(call quoted,$(NAME)) \
	  $(if $(WORKERS),--workers $(call quoted,$(WORKERS))) \
	  $(if $(THREADS),--threads $(call quoted,$(THREADS)))

test: ## everything that .ci/run checks
	@unset MAKEFLAGS MAKELEVEL; CC=$(call quoted,$(CC)) tests/run

test-quick: $(BUILD)/tests/all ## unit and property tests alone; SUITE=name for one
	$(BUILD)/tests/all $(SUITE)

mutation: $(BUILD)/tests/all ## break the code by one sign at a time; a test must notice each: FILE=name
	@UNDERSTUDY_BUILD=$(BUILD) tests/mutation/run $(FILE)

bench: $(BUILD)/understudy ## speed, beside PyTorch's (python3-torch) and Snakemake's: BENCH=training NETWORK=name
	@$(foreach b,$(BENCH),UNDERSTUDY_BUILD=$(BUILD) tests/bench/$(b) $(if $(filter training inference widths,$(b)),$(NETWORK)) &&) true

# In $(DESTDIR)$(PREFIX): the program, its header, and in share/understudy what it reads.
PREFIX   ?= /usr/local
install: $(BUILD)/understudy ## install the program, its header, families, machines: PREFIX=/usr/local
	@tools/install $(BUILD)/understudy $(call quoted,$(DESTDIR)$(PREFIX))

data: ## download the public data sets into data/raw; SETS="mnist cifar10 bsds300"
	@tools/fetch-data $(SETS)

floors: ## includes point to lower floors only
	@tools/floors

format: ## lay the code out with clang-format
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

format-check: ## fail where clang-format would change something
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs -n 50 -P "$$(nproc)" clang-format --dry-run -Werror

clean: ## remove what was built
	rm -rf build

-include $(OBJECTS:.o=.d) $(TESTS:%.c=$(BUILD)/%.d) $(FUZZ:%.c=$(BUILD)/%.d) $(BUILD)/tests/export/models.d \
  $(BUILD)/tests/export_c/models.d $(BUILD)/tests/bench/inference.d $(BUILD)/tests/bench/threads_image.d
