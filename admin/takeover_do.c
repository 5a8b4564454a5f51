/*
 * The steps of a takeover.  What replaces something gives the old thing a
 * name beside it first; what appears, appears complete.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "admin/takeover.h"
#include "base/file.h"
#include "nffile/nffile.h"
#include "nffile/tree.h"
#include "profile/census.h"
#include "profile/hints.h"
#include "profile/rescue.h"
#include "profile/tree.h"
#include "store/rrd.h"
#include "store/rrdxml.h"

/* `path`.damaged, with a number when there is one already. */
static int
put_aside(const char *path, const char *suffix, struct err *err)
{
	char to[FILE_PATH_MAX];
	if (suffix == NULL || !file_exists(path))
		return 0;
	for (int i = 0; i < 100; i++) {
		int n = i == 0 ? snprintf(to, sizeof(to), "%s.%s", path, suffix)
			       : snprintf(to, sizeof(to), "%s.%s.%d", path,
				     suffix, i);
		if (n < 0 || (size_t)n >= sizeof(to))
			return err_set(err, "%s: path too long", path);
		if (file_exists(to))
			continue;
		if (rename(path, to) == -1)
			return err_set(err, "%s: %s", path, strerror(errno));
		return file_sync_name(to, err);
	}
	return err_set(err, "%s: a hundred files are beside it already", path);
}

/* ---- databases ------------------------------------------------------------------ */

static int
store(const char *rrd, struct rrd_value *v, size_t *n, uint64_t *slots,
    struct err *err)
{
	if (*n > 0 && rrd_channel_store(rrd, v, *n, err) == -1)
		return -1;
	for (size_t i = 0; i < *n; i++)
		*slots += v[i].known;
	*n = 0;
	return 0;
}

static int
refill(const struct conf *c, const char *rrd, const struct tree_list *l,
    int64_t last, uint64_t *slots, struct err *err)
{
	struct rrd_value v[RRD_VALUES];
	size_t n = 0;
	int64_t step = c->cycletime;
	for (size_t i = 0; i < l->n; i++) {
		struct nffile_stat stat;
		char ident[NFFILE_IDENT_MAX];
		int64_t slot = l->files[i].start;
		if (slot <= last || slot % step != 0 ||
		    nffile_stat_read(l->files[i].path, &stat, ident, NULL) ==
			-1)
			continue;
		if (n + 2 > RRD_VALUES && store(rrd, v, &n, slots, err) == -1)
			return -1;
		/* A gap stays one: the next value is not spread over it. */
		if (slot - step > last)
			v[n++] = (struct rrd_value){ .slot = slot - step };
		v[n] = (struct rrd_value){ .slot = slot, .known = true };
		nffile_stat_counters(&stat, &v[n++].c);
		last = slot;
	}
	return store(rrd, v, &n, slots, err);
}

int
refill_rrd(const struct conf *c, const char *rrd, const char *dir,
    int64_t first, uint64_t *slots, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct tree_list l = { 0 };
	struct tree_query q = { .R = dir };
	*slots = 0;
	/* No files is no error: nothing is known then. */
	(void)tree_find(&q, &a, &l, NULL);
	for (size_t i = 0; i < l.n; i++)
		if (l.files[i].start > 0 && l.files[i].start < first)
			first = l.files[i].start;
	first -= first % c->cycletime;
	int rc = rrd_channel_create(rrd, first, c->cycletime, err);
	if (rc == 0)
		rc = refill(c, rrd, &l, first - c->cycletime, slots, err);
	arena_free(&a);
	return rc;
}

/* Filled under another name, so that a half filled one is never in use. */
static int
new_rrd(const struct conf *c, const struct finding *f, struct err *err)
{
	char dir[FILE_PATH_MAX], fresh[FILE_PATH_MAX];
	uint64_t slots;
	struct profile *p = profile_load(c, f->id.group, f->id.name, err);
	if (p == NULL)
		return -1;
	int64_t first = p->tstart > 0 ? p->tstart : p->updated + c->cycletime;
	profile_free(p);
	int n = snprintf(fresh, sizeof(fresh), "%s.new", f->path);
	if (n < 0 || (size_t)n >= sizeof(fresh) ||
	    !profile_data_path(c, f->id.group, f->id.name, f->channel, dir))
		return err_set(err, "%s: path too long", f->path);
	if (refill_rrd(c, fresh, dir, first, &slots, err) == -1 ||
	    tree_own(c, fresh, err) == -1 || file_sync(fresh, err) == -1 ||
	    put_aside(f->path, f->aside, err) == -1)
		return -1;
	if (rename(fresh, f->path) == -1)
		return err_set(err, "%s: %s", f->path, strerror(errno));
	return file_sync_name(f->path, err);
}

