#include "profile/expire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/slot.h"
#include "profile/nfstat.h"

bool
expire_applies(const struct profile *p)
{
	return (p->type == PROFILE_LIVE || p->type == PROFILE_CONTINUOUS) &&
	       strcmp(p->status, "OK") == 0;
}

static int64_t
seconds(int64_t hours)
{
	int64_t most = INT64_MAX / 3600;
	return 3600 * (hours < most ? hours : most);
}

struct expire_limits
expire_limits_of(const struct conf *c, const struct profile *p, int64_t now,
    int64_t upto)
{
	return (struct expire_limits){ .maxsize = p->maxsize,
		.lifetime = seconds(p->expire),
		.low_water = c->low_water,
		.now = now,
		.upto = upto };
}

/* ---- choosing ------------------------------------------------------------------ */

static uint64_t
percent(const struct expire_limits *l)
{
	return l->low_water > 0 && l->low_water <= 100 ? (uint64_t)l->low_water
						       : 100;
}

/* Without overflow: limits may be anything that fits into 64 bits. */
static uint64_t
part(uint64_t v, uint64_t of_100)
{
	return v / 100 * of_100 + v % 100 * of_100 / 100;
}

static bool
too_big(const struct expire_limits *l, uint64_t size)
{
	return l->maxsize != 0 && size >= l->maxsize;
}

static bool
too_old(const struct expire_limits *l, int64_t first)
{
	return l->lifetime > 0 && l->now - first >= l->lifetime;
}

bool
expire_due(const struct expire_limits *l, const struct census_sum *s)
{
	return s->numfiles > 0 && (too_big(l, s->size) || too_old(l, s->first));
}

static size_t
end_of_slot(const struct census *all, size_t i)
{
	size_t end = i + 1;
	while (end < all->n && all->files[end].slot == all->files[i].slot)
		end++;
	return end;
}

/* One more slot goes. */
static void
give_up(struct expire_plan *plan)
{
	size_t end = end_of_slot(&plan->all, plan->n);
	for (; plan->n < end; plan->n++)
		plan->bytes += plan->all.files[plan->n].size;
}

static void
choose_by_size(const struct expire_limits *l, struct expire_plan *plan)
{
	uint64_t most = part(l->maxsize, percent(l));
	if (!too_big(l, plan->all.size))
		return;
	while (plan->n < plan->all.n && plan->all.size - plan->bytes > most)
		give_up(plan);
}

static void
choose_by_age(const struct expire_limits *l, struct expire_plan *plan)
{
	const struct census *all = &plan->all;
	int64_t keep = (int64_t)part((uint64_t)l->lifetime, percent(l));
	if (plan->n == all->n || !too_old(l, all->files[plan->n].slot))
		return;
	while (plan->n < all->n && all->files[plan->n].slot <= l->now - keep)
		give_up(plan);
}

int
expire_choose(const struct conf *c, const struct profile *p,
    const struct expire_limits *l, struct expire_plan *plan, struct err *err)
{
	*plan = (struct expire_plan){ .n = 0 };
	int rc = census_take(c, p, l->upto, &plan->all, err);
	choose_by_size(l, plan);
	choose_by_age(l, plan);
	if (plan->n < plan->all.n)
		plan->tstart = plan->all.files[plan->n].slot;
	return rc;
}

void
expire_free(struct expire_plan *plan)
{
	census_free(&plan->all);
	*plan = (struct expire_plan){ .n = 0 };
}

/* ---- taking away ---------------------------------------------------------------- */

struct removal {
	const struct conf *c;
	const struct profile *p;
	const struct expire_plan *plan;
	bool *touched; /* by channel: something of it has gone */
	struct expire_result *r;
	struct err *err;
	int rc;
};

static void
failed(struct removal *m, const char *path)
{
	m->r->failed++;
	if (m->rc == 0)
		m->rc = err_set(m->err, "%s: %s", path, strerror(errno));
}

static void
touch(struct removal *m, size_t channel)
{
	char dir[FILE_PATH_MAX];
	const char *name = m->p->channels[channel].name;
	struct err why;
	if (m->touched[channel])
		return;
	m->touched[channel] = true;
	if (!profile_data_path(m->c, m->p->group, m->p->name, name, dir) ||
	    nfstat_distrust(dir, &why) == 0 || m->rc != 0)
		return;
	m->rc = err_set(m->err, "%s", why.msg);
}

/*
 * The folder where the next slot's file is about to be put must stay.  It is
 * one that also holds a slot that may go at most when it holds the newest.
 */
static bool
in_use(const struct removal *m, const char *rel)
{
	const struct census *all = &m->plan->all;
	char sub[SLOT_SUB_MAX];
	int64_t newest = all->files[all->n - 1].slot;
	for (int i = 0; i < SLOT_LAYOUTS; i++) {
		(void)slot_subdir(newest, i, sub);
		if (strncmp(sub, rel, strlen(rel)) == 0)
			return true;
	}
	return false;
}

/* The file's folder, and those above it, when nothing is left in them. */
static void
remove_folders(const struct removal *m, const struct census_file *f)
{
	char path[FILE_PATH_MAX];
	char root[FILE_PATH_MAX];
	const char *name = m->p->channels[f->channel].name;
	if (!profile_data_path(m->c, m->p->group, m->p->name, name, root) ||
	    !file_join(path, f->path, ""))
		return;
	size_t top = strlen(root);
	for (char *s; (s = strrchr(path, '/')) != NULL;) {
		*s = '\0';
		if (strcmp(path, f->path) == 0)
			continue;
		if (strlen(path) <= top || in_use(m, path + top + 1) ||
		    rmdir(path) == -1)
			return;
	}
}

static void
take_away(struct removal *m, const struct census_file *f)
{
	touch(m, f->channel);
	if (unlink(f->path) == 0) {
		m->r->files++;
		m->r->bytes += f->size;
	} else if (errno != ENOENT) {
		failed(m, f->path);
		return;
	}
	remove_folders(m, f);
}

static void
put_right(struct removal *m)
{
	struct err why;
	for (size_t i = 0; i < m->p->n_channels; i++)
		if (m->touched[i] &&
		    census_nfstat(m->c, m->p, m->p->channels[i].name, &why) ==
			-1 &&
		    m->rc == 0)
			m->rc = err_set(m->err, "%s", why.msg);
}

int
expire_apply(const struct conf *c, const struct profile *p,
    const struct expire_plan *plan, bool (*go_on)(void *ctx), void *ctx,
    struct expire_result *r, struct err *err)
{
	struct removal m = { .c = c, .p = p, .plan = plan, .r = r, .err = err };
	bool ended = false;
	*r = (struct expire_result){ 0 };
	m.touched = mem_calloc(p->n_channels + 1, sizeof(*m.touched));
	for (size_t i = 0; i < plan->n && !ended; i++) {
		ended = go_on != NULL && !go_on(ctx);
		if (!ended)
			take_away(&m, &plan->all.files[i]);
	}
	if (!ended)
		put_right(&m);
	free(m.touched);
	return m.rc;
}
