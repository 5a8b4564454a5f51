# Everything is built from here; no generated build system.
#
#   make deps      install the Debian packages that building and testing need
#   make           all programs, into $(BUILD)/bin
#   make demo      the whole system on loopback with live input
#   make check     every test        make lint     analysers, style, manuals
#   make fuzz      explore           make bench    ratios against nfdump's tools
#   make soak      random filters through nfdump and ours, a hundred kills,
#                  a minute of reconfigs with upgrades
#   make install   DESTDIR, PREFIX   make clean
#   make deb       a Debian package  make check-package  on a bare Debian
#
# make SAN=address,undefined   or   SAN=thread   builds into a folder of its own.

PREFIX  ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/nfsen
WWWDIR  ?= $(DATADIR)/www
CONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)

# Where data and sockets are, and whose, in the installed example and services.
FREEBSD := $(filter FreeBSD,$(shell uname -s))
STATEDIR    ?= $(if $(FREEBSD),/var/db/nfsen,/var/lib/nfsen)
RUNDIR      ?= $(if $(FREEBSD),/var/run/nfsen,/run/nfsen)
NFSEN_USER  ?= nfsen
NFSEN_GROUP ?= $(if $(FREEBSD),www,www-data)
UNITDIR     ?= $(PREFIX)/lib/systemd/system
RCDIR       ?= $(CONFDIR)/rc.d

CC      ?= cc
SAN     ?=
comma   := ,
BUILD   ?= build$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(findstring clang,$(CC)),-clang)
SHARED  ?= ../shared
# Packages needed to build; make deps installs them before anything else runs.
PKGS    = librrd libpcre2-8 expat liblz4 libzstd lzo2 \
          libmaxminddb nettle gnutls
PKG_CONFIG ?= pkg-config
# Used when they are there.
SECCOMP := $(shell $(PKG_CONFIG) --exists libseccomp 2>/dev/null && echo libseccomp)

# --- flags -------------------------------------------------------------------
# A flag the compiler at hand does not know is left out; the answers are kept
# in one generated file, asked once per build folder.
CSTD   = -std=c17 -D_GNU_SOURCE
WARN   = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
         -Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
         -Wcast-qual -Wcast-align -Wwrite-strings -Wundef -Wformat=2 -Wvla \
         -Wconversion -Wimplicit-fallthrough -Wnull-dereference \
         -Wdouble-promotion
PROBED = -Wlogical-op -Wduplicated-cond -Wduplicated-branches \
         -Wcast-align=strict -fstack-clash-protection \
         -ftrivial-auto-var-init=zero -fcf-protection=full \
         -mbranch-protection=standard
HARD   = -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE \
         -fno-delete-null-pointer-checks
LINK   = -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
         -Wl,-z,separate-code -Wl,--as-needed
SANF   = -O1 -g -fno-omit-frame-pointer -fPIE -fsanitize=$(SAN) \
         -fno-sanitize-recover=all
WERROR ?=

# Not for goals that only start others: a compiler that make deps has yet to
# install must not be asked.
NOCC = deps check demo lint format fuzz flags clean deb check-package \
       install-services
ifneq ($(if $(MAKECMDGOALS),$(filter-out $(NOCC),$(MAKECMDGOALS)),all),)
-include $(BUILD)/probed.mk
endif

PKGCF  := $(shell $(PKG_CONFIG) --cflags $(PKGS) $(SECCOMP) 2>/dev/null) \
          $(if $(SECCOMP),-DHAVE_SECCOMP)
PKGLD  := $(shell $(PKG_CONFIG) --libs $(PKGS) $(SECCOMP) 2>/dev/null)

# The builder's own CPPFLAGS, CFLAGS, LDFLAGS and LDLIBS come last and add.
CPPF = -Ilib -I. $(PKGCF) $(CPPFLAGS)
CF   = $(CSTD) $(WARN) $(if $(SAN),$(SANF),$(HARD)) $(PROBED_OK) \
       $(if $(WERROR),-Werror) -pthread $(CFLAGS)
LDF  = $(LINK) $(if $(SAN),-fsanitize=$(SAN)) -pthread $(LDFLAGS)
LIBS = $(PKGLD) -lbz2 -lm $(LDLIBS)

# --- what is built from what ----------------------------------------------------
# A program is its folder: main.c holds start-up only, the rest is an archive
# that the program's unit tests link as well.
PROGRAMS = nfsen-collector nfsen-profiler nfsen-fcgi nfsen-query nfsen flowgen
DIR_nfsen-collector = collector
DIR_nfsen-profiler  = profiler
DIR_nfsen-fcgi      = fcgi
DIR_nfsen-query     = query
DIR_nfsen           = admin
DIR_flowgen         = bench/flowgen
LIBS_nfsen-fcgi     = -lfcgi
LIBS_nfsen-collector = -lmicrohttpd
LIBS_flowgen        = -lm

