#include "profile/census.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/slot.h"
#include "nffile/tree.h"
#include "profile/nfstat.h"

/* ---- the walk ----------------------------------------------------------------- */

struct walk {
	struct census *out;
	size_t cap;
	size_t channel;
	int64_t upto;
	struct err *err;
	int rc; /* -1: some folder could not be read, the first is in err */
};

static void
add_file(struct walk *w, const char *path, int64_t slot, const struct stat *st)
{
	struct census *c = w->out;
	if (c->n == w->cap)
		c->files = mem_realloc(c->files, w->cap = w->cap * 2 + 256,
		    sizeof(*c->files));
	uint64_t size = (uint64_t)st->st_blocks * 512;
	c->files[c->n++] = (struct census_file){ slot, size, w->channel,
		arena_strdup(&c->arena, path) };
	c->size += size;
}

static void
unreadable(struct walk *w, const char *path)
{
	if (w->rc == 0)
		w->rc = err_set(w->err, "%s: %s", path, strerror(errno));
}

static void walk_dir(struct walk *w, const char *dir, int depth);

/* Links are not followed: what is outside is not the channel's. */
static void
take_entry(struct walk *w, DIR *d, const char *dir, const char *name, int depth)
{
	char path[FILE_PATH_MAX];
	struct stat st;
	int64_t slot;
	bool is_slot = slot_parse_name(name, &slot);
	if ((is_slot && slot > w->upto) ||
	    (!is_slot && !isdigit((unsigned char)name[0])))
		return;
	if (!file_join(path, dir, name) ||
	    fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return; /* gone meanwhile */
	if (is_slot && S_ISREG(st.st_mode))
		add_file(w, path, slot, &st);
	else if (!is_slot && S_ISDIR(st.st_mode))
		walk_dir(w, path, depth + 1);
}

static void
walk_dir(struct walk *w, const char *dir, int depth)
{
	DIR *d = opendir(dir);
	if (d == NULL && errno != ENOENT)
		unreadable(w, dir);
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (depth < TREE_DEPTH_MAX)
			take_entry(w, d, dir, e->d_name, depth);
	(void)closedir(d);
}

static int
by_slot(const void *a, const void *b)
{
	const struct census_file *x = a;
	const struct census_file *y = b;
	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	if (x->channel != y->channel)
		return x->channel < y->channel ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void
walk_channel(struct walk *w, const struct conf *c, const struct profile *p,
    const char *channel)
{
	char dir[FILE_PATH_MAX];
	if (profile_data_path(c, p->group, p->name, channel, dir))
		walk_dir(w, dir, 0);
	else if (w->rc == 0)
		w->rc = err_set(w->err, "channel '%s': path too long", channel);
}

int
census_take(const struct conf *c, const struct profile *p, int64_t upto,
    struct census *out, struct err *err)
{
	*out = (struct census){ .n = 0 };
	struct walk w = { .out = out, .upto = upto, .err = err };
	for (size_t i = 0; i < p->n_channels; i++) {
		w.channel = i;
		walk_channel(&w, c, p, p->channels[i].name);
	}
	if (out->n > 0)
		qsort(out->files, out->n, sizeof(*out->files), by_slot);
	return w.rc;
}

void
census_free(struct census *s)
{
	free(s->files);
	arena_free(&s->arena);
	*s = (struct census){ .n = 0 };
}

/* ---- .nfstat ------------------------------------------------------------------- */

#define TRIES 8 /* others add a file once in a slot */

static int
count_channel(const struct conf *c, const struct profile *p,
    const char *channel, struct nfstat *s, struct err *err)
{
	struct census found = { .n = 0 };
	struct walk w = { .out = &found, .upto = INT64_MAX, .err = err };
	walk_channel(&w, c, p, channel);
	s->first = s->last = 0;
	for (size_t i = 0; i < found.n; i++) {
		int64_t slot = found.files[i].slot;
		if (s->first == 0 || slot < s->first)
			s->first = slot;
		if (slot > s->last)
			s->last = slot;
	}
	s->size = found.size;
	s->numfiles = found.n;
	s->status = NFSTAT_OK;
	census_free(&found);
	return w.rc;
}

int
census_nfstat(const struct conf *c, const struct profile *p,
    const char *channel, struct err *err)
{
	char dir[FILE_PATH_MAX];
	if (!profile_data_path(c, p->group, p->name, channel, dir))
		return err_set(err, "channel '%s': path too long", channel);
	if (!file_exists(dir))
		return 0;
	for (int i = 0; i < TRIES; i++) {
		struct nfstat before;
		struct nfstat now;
		if (nfstat_read(dir, &before, NULL) == -1)
			before = (struct nfstat){ 0 };
		now = before;
		if (count_channel(c, p, channel, &now, err) == -1)
			return -1;
		if (before.numfiles > 0 &&
		    memcmp(&before, &now, sizeof(now)) == 0)
			return 0;
		int rc = nfstat_replace(dir, &before, &now, err);
		if (rc != 0)
			return rc == 1 ? 0 : -1;
	}
	return err_set(err, "%s/.nfstat: does not come to rest", dir);
}

/* ---- sums ---------------------------------------------------------------------- */

/* In any layout: it may have been changed since. */
static bool
has_slot(const struct conf *c, const char *dir, int64_t slot)
{
	char path[FILE_PATH_MAX];
	char name[SLOT_PATH_MAX];
	int layout = c->subdirlayout;
	for (int i = 0; i < SLOT_LAYOUTS; i++, layout++) {
		(void)slot_path(slot, c->cycletime, layout % SLOT_LAYOUTS,
		    name);
		if (file_join(path, dir, name) && file_exists(path))
			return true;
	}
	return false;
}

/* A look at the ends; an empty file is made before any data are there. */
static bool
can_be_true(const struct conf *c, const char *dir, const struct nfstat *s)
{
	return s->status == NFSTAT_OK && s->numfiles > 0 && s->first > 0 &&
	       s->first <= s->last && has_slot(c, dir, s->first) &&
	       has_slot(c, dir, s->last);
}

static int
channel_stat(const struct conf *c, const struct profile *p, const char *channel,
    struct nfstat *s, struct err *err)
{
	char dir[FILE_PATH_MAX];
	*s = (struct nfstat){ 0 };
	if (!profile_data_path(c, p->group, p->name, channel, dir))
		return err_set(err, "channel '%s': path too long", channel);
	if (!file_exists(dir))
		return 0;
	if (nfstat_read(dir, s, NULL) == 0 && can_be_true(c, dir, s))
		return 0;
	*s = (struct nfstat){ 0 };
	if (census_nfstat(c, p, channel, err) == -1)
		return -1;
	return nfstat_read(dir, s, err);
}

int
census_sum(const struct conf *c, const struct profile *p,
    struct census_sum *sum, struct err *err)
{
	int rc = 0;
	*sum = (struct census_sum){ 0 };
	for (size_t i = 0; i < p->n_channels; i++) {
		struct nfstat s;
		struct err why;
		if (channel_stat(c, p, p->channels[i].name, &s, &why) == -1) {
			if (rc == 0)
				rc = err_set(err, "%s", why.msg);
			continue;
		}
		sum->size += s.size;
		sum->numfiles += s.numfiles;
		if (s.numfiles > 0 && (sum->first == 0 || s.first < sum->first))
			sum->first = s.first;
		if (s.numfiles > 0 && s.last > sum->last)
			sum->last = s.last;
	}
	return rc;
}
