/*
 * admin: what the commands of nfsen share.
 *
 * A command gets the loaded config, prints its dialogue to stdout as NfSen
 * does, errors to stderr, and returns the exit status.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "conf/conf.h"

/* Exit status, of `status` as the Linux Standard Base has it. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_REFUSED = 2,     /* takeover: something has to be settled first */
	EXIT_STATUS_DEAD = 1, /* ended, but its pid file is there */
	EXIT_STATUS_STOPPED = 3,
	EXIT_STATUS_UNKNOWN = 4,
	EXIT_NO_DAEMON = 255 /* the profiler cannot be asked; as NfSen has it */
};

#define ADMIN_WORDS_MAX 4096 /* on a command line */
#define ADMIN_KEYS_MAX  32   /* of NfSen's letters that are arguments */

struct action;

struct admin {
	const char *argv0;
	const char *file; /* config, absolute: daemons leave our folder */
	char path[FILE_PATH_MAX]; /* what file points to */
	const char *command;      /* NULL: none given */
	bool check;               /* --check */
	bool yes;                 /* -y */
	bool now;                 /* --now: handback */
	/* exporters, interfaces */
	const char *source, *from, *to, *last; /* NULL: not given */
	bool json;
	/* What the profiler is asked (admin/action.h). */
	const struct action *action; /* NULL: nothing */
	const char *object;
	const char *keys[ADMIN_KEYS_MAX]; /* "key=value", by options */
	size_t n_keys;
	const char **words; /* behind the command; NULL behind the last */
	size_t n_words;
	bool force; /* --force: takeover, profile import */
	bool shell; /* --shell */
	bool xml;   /* --xml: profile export */
	struct arena arena;
	struct conf *c;
};

/*
 * 0: go on; 1: answered (--help), end well; -1: said on stderr.  The caller
 * frees a->arena at the end, in all cases.
 */
int admin_options(struct admin *a, int argc, char **argv);

/* Load the config and run the command; the exit status. */
int admin_run(struct admin *a);

int cmd_start(struct admin *a);
int cmd_stop(struct admin *a);
int cmd_reload(struct admin *a);
int cmd_upgrade(struct admin *a);
int cmd_status(struct admin *a);
int cmd_reconfig(struct admin *a);
int cmd_forget(struct admin *a); /* its word is a source */
int cmd_exporters(struct admin *a);
int cmd_top(struct admin *a);
int cmd_abort_reset(struct admin *a);
int cmd_interfaces(struct admin *a);
int cmd_takeover(struct admin *a);     /* also with --check */
int cmd_expire_check(struct admin *a); /* profile expire --check */
int cmd_handback(struct admin *a);
int cmd_layout(struct admin *a);   /* also with --check */
int cmd_index(struct admin *a);    /* also with --check */
int cmd_exchange(struct admin *a); /* profile export | import */

/* Config error or not, "Configured sources do not match ..." when so. */
bool admin_sources_match(const struct admin *a);

/* "text" on stderr and EXIT_FAILED. */
int admin_fail(const struct err *err);

/* "group/name" or "name", whose group is "."; false: neither. */
bool admin_profile_name(const char *text, char *group, char *name);

/* ---- sources that share a port --------------------------------------------- */

/* Does the collector listen for this source? */
bool source_is_collected(const struct conf_source *s);

/* Is there a source with a port, and so something to collect? */
bool bundle_any(const struct conf *c);

/* The next port after `port` that a source has, 0 being the last; -1: none. */
int bundle_next(const struct conf *c, int port);

/* Does the collector listen on this port of a source? */
bool bundle_is_collected(const struct conf *c, int port);

/* "(beta1 beta2)" on stdout; nothing for port 0, which has no collector. */
void bundle_print(const struct conf *c, int port);

/* The same without condition or brackets. */
void bundle_idents(const struct conf *c, int port, struct buf *out);

#endif
