/*
 * The elements of a dump, each known by the one around it:
 *
 *   rrd: version step lastupdate ds* rra*
 *   ds: name type minimal_heartbeat min max last_ds value unknown_sec
 *   rra: cf pdp_per_row (params: xff | xff) cdp_prep database
 *   cdp_prep: ds*: primary_value secondary_value value unknown_datapoints
 *   database: row*: v*
 */
#include "store/rrdxml.h"

#include <errno.h>
#include <fcntl.h>
#include <rrd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum el {
	EL_NONE, /* outside */
	EL_RRD,
	EL_VERSION,
	EL_STEP,
	EL_LASTUPDATE,
	EL_DS,
	EL_NAME,
	EL_TYPE,
	EL_HEARTBEAT,
	EL_MIN,
	EL_MAX,
	EL_LAST_DS,
	EL_VALUE,
	EL_UNKNOWN_SEC,
	EL_RRA,
	EL_CF,
	EL_PDP_PER_ROW,
	EL_PARAMS,
	EL_XFF,
	EL_CDP_PREP,
	EL_CDP_DS,
	EL_PRIMARY,
	EL_SECONDARY,
	EL_CDP_VALUE,
	EL_UNKNOWN,
	EL_DATABASE,
	EL_ROW,
	EL_V,
	EL_COUNT
};

/* What an element holds. */
enum holds { CONTAINER, NUMBER, WHOLE, WORD };

static const struct {
	const char *name;
	enum el in;
	enum holds holds;
} elements[EL_COUNT] = {
	[EL_RRD] = { "rrd", EL_NONE, CONTAINER },
	[EL_VERSION] = { "version", EL_RRD, WORD },
	[EL_STEP] = { "step", EL_RRD, WHOLE },
	[EL_LASTUPDATE] = { "lastupdate", EL_RRD, WHOLE },
	[EL_DS] = { "ds", EL_RRD, CONTAINER },
	[EL_NAME] = { "name", EL_DS, WORD },
	[EL_TYPE] = { "type", EL_DS, WORD },
	[EL_HEARTBEAT] = { "minimal_heartbeat", EL_DS, WHOLE },
	[EL_MIN] = { "min", EL_DS, NUMBER },
	[EL_MAX] = { "max", EL_DS, NUMBER },
	[EL_LAST_DS] = { "last_ds", EL_DS, WORD },
	[EL_VALUE] = { "value", EL_DS, NUMBER },
	[EL_UNKNOWN_SEC] = { "unknown_sec", EL_DS, WHOLE },
	[EL_RRA] = { "rra", EL_RRD, CONTAINER },
	[EL_CF] = { "cf", EL_RRA, WORD },
	[EL_PDP_PER_ROW] = { "pdp_per_row", EL_RRA, WHOLE },
	[EL_PARAMS] = { "params", EL_RRA, CONTAINER },
	[EL_XFF] = { "xff", EL_PARAMS, NUMBER },
	[EL_CDP_PREP] = { "cdp_prep", EL_RRA, CONTAINER },
	[EL_CDP_DS] = { "ds", EL_CDP_PREP, CONTAINER },
	[EL_PRIMARY] = { "primary_value", EL_CDP_DS, NUMBER },
	[EL_SECONDARY] = { "secondary_value", EL_CDP_DS, NUMBER },
	[EL_CDP_VALUE] = { "value", EL_CDP_DS, NUMBER },
	[EL_UNKNOWN] = { "unknown_datapoints", EL_CDP_DS, WHOLE },
	[EL_DATABASE] = { "database", EL_RRA, CONTAINER },
	[EL_ROW] = { "row", EL_DATABASE, CONTAINER },
	[EL_V] = { "v", EL_ROW, NUMBER },
};

#define WORD_MAX 64
#define DEPTH    8

struct rrdxml {
	const struct rrd_shape *shape;
	enum el stack[DEPTH];
	size_t depth;
	unsigned long seen; /* in the innermost ds, rra, cdp ds: bit by el */
	unsigned long seen_rra, seen_rrd;
	size_t n_ds, n_rra, n_cdp, n_rows, n_v; /* so far */
	int64_t last;
	bool done;
	char *path;        /* NULL: only check */
	char *xml, *fresh; /* temporary files beside it */
	FILE *out;
};

