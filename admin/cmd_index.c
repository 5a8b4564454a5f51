/*
 * index: the indexes beside the flow files (index/index.h): how far they are,
 * made anew, removed.  Of all profiles, of one, or of any folder.  Daemons may
 * be at work meanwhile.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/file.h"
#include "base/proc.h"
#include "index/folder.h"
#include "profile/profile.h"

struct indexer {
	const struct conf *c;
	bool look, drop, afresh;
	unsigned failed;
};

static void
complain(struct indexer *x, const struct err *err)
{
	x->failed++;
	(void)fprintf(stderr, "%s\n", err->msg);
}

/* ---- folders --------------------------------------------------------------------- */

/* What was done, or is to be done, below one or several folders. */
struct done {
	struct index_work w;
	uint64_t pruned;
};

static void
do_folder(struct indexer *x, const char *root, const char *below,
    struct done *d)
{
	struct err err;
	int rc = 0;
	if (x->drop && !x->look) {
		rc = index_drop(root, below, &err);
	} else {
		rc = index_update(root, below, &d->w, &err);
		d->pruned += index_prune(root, below, x->look);
	}
	if (rc == -1)
		complain(x, &err);
}

static struct done
begin(const struct indexer *x)
{
	return (struct done){ .w = { .look = x->look, .afresh = x->afresh } };
}

static void
say(const struct indexer *x, const char *name, const struct done *d)
{
	const struct index_work *w = &d->w;
	if (x->drop && !x->look) {
		(void)printf("  %s: dropped\n", name);
		return;
	}
	(void)printf("  %s: %" PRIu64 " files, %" PRIu64 " known, %" PRIu64
		     " %s",
	    name, w->files, w->known, w->made, x->look ? "to do" : "made");
	if (w->opaque != 0)
		(void)printf(", %" PRIu64 " not readable whole", w->opaque);
	if (d->pruned != 0)
		(void)printf(", %" PRIu64 " of no file any more", d->pruned);
	(void)printf("; %.1f MB for %.1f MB\n", (double)w->index_bytes / 1e6,
	    (double)w->flow_bytes / 1e6);
}

/* ---- profiles -------------------------------------------------------------------- */

/* The rest of a path below PROFILEDATADIR; NULL: it is elsewhere. */
static const char *
below_data(const struct conf *c, const char *path)
{
	size_t n = strlen(c->profiledatadir);
	if (strncmp(path, c->profiledatadir, n) != 0 || path[n] != '/')
		return NULL;
	return path + n + strspn(path + n, "/");
}

static void
do_profile(struct indexer *x, const char *group, const char *name)
{
	char dir[FILE_PATH_MAX], shown[2 * CONF_NAME_MAX + 2];
	struct err err;
	struct done d = begin(x);
	struct profile *p = profile_load(x->c, group, name, &err);
	bool grouped = strcmp(group, ".") != 0;
	if (p == NULL) {
		complain(x, &err);
		return;
	}
	for (size_t i = 0; i < p->n_channels; i++) {
		const char *below = profile_data_path(x->c, p->group, p->name,
					p->channels[i].name, dir)
					? below_data(x->c, dir)
					: NULL;
		if (below != NULL)
			do_folder(x, x->c->profiledatadir, below, &d);
	}
	(void)snprintf(shown, sizeof(shown), "%s%s%s", grouped ? group : "",
	    grouped ? "/" : "", name);
	say(x, shown, &d);
	profile_free(p);
}

static void
do_all(struct indexer *x)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	struct err err;
	if (x->drop && !x->look) {
		struct done none = begin(x);
		do_folder(x, x->c->profiledatadir, "", &none);
		say(x, x->c->profiledatadir, &none);
		return;
	}
	if (profile_list(x->c, &a, &l, &err) == -1)
		complain(x, &err);
	for (size_t i = 0; i < l.n; i++)
		do_profile(x, l.ids[i].group, l.ids[i].name);
	uint64_t pruned = index_prune(x->c->profiledatadir, "", x->look);
	if (pruned != 0)
		(void)printf("  %" PRIu64 " of what is gone\n", pruned);
	arena_free(&a);
}

/* ---- what is named --------------------------------------------------------------- */

/* A folder that is no channel's has its index in the folder that it is in. */
static void
do_path(struct indexer *x, const char *what)
{
	char path[PATH_MAX];
	struct err err;
	struct done d = begin(x);
	if (realpath(what, path) == NULL) {
		(void)err_set(&err, "%s: %s", what, strerror(errno));
		complain(x, &err);
		return;
	}
	const char *below = below_data(x->c, path);
	char *slash = strrchr(path, '/');
	if (below != NULL) {
		do_folder(x, x->c->profiledatadir, below, &d);
	} else {
		*slash = '\0';
		do_folder(x, path, slash + 1, &d);
	}
	say(x, what, &d);
}

/* "web", "customers/web", or a path: "/data/archive", "./here". */
static void
do_named(struct indexer *x, const char *what)
{
	char group[CONF_NAME_MAX + 1];
	const char *slash = strchr(what, '/');
	if (what[0] == '/' || what[0] == '.') {
		do_path(x, what);
		return;
	}
	(void)snprintf(group, sizeof(group), "%.*s",
	    slash != NULL ? (int)(slash - what) : 1,
	    slash != NULL ? what : ".");
	do_profile(x, group, slash != NULL ? slash + 1 : what);
}

/* ---- the command ----------------------------------------------------------------- */

static int
verb(struct indexer *x, const char *word)
{
	if (strcmp(word, "status") == 0)
		x->look = true;
	else if (strcmp(word, "rebuild") == 0)
		x->afresh = true;
	else if (strcmp(word, "drop") == 0)
		x->drop = true;
	else if (strcmp(word, "update") != 0)
		return -1;
	return 0;
}

int
cmd_index(struct admin *a)
{
	const char *word = a->n_words > 0 ? a->words[0] : "status";
	struct indexer x = { .c = a->c, .look = a->check };
	struct err err;
	if (verb(&x, word) == -1) {
		(void)fprintf(stderr,
		    "nfsen index: '%s' is none of: status update rebuild "
		    "drop\n",
		    word);
		return EXIT_FAILED;
	}
	/* What is made belongs to whom the flow files belong to. */
	if (!x.look && geteuid() == 0 &&
	    proc_drop(a->c->user, a->c->wwwgroup, &err) == -1)
		return admin_fail(&err);
	for (size_t i = 1; i < a->n_words; i++)
		do_named(&x, a->words[i]);
	if (a->n_words <= 1)
		do_all(&x);
	return x.failed == 0 ? EXIT_OK : EXIT_FAILED;
}