static int
restore_rrd(const struct conf *c, const struct finding *f, struct err *err)
{
	char dump[FILE_PATH_MAX], fresh[FILE_PATH_MAX];
	struct rrd_shape shape;
	int n = snprintf(dump, sizeof(dump), "%s.xml", f->path);
	int m = snprintf(fresh, sizeof(fresh), "%s.new", f->path);
	if (n < 0 || (size_t)n >= sizeof(dump) || m < 0 ||
	    (size_t)m >= sizeof(fresh))
		return err_set(err, "%s: path too long", f->path);
	rrd_shape_channel(&shape, c->cycletime);
	if (rrdxml_restore(dump, fresh, &shape, err) == -1 ||
	    tree_own(c, fresh, err) == -1 ||
	    put_aside(f->path, f->aside, err) == -1)
		return -1;
	if (rename(fresh, f->path) == -1)
		return err_set(err, "%s: %s", f->path, strerror(errno));
	return file_sync_name(f->path, err);
}

/* ---- flow files ------------------------------------------------------------------- */

/* The slot it was opened in stands in its header. */
static int
slot_of_open(const struct conf *c, const char *path, int64_t *slot,
    struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	*slot = r.header.created > 0
		    ? slot_start(r.header.created, c->cycletime)
		    : -1;
	nffile_close(&r);
	if (*slot == -1)
		return err_set(err, "%s: its header has no time", path);
	return 0;
}

static int
finish_file(const struct conf *c, const struct finding *f, struct err *err)
{
	char dir[FILE_PATH_MAX], to[FILE_PATH_MAX], name[SLOT_PATH_MAX];
	int64_t slot;
	uint64_t flows;
	if (slot_of_open(c, f->path, &slot, err) == -1 ||
	    nffile_recover(f->path, f->channel, &flows, err) == -1)
		return -1;
	(void)slot_path(slot, c->cycletime, c->subdirlayout, name);
	if (!profile_data_path(c, f->id.group, f->id.name, f->channel, dir) ||
	    !file_join(to, dir, name))
		return err_set(err, "%s: path too long", f->path);
	char *slash = strrchr(to, '/');
	*slash = '\0';
	int rc = tree_mkdir(c, to, err);
	*slash = '/';
	if (rc == 0)
		rc = nffile_publish(f->path, to, true, err);
	return rc == 0 ? tree_own(c, to, err) : -1;
}

static int
count_files(const struct conf *c, const struct finding *f, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct profile *p = profile_load(c, f->id.group, f->id.name, err);
	if (p == NULL)
		return -1;
	int rc = census_nfstat(c, p, f->channel, err);
	if (rc == 0) {
		profile_account(c, p);
		rc = profile_save(c, p, err);
	}
	profile_free(p);
	if (rc == 0 && file_join(path, f->path, ".nfstat"))
		rc = tree_own(c, path, err);
	return rc;
}

/* ---- small files -------------------------------------------------------------------- */

static int
mark(const struct conf *c, const char *path, struct err *err)
{
	if (file_write_atomic(path, "", 0, 0664, err) == -1)
		return -1;
	return tree_own(c, path, err);
}

static int
new_hints(const struct conf *c, const struct finding *f, int64_t now,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	struct arena a = ARENA_EMPTY;
	if (!file_join(path, c->profilestatdir, "hints"))
		return err_set(err, "%s: path too long", c->profilestatdir);
	int rc = put_aside(path, f->aside, err);
	if (rc == 0)
		rc = hints_write(c, hints_new(c, &a, now), err);
	arena_free(&a);
	return rc;
}

/* ---- descriptors ---------------------------------------------------------------------- */

static int
new_descriptor(const struct conf *c, const struct finding *f, int64_t now,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	if (!profile_stat_path(c, f->id.group, f->id.name, "profile.dat", path))
		return err_set(err, "%s: path too long", f->id.name);
	struct profile *p = f->step == STEP_LIVE
				? rescue_live(c, now)
				: rescue_profile(c, &f->id, now, err);
	if (p == NULL)
		return -1;
	int rc = put_aside(path, f->aside, err);
	if (rc == 0)
		rc = profile_save(c, p, err);
	profile_free(p);
	return rc;
}

static int
owners(const struct conf *c, const char *path, struct err *err)
{
	size_t n;
	char first[FILE_PATH_MAX];
	return owners_walk(c, path, true, &n, first, err);
}

int
takeover_do(const struct conf *c, const struct finding *f, int64_t now,
    struct err *err)
{
	switch (f->step) {
	case STEP_NONE:
		return 0;
	case STEP_FOLDER:
		return tree_mkdir(c, f->path, err);
	case STEP_MARK:
		return mark(c, f->path, err);
	case STEP_LIVE:
	case STEP_PROFILE:
		return new_descriptor(c, f, now, err);
	case STEP_RESTORE:
		return restore_rrd(c, f, err);
	case STEP_NEWRRD:
		return new_rrd(c, f, err);
	case STEP_NFSTAT:
		return count_files(c, f, err);
	case STEP_FINISH:
		return finish_file(c, f, err);
	case STEP_HINTS:
		return new_hints(c, f, now, err);
	case STEP_OWNERS:
		return owners(c, f->path, err);
	}
	return 0;
}