/* ---- making it -------------------------------------------------------------- */

static char *
beside(const char *path, const char *suffix)
{
	struct buf b = BUF_EMPTY;
	buf_printf(&b, "%s.%s.%ld", path, suffix, (long)getpid());
	return b.data;
}

static FILE *
create(const char *path)
{
	(void)unlink(path);
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd == -1 ? NULL : fdopen(fd, "w");
	if (f == NULL && fd != -1)
		(void)close(fd);
	return f;
}

struct rrdxml *
rrdxml_new(const char *path, const struct rrd_shape *shape, struct err *err)
{
	struct rrdxml *x = mem_calloc(1, sizeof(*x));
	x->shape = shape;
	if (path == NULL)
		return x;
	x->path = mem_strdup(path);
	x->xml = beside(path, "xml");
	x->fresh = beside(path, "new");
	x->out = create(x->xml);
	if (x->out != NULL)
		return x;
	(void)err_set(err, "%s: %s", x->xml, strerror(errno));
	rrdxml_close(x);
	return NULL;
}

void
rrdxml_close(struct rrdxml *x)
{
	if (x == NULL)
		return;
	if (x->out != NULL)
		(void)fclose(x->out);
	if (x->xml != NULL)
		(void)unlink(x->xml);
	if (x->fresh != NULL)
		(void)unlink(x->fresh);
	free(x->xml);
	free(x->fresh);
	free(x->path);
	free(x);
}

static void
emit(struct rrdxml *x, const char *a, const char *b, const char *c)
{
	/* Errors are asked for once, when it is closed. */
	if (x->out != NULL)
		(void)fprintf(x->out, "%s%s%s", a, b, c);
}

/* ---- elements --------------------------------------------------------------- */

static enum el
inner(const struct rrdxml *x)
{
	return x->depth == 0 ? EL_NONE : x->stack[x->depth - 1];
}

static enum el
find(const struct rrdxml *x, const char *name)
{
	enum el in = inner(x);
	/* Before rrdtool 1.2 it stood there. */
	if (in == EL_RRA && strcmp(name, "xff") == 0)
		return EL_XFF;
	for (int i = EL_RRD; i < EL_COUNT; i++)
		if (elements[i].in == in && strcmp(elements[i].name, name) == 0)
			return (enum el)i;
	return EL_NONE;
}

#define BIT(e) (1UL << (e))

/* Of these there are several; what is inside is counted anew. */
static int
begin_one(struct rrdxml *x, enum el e, struct err *err)
{
	const struct rrd_shape *s = x->shape;
	switch (e) {
	case EL_DS:
		x->seen = 0;
		if (x->n_ds++ >= s->n_ds)
			return err_set(err, "more than %zu data sources",
			    s->n_ds);
		return 0;
	case EL_RRA:
		x->seen_rra = 0;
		x->n_cdp = x->n_rows = 0;
		if (x->n_ds != s->n_ds)
			return err_set(err, "%zu data sources, not %zu",
			    x->n_ds, s->n_ds);
		if (x->n_rra++ >= s->n_rra)
			return err_set(err, "more than %zu archives", s->n_rra);
		return 0;
	case EL_CDP_DS:
		x->seen = 0;
		if (x->n_cdp++ >= s->n_ds)
			return err_set(err, "more <ds> than data sources");
		return 0;
	case EL_ROW:
		x->n_v = 0;
		if (x->n_rows++ >= (size_t)s->rra[x->n_rra - 1].rows)
			return err_set(err, "archive %zu: more than %lld rows",
			    x->n_rra, (long long)s->rra[x->n_rra - 1].rows);
		return 0;
	case EL_V:
		if (x->n_v++ >= s->n_ds)
			return err_set(err, "more values than data sources");
		return 0;
	default:
		return 1;
	}
}

/* Everything else is there once. */
static int
begin_single(struct rrdxml *x, enum el e, struct err *err)
{
	enum el in = e == EL_XFF ? EL_RRA : elements[e].in;
	unsigned long *seen = in == EL_RRD || in == EL_NONE     ? &x->seen_rrd
			      : in == EL_RRA || in == EL_PARAMS ? &x->seen_rra
								: &x->seen;
	if ((*seen & BIT(e)) != 0)
		return err_set(err, "<%s> twice", elements[e].name);
	*seen |= BIT(e);
	return 0;
}

