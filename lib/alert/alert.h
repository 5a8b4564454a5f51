/*
 * alert: NfSen's alerts on disk.
 *
 *   PROFILESTATDIR/~<alert>/alert.dat             what is asked for
 *   PROFILESTATDIR/~<alert>/<alert>-filter.txt    which flows
 *   PROFILESTATDIR/~<alert>/alert.status          what came of it (state.h)
 *   PROFILESTATDIR/~<alert>/avg-{flows,packets,bytes}.rrd
 *   PROFILEDATADIR/~<alert>/<alert>/              a slot's flows
 *
 * Who changes anything holds the tree's lock.
 */
#ifndef ALERT_ALERT_H
#define ALERT_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

#define ALERT_NAME_MAX       64
#define ALERT_CONDITIONS_MAX 64 /* of one alert; NfSen's pages offer 6 */
#define ALERT_FILE_MAX       (1024 * 1024)

enum alert_type {
	ALERT_SUM = 0,   /* the slot's totals */
	ALERT_TOP = 1,   /* the first of a top-N statistic */
	ALERT_PLUGIN = 2 /* a plugin decides */
};

enum alert_trigger {
	ALERT_EACH_TIME = 0,
	ALERT_ONCE = 1,       /* until it is armed again */
	ALERT_WHILE_TRUE = 2, /* once while the condition holds */
	ALERT_TRIGGER_MAX = 3 /* as EACH_TIME; NfSen takes it */
};

/* Bits of the action. */
enum alert_action { ALERT_EMAIL = 1, ALERT_SYSTEM = 2, ALERT_CALL = 4 };

struct alert {
	struct arena arena;
	const char *name;
	const char *description; /* lines joined with LF */
	const char *status;      /* "enabled", "disabled"; "0": disabled */
	int version;             /* 130 */
	int type;                /* enum alert_type */
	int trigger_type;        /* enum alert_trigger */
	int trigger_number;      /* 1..9 slots true one after the other */
	int trigger_blocks;      /* 0..9 slots of silence after it fired */
	const char **sources;    /* live channels whose flows are looked at */
	size_t n_sources;
	int action_type; /* enum alert_action, bits */
	const char *action_email, *action_subject, *action_system,
	    *action_plugin;
	/* As text: seven numbers with ':' between, or a plugin's name. */
	const char *conditions[ALERT_CONDITIONS_MAX];
	size_t n_conditions;
};

/* A blank alert with NfSen's defaults. */
struct alert *alert_new(const char *name);
void alert_free(struct alert *a);

/* alert.dat as text, both ways.  NULL and err "path:line: ...". */
struct alert *alert_parse(const char *path, const char *text, size_t len,
    struct err *err);
void alert_print(const struct alert *a, struct buf *out);

bool alert_enabled(const struct alert *a);

/* NULL: "alert '<name>' does not exists", or what is wrong with its file. */
struct alert *alert_load(const struct conf *c, const char *name,
    struct err *err);

/* The filter's text as it is in the file. */
int alert_filter_read(const struct conf *c, const char *name, struct buf *text,
    struct err *err);

struct alert_list {
	const char **names; /* sorted, without the '~' */
	size_t n;
};

int alert_list(const struct conf *c, struct arena *a, struct alert_list *l,
    struct err *err);

/* ---- paths, all FILE_PATH_MAX; false when too long ------------------------ */

bool alert_stat_path(const struct conf *c, const char *name, const char *file,
    char *buf); /* file NULL: the folder */
bool alert_data_path(const struct conf *c, const char *name, char *buf);

/* ---- changes (change.c) ----------------------------------------------------- */

/*
 * What a request asks for, as text; NULL: not given.  Error texts are
 * NfSen's.
 */
struct alert_request {
	const char *alert;
	const char *status, *type, *trigger_type, *trigger_number,
	    *trigger_blocks, *channellist, *action_type, *action_email,
	    *action_subject, *action_system, *action_plugin;
	const char *description; /* lines joined with LF */
	const char *filter;      /* lines joined with LF */
	const char *const *conditions;
	size_t n_conditions;
};

/*
 * Each is one transaction (profile/txn.h).  live_end: the newest slot of
 * live, where the RRDs of a new alert begin.
 */
int alert_add(const struct conf *c, const struct alert_request *r, int64_t now,
    int64_t live_end, struct err *err);
int alert_modify(const struct conf *c, const struct alert_request *r,
    struct err *err);
int alert_delete(const struct conf *c, const char *name, struct err *err);

/* A "once only" alert that fired may fire again. */
int alert_arm(const struct conf *c, const char *name, struct err *err);

/*
 * Every value of an alert in order: types, ranges, addresses, conditions,
 * sources, filter.  NfSen's texts.
 */
int alert_check(const struct conf *c, const struct alert *a, const char *filter,
    struct err *err);

#endif
