/*
 * capd: the command line of nfcapd and sfcapd, of nfdump 1.6, 1.7.1 and
 * later, told apart by use.
 *
 * In 1.6 `-w` was a flag (files begin with the interval, as ours always do)
 * and `-l DIR` the folder; later `-w DIR` is the folder.  So a `-w` that is
 * last or followed by a word that begins with '-' is the flag.  `-v` takes a
 * number when one follows; `-z` is LZO, `-z=CODEC[:LEVEL]` any codec.
 *
 * Options that mean nothing here (-T, -X, -W, -C, -i, -E) are
 * accepted and named in `notes`; everything else unknown is an error that
 * names the option.
 */
#ifndef CONF_CAPD_H
#define CONF_CAPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

#define CAPD_IDENT_MAX   127 /* characters; printable, no blanks */
#define CAPD_SOURCES_MAX 1024
#define CAPD_WORDS_MAX   1024
#define CAPD_SAMPLE_MAX  10000000

/* -n, or the one source of -w */
struct capd_source {
	const char *ident;
	struct prefix *ips;
	size_t n_ips; /* 0: any */
	const char *dir;
};

struct capd {
	const char *user, *group, *pidfile; /* NULL: not given */
	const char *ident;                  /* -I; NULL */
	const char *dir;                    /* -w, -l */
	const char *dyndir;                 /* -M */
	const char *meter;                  /* -m, path of a socket */
	uint16_t port;                      /* 0: not given */
	int interval;                       /* -t, seconds; 0 */
	struct capd_source *sources;        /* -n */
	size_t n_sources;
	struct conf_intake in;
	bool expire, detach, help, version;
	int verbose;
	struct buf notes; /* one line each; capd_free */
};

/*
 * Read a command line; argv[0] is not looked at.  Texts are those of argv or
 * the arena's.  -1: err says which option and why.  A whole command line has
 * to name where flows go, by -w, -l, -n or -M (unless -h or -V was given).
 */
int capd_parse(struct capd *o, int argc, const char *const *argv,
    struct arena *a, struct err *err);

/*
 * NfSen's optarg: options added to the command line that it makes, so those
 * that are its own (-w -l -n -M -p -u -g -P -D -I -t) are an error here.
 */
int capd_parse_optarg(struct capd *o, const char *text, struct arena *a,
    struct err *err);

void capd_free(struct capd *o);

/*
 * Words of `text` as a shell would make them, with blanks and quotes but
 * nothing that would need a shell: variables, globs, pipes, redirections,
 * substitutions outside single quotes are an error that names the place.
 * NULL-terminated; *n words without the NULL.
 */
const char **capd_words(const char *text, size_t *n, struct arena *a,
    struct err *err);

/*
 * A command (-x) into words: blanks separate, quotes hold together.  There is
 * no shell, so its characters mean themselves; %f and the like stay.
 */
const char **capd_command(const char *text, struct arena *a, struct err *err);

/* "192.0.2.1;10.0.0.0/8" (also ',' and blanks when commas is set). */
int capd_prefixes(const char *text, bool commas, struct prefix **ips, size_t *n,
    struct arena *a, struct err *err);

/* "192.0.2.1", "collector.example.net/2055", default port 9995. */
int capd_repeat(const char *text, struct conf_repeat *r, struct arena *a,
    struct err *err);

/* A sampling rate as -s has it: 1:n, negative: whatever the exporter says. */
int capd_sampling(const char *text, int32_t *rate, struct err *err);

/* Printable, without blanks and '/', not "." or "..", 1..CAPD_IDENT_MAX. */
bool capd_ident_ok(const char *ident);

#endif