int
rrdxml_start(struct rrdxml *x, const char *name, struct err *err)
{
	enum el e = find(x, name);
	if (e == EL_NONE || x->done)
		return err_set(err, "<%.40s> does not belong here", name);
	if (x->depth == DEPTH)
		return err_set(err, "nested too deep");
	int rc = begin_one(x, e, err);
	if (rc == 1)
		rc = begin_single(x, e, err);
	if (rc == -1)
		return -1;
	bool old_xff = e == EL_XFF && inner(x) == EL_RRA;
	x->stack[x->depth++] = e;
	emit(x, old_xff ? "<params>" : "", "<", name);
	emit(x, ">", elements[e].holds == CONTAINER ? "\n" : "", "");
	return 0;
}

/* ---- what is in them ------------------------------------------------------------ */

static int
expect(const char *what, const char *got, const char *want, struct err *err)
{
	return strcmp(got, want) == 0
		   ? 0
		   : err_set(err, "%s '%s', not '%s'", what, got, want);
}

static int
expect_number(const char *what, int64_t got, int64_t want, struct err *err)
{
	return got == want ? 0
			   : err_set(err, "%s %lld, not %lld", what,
				 (long long)got, (long long)want);
}

static int
check_value(struct rrdxml *x, enum el e, const char *t, double v,
    struct err *err)
{
	const struct rrd_shape *s = x->shape;
	const struct rrd_archive *rra =
	    &s->rra[x->n_rra > 0 ? x->n_rra - 1 : 0];
	switch (e) {
	case EL_VERSION:
		if (strcmp(t, "0001") != 0 && strcmp(t, "0002") != 0)
			return expect("version", t, "0003", err);
		return 0;
	case EL_STEP:
		return expect_number("step", (int64_t)v, s->step, err);
	case EL_LASTUPDATE:
		x->last = (int64_t)v;
		return 0;
	case EL_NAME:
		return expect("data source", t, s->ds[x->n_ds - 1], err);
	case EL_TYPE:
		return expect("type of a data source", t, "ABSOLUTE", err);
	case EL_HEARTBEAT:
		return expect_number("heartbeat", (int64_t)v, 2 * s->step, err);
	case EL_CF:
		return expect("function of an archive", t, rra->cf, err);
	case EL_PDP_PER_ROW:
		return expect_number("steps in a row", (int64_t)v, rra->slots,
		    err);
	default:
		return 0;
	}
}

/* Without blanks around, NUL-terminated; false: it does not fit. */
static bool
trimmed(const char *text, size_t len, char *word)
{
	while (len > 0 && strchr(" \t\r\n", text[0]) != NULL)
		text++, len--;
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	if (len == 0 || len >= WORD_MAX || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	return true;
}

/* strtod would take hexadecimal numbers as well. */
static bool
is_number(const char *t, bool whole, double *v)
{
	static const char digits[] = "0123456789";
	char *end;
	if (strspn(t, whole ? digits : "0123456789+-.eENainf") != strlen(t))
		return false;
	errno = 0;
	*v = strtod(t, &end);
	return *end == '\0' && (!whole || *v < 9e15);
}

static int
take_text(struct rrdxml *x, enum el e, const char *text, size_t len,
    struct err *err)
{
	static const char word_chars[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789_.+-";
	enum holds holds = elements[e].holds;
	char t[WORD_MAX];
	double v = 0;
	if (!trimmed(text, len, t) ||
	    (holds == WORD ? strspn(t, word_chars) != strlen(t)
			   : !is_number(t, holds == WHOLE, &v)))
		return err_set(err, "<%s>: '%.*s' is no %s", elements[e].name,
		    (int)(len < 40 ? len : 40), text,
		    holds == WORD ? "word" : "number");
	if (check_value(x, e, t, v, err) == -1)
		return -1;
	emit(x, t, "", "");
	return 0;
}

/* Is all there that the element needs? */
static int
check_complete(struct rrdxml *x, enum el e, struct err *err)
{
	static const struct {
		enum el in;
		unsigned long needs;
	} all[] = {
		{ EL_RRD, BIT(EL_VERSION) | BIT(EL_STEP) | BIT(EL_LASTUPDATE) },
		{ EL_DS, BIT(EL_NAME) | BIT(EL_TYPE) | BIT(EL_HEARTBEAT) |
			     BIT(EL_MIN) | BIT(EL_MAX) | BIT(EL_LAST_DS) |
			     BIT(EL_VALUE) | BIT(EL_UNKNOWN_SEC) },
		{ EL_RRA, BIT(EL_CF) | BIT(EL_PDP_PER_ROW) | BIT(EL_XFF) |
			      BIT(EL_CDP_PREP) | BIT(EL_DATABASE) },
		{ EL_CDP_DS, BIT(EL_CDP_VALUE) | BIT(EL_UNKNOWN) },
	};
	unsigned long seen = e == EL_RRD   ? x->seen_rrd
			     : e == EL_RRA ? x->seen_rra
					   : x->seen;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i].in == e && (seen & all[i].needs) != all[i].needs)
			return err_set(err, "<%s> lacks a part of it",
			    elements[e].name);
	return 0;
}