objs    = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIBOBJ  := $(call objs,$(wildcard lib/*/*.c))
LIBA    := $(BUILD)/libnfsen.a
BINS    := $(foreach p,$(PROGRAMS),$(if $(wildcard $(DIR_$(p))/main.c),$(BUILD)/bin/$(p)))
BENCH   := $(patsubst bench/%.c,$(BUILD)/bin/%,$(wildcard bench/*.c))
TESTS   := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*/test_*.c))
TOOLS   := $(patsubst tests/tools/%.c,$(BUILD)/tests/tools/%,$(wildcard tests/tools/*.c))
PRELOADS := $(patsubst tests/preload/%.c,$(BUILD)/tests/%.so,$(wildcard tests/preload/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
WWW     := $(if $(wildcard www),$(BUILD)/www/.done)

.PHONY: all
# Tools of tests that were built before do not get old.
all: $(LIBA) $(BINS) $(BENCH) $(WWW) $(wildcard $(TOOLS))

# Objects made by chained rules stay.
.SECONDARY:

$(BUILD)/probed.mk:
	@mkdir -p $(@D)
	@printf 'int x;\n' | $(CC) -x c -c -o /dev/null -
	@ok=; for f in $(PROBED); do \
	  if printf 'int x;\n' | $(CC) -Werror $$f -x c -c -o /dev/null - 2>/dev/null; \
	  then ok="$$ok $$f"; fi; done; echo "PROBED_OK =$$ok" > $@

$(BUILD)/obj/%.o: %.c | $(BUILD)/probed.mk
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CPPF) $(CF) -MMD -MP -c -o $@ $<


# Where the programs look for their configuration, changed or not.
$(BUILD)/confdir: FORCE
	@mkdir -p $(@D)
	@echo '$(CONFDIR)' | cmp -s - $@ || echo '$(CONFDIR)' >$@
$(BUILD)/obj/lib/conf/conf.o: $(BUILD)/confdir
$(BUILD)/obj/lib/conf/conf.o: CPPF += \
    -DNFSEN_CONF_DEFAULT='"$(CONFDIR)/nfsen.conf"'
.PHONY: FORCE
FORCE:

# ar's own file would keep members whose source is gone.
$(LIBA): $(LIBOBJ)
	@echo "  AR    $@"
	@rm -f $@ && ar rcs $@ $^

define program
SRC_$(1)  := $$(filter-out $$(DIR_$(1))/main.c,$$(wildcard $$(DIR_$(1))/*.c))
$$(BUILD)/$$(DIR_$(1)).a: $$(call objs,$$(SRC_$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@ && ar rcs $$@ $$^
$$(BUILD)/bin/$(1): $$(call objs,$$(DIR_$(1))/main.c) $$(BUILD)/$$(DIR_$(1)).a $$(LIBA)
	@mkdir -p $$(@D)
	@echo "  LINK  $$@"
	@$$(CC) $$(LDF) -o $$@ $$^ $$(LIBS_$(1)) $$(LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

$(BUILD)/bin/%: $(BUILD)/obj/bench/%.o $(LIBA)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDF) -o $@ $^ $(LIBS) -lm

# Style sheets, scripts and icons are served as they are; front-end packages
# (pinned in www/package.json) are copied beside them.
$(BUILD)/www/.done: $(wildcard www/* www/*/*)
	@rm -rf $(@D) && mkdir -p $(@D) && cp -R www/. $(@D)/
	@rm -rf $(@D)/package*.json $(@D)/.npmrc $(@D)/node_modules
	@touch $@

# --- tests -------------------------------------------------------------------
# tests/unit/<module>/test_x.c mirrors lib/<module>/ or a program's folder.
PROGDIRS = collector profiler fcgi query admin
# The archive of the program whose tests these are; no % here, make would put
# the stem in its place.
progdir     = $(filter $(PROGDIRS),$(firstword $(subst /, ,$(1))))
progarchive = $(if $(progdir),$(BUILD)/$(progdir).a)
.SECONDEXPANSION:
$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $$(call progarchive,$$*) $(LIBA)
	@mkdir -p $(@D)
	@$(CC) $(LDF) -o $@ $^ $(if $(filter fcgi/%,$*),-lfcgi) $(if $(filter collector/%,$*),-lmicrohttpd) $(LIBS) \
	  $$($(PKG_CONFIG) --libs check)

$(BUILD)/tests/tools/%: $(BUILD)/obj/tests/tools/%.o $$(FUZZA) $(LIBA)
	@mkdir -p $(@D)
	@$(CC) $(LDF) -o $@ $^ $(LIBS)

# What tests load into programs; never with a sanitizer of its own.
$(BUILD)/tests/%.so: tests/preload/%.c | $(BUILD)/probed.mk
	@mkdir -p $(@D)
	@$(CC) $(CPPF) $(CSTD) $(WARN) -O2 -fPIC -shared -o $@ $<

# fuzz_x.c has LLVMFuzzerTestOneInput; replay.c feeds it the committed corpus.
FUZZA = $(foreach d,query profiler fcgi collector,$(if $(wildcard $(d)/*.c),$(BUILD)/$(d).a))
$(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/replay.o $$(FUZZA) $(LIBA)
	@mkdir -p $(@D)
	@$(CC) $(LDF) -o $@ $^ -lfcgi $(LIBS)

# The same targets with libFuzzer's main; tests/fuzz/explore.sh asks for them
# with clang and a coverage flag.
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $$(FUZZA) $(LIBA)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDF) -fsanitize=fuzzer -o $@ $^ -lfcgi $(LIBS)
.PHONY: fuzzers
fuzzers: $(FUZZERS)

.PHONY: tests unit golden fuzz-replay e2e check check-quick
tests: $(TESTS) $(TOOLS) $(REPLAYS) $(PRELOADS)

# make check, without installing anything and without the browser and daemons
check-quick: all tests
	@tests/run $(BUILD) unit golden fuzz

check: deps
	@$(MAKE) --no-print-directory all tests
	@tests/run $(BUILD) unit golden fuzz e2e

unit golden e2e: all tests
	@tests/run $(BUILD) $@

.PHONY: deps demo lint format flags golden-update fuzz soak bench install clean
deps:
	@tests/deps.sh

demo: deps
	@$(MAKE) --no-print-directory all
	@bench/demo.sh $(BUILD)

# make lint FILES='lib/conf/*.[ch] man/nfsen.8' looks at these alone.
lint:
	@tests/lint.sh $(FILES)

# make format FILES='...' likewise.
format:
	@clang-format -i $(if $(FILES),$(FILES),$$(git ls-files '*.c' '*.h'))

# What an analyser has to know to read a file.
flags:
	@echo $(CSTD) $(CPPF)

golden-update: all tests
	@tests/run --update $(BUILD) golden

fuzz:
	@tests/fuzz/explore.sh

# Random filters, nfdump's answers against ours; ends by itself.
#   make soak [N=filters] [SEED=number]
soak: all tests
	@SOAK=1 N=$(or $(N),20000) SEED=$(or $(SEED),$$(date +%s)) \
	  tests/e2e/filter_nfdump.sh $(BUILD)
	@KILLS=100 SEED=$(or $(SEED),$$(date +%s)) tests/e2e/kill9.sh $(BUILD)
	@UPGRADE_S=60 tests/e2e/upgrade.sh $(BUILD)

bench: all $(BUILD)/tests/fakeclock.so
	@bench/run.sh $(BUILD)

# Names of programs that other packages have as well, as links to ours; only
# those that are asked for: make install ALIASES=nfprofile
ALIASES ?=
ALIAS_nfprofile = $(SBINDIR)/nfsen-profiler
ALIAS_nfcapd    = $(SBINDIR)/nfsen-collector
ALIAS_sfcapd    = $(SBINDIR)/nfsen-collector
ALIAS_nfanon    = $(BINDIR)/nfsen-query
ALIAS_nfdump    = $(BINDIR)/nfsen-query
ALIAS_nfexpire  = $(BINDIR)/nfsen-query
ALIAS_nfreplay  = $(BINDIR)/nfsen-query

# The config is an example: a file the site made is never overwritten.
SBIN := $(filter-out %/nfsen-query,$(filter $(BUILD)/bin/nfsen%,$(BINS)))
install: all
	@for a in $(foreach a,$(ALIASES),$(if $(ALIAS_$(a)),,$(a))); do \
	  echo "ALIASES: $$a: no such name" >&2; exit 1; done
	@install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(BINDIR) $(DESTDIR)$(CONFDIR) \
	  $(DESTDIR)$(DATADIR)/examples $(DESTDIR)$(MANDIR)/man1 \
	  $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8
	@for p in $(SBIN); do install -m 755 $$p $(DESTDIR)$(SBINDIR)/; done
	@for p in $(filter %/nfsen-query,$(BINS)); do \
	  install -m 755 $$p $(DESTDIR)$(BINDIR)/; done
	@$(foreach a,$(ALIASES),ln -sf $(ALIAS_$(a)) $(DESTDIR)$(BINDIR)/$(a);)
	@for s in 1 5 8; do for m in man/*.$$s; do [ ! -e $$m ] || \
	  install -m 644 $$m $(DESTDIR)$(MANDIR)/man$$s/; done; done
	@for f in $(wildcard etc/*.conf); do \
	  d=$(DESTDIR)$(CONFDIR)/$${f##*/}.example; \
	  sed $(FIT_CONF) $$f >$$d && chmod 644 $$d; done
	@for f in $(wildcard etc/nginx/*); do \
	  d=$(DESTDIR)$(DATADIR)/examples/nginx-$${f##*/}; \
	  sed $(FIT_NGINX) $$f >$$d && chmod 644 $$d; done
	@for s in bash zsh; do \
	  d=$(DESTDIR)$(if $(filter /usr,$(PREFIX)),/usr,$(PREFIX))/share; \
	  if [ $$s = bash ]; then d=$$d/bash-completion/completions/nfsen; \
	  else d=$$d/zsh/$(ZSHDIR)/_nfsen; fi; \
	  install -d $${d%/*} && install -m 644 etc/completion/nfsen.$$s $$d; done
	@$(MAKE) --no-print-directory install-services
	@[ -z "$(WWW)" ] || { rm -rf $(DESTDIR)$(WWWDIR) && \
	  install -d $(DESTDIR)$(WWWDIR) && \
	  cp -R $(BUILD)/www/. $(DESTDIR)$(WWWDIR)/ && \
	  rm -f $(DESTDIR)$(WWWDIR)/.done; }

# A Debian package of this tree, in $(BUILD)/deb.
.PHONY: deb check-package
deb:
	@tests/deps.sh deb
	@CC='$(CC)' debian/build $(BUILD)/deb

# On a bare Debian in a folder: installed, a first day, upgraded, purged.
check-package: deps
	@tests/deps.sh deb
	@$(MAKE) --no-print-directory all
	@PACKAGE=1 tests/e2e/package.sh $(BUILD)

# Of the system that is built on; `make install-services OS=FreeBSD` to look at
# another's.
OS ?= $(shell uname -s)
ZSHDIR ?= $(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
FIT = -e 's|@SBINDIR@|$(SBINDIR)|g' -e 's|@CONFDIR@|$(CONFDIR)|g' \
  -e 's|@STATEDIR@|$(STATEDIR)|g' -e 's|@RUNDIR@|$(RUNDIR)|g' \
  -e 's|@USER@|$(NFSEN_USER)|g' -e 's|@GROUP@|$(NFSEN_GROUP)|g'
FIT_CONF = -e 's|^\$$BASEDIR = .*|$$BASEDIR = "$(STATEDIR)";|' \
  -e 's|^\# \$$PIDDIR    = .*|$$PIDDIR      = "$(RUNDIR)";|' \
  -e 's|^\$$USER = .*|$$USER = "$(NFSEN_USER)";|' \
  -e 's|^\$$WWWUSER  = .*|$$WWWUSER  = "$(NFSEN_GROUP)";|' \
  -e 's|^\$$WWWGROUP = .*|$$WWWGROUP = "$(NFSEN_GROUP)";|'
FIT_NGINX = -e 's|/usr/local/share/nfsen/www/|$(WWWDIR)/|' \
  -e 's|/var/lib/nfsen/var/run/nfsen-fcgi.sock|$(RUNDIR)/nfsen-fcgi.sock|'
.PHONY: install-services
install-services:
ifeq ($(OS),FreeBSD)
	@install -d $(DESTDIR)$(RCDIR)
	@for f in etc/rc.d/*; do d=$(DESTDIR)$(RCDIR)/$${f##*/}; \
	  sed $(FIT) $$f >$$d && chmod 555 $$d; done
endif
ifeq ($(OS),Linux)
	@install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/lib/sysusers.d \
	  $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	@for f in etc/systemd/nfsen*; do d=$(DESTDIR)$(UNITDIR)/$${f##*/}; \
	  sed -e '/^@HARDENING@$$/r etc/systemd/hardening' \
	    -e '/^@HARDENING@$$/d' $(FIT) $$f >$$d && chmod 644 $$d; done
	@for k in sysusers.d tmpfiles.d; do \
	  d=$(DESTDIR)$(PREFIX)/lib/$$k/nfsen.conf; \
	  sed $(FIT) etc/$$k/nfsen.conf >$$d && chmod 644 $$d; done
endif

clean:
	@rm -rf build build-*

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