static int
check_counts(struct rrdxml *x, enum el e, struct err *err)
{
	const struct rrd_shape *s = x->shape;
	if (e == EL_RRD && x->n_rra != s->n_rra)
		return err_set(err, "%zu archives, not %zu", x->n_rra,
		    s->n_rra);
	if (e == EL_CDP_PREP && x->n_cdp != s->n_ds)
		return err_set(err, "<cdp_prep> of %zu data sources, not %zu",
		    x->n_cdp, s->n_ds);
	if (e == EL_ROW && x->n_v != s->n_ds)
		return err_set(err, "archive %zu, row %zu: %zu values, not %zu",
		    x->n_rra, x->n_rows, x->n_v, s->n_ds);
	if (e == EL_DATABASE && x->n_rows != (size_t)s->rra[x->n_rra - 1].rows)
		return err_set(err, "archive %zu: %zu rows, not %lld", x->n_rra,
		    x->n_rows, (long long)s->rra[x->n_rra - 1].rows);
	return 0;
}

int
rrdxml_end(struct rrdxml *x, const char *name, const char *text, size_t len,
    struct err *err)
{
	enum el e = inner(x);
	if (x->depth == 0)
		return err_set(err, "</%.40s> does not belong here", name);
	if (elements[e].holds != CONTAINER &&
	    take_text(x, e, text, len, err) == -1)
		return -1;
	if (check_complete(x, e, err) == -1 || check_counts(x, e, err) == -1)
		return -1;
	x->depth--;
	emit(x, "</", name, ">");
	emit(x, e == EL_XFF && inner(x) == EL_RRA ? "</params>" : "",
	    e == EL_V ? "" : "\n", "");
	x->done = x->depth == 0;
	return 0;
}

/* ---- the end ------------------------------------------------------------------- */

static int
restore(struct rrdxml *x, struct err *err)
{
	char name[] = "restore";
	char *argv[] = { name, x->xml, x->fresh, NULL };
	(void)unlink(x->fresh);
	rrd_clear_error();
	if (rrd_restore(3, argv) == -1) {
		(void)err_set(err, "%s: %s", x->path,
		    rrd_test_error() ? rrd_get_error() : "restore failed");
		rrd_clear_error();
		return -1;
	}
	if (chmod(x->fresh, 0664) == -1)
		return err_set(err, "%s: %s", x->fresh, strerror(errno));
	if (file_sync(x->fresh, err) == -1)
		return -1;
	if (rename(x->fresh, x->path) == -1)
		return err_set(err, "%s: %s", x->path, strerror(errno));
	return file_sync_name(x->path, err);
}

int
rrdxml_finish(struct rrdxml *x, struct err *err)
{
	if (!x->done)
		return err_set(err, "the dump is not complete");
	if (x->path == NULL)
		return 0;
	bool failed = ferror(x->out) != 0;
	failed |= fclose(x->out) != 0;
	x->out = NULL;
	if (failed)
		return err_set(err, "%s: %s", x->xml, strerror(errno));
	return restore(x, err);
}
