#include "profile/profile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "profile/internal.h"

struct profile *
profile_new(const char *group, const char *name)
{
	struct profile *p = mem_calloc(1, sizeof(*p));
	p->group = arena_strdup(&p->arena, group);
	p->name = arena_strdup(&p->arena, name);
	p->description = "";
	p->status = "new";
	p->version = 130;
	return p;
}

void
profile_free(struct profile *p)
{
	if (p == NULL)
		return;
	free(p->channels);
	arena_free(&p->arena);
	free(p);
}

struct channel *
profile_add_channel(struct profile *p, const char *name)
{
	if (p->n_channels % 64 == 0)
		p->channels = mem_realloc(p->channels, p->n_channels + 64,
		    sizeof(*p->channels));
	struct channel *ch = &p->channels[p->n_channels++];
	*ch = (struct channel){ .name = arena_strdup(&p->arena, name),
		.sign = '+',
		.color = "" };
	return ch;
}

struct channel *
profile_find_channel(const struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->n_channels; i++)
		if (strcmp(p->channels[i].name, name) == 0)
			return &p->channels[i];
	return NULL;
}

/* ---- order ------------------------------------------------------------------ */

struct ranked {
	size_t index;
	int order; /* 0, "last", made INT_MAX */
	char sign;
};

static int
by_order(const void *a, const void *b)
{
	const struct ranked *x = a;
	const struct ranked *y = b;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static struct ranked *
rank(const struct profile *p)
{
	struct ranked *r = mem_calloc(p->n_channels + 1, sizeof(*r));
	for (size_t i = 0; i < p->n_channels; i++) {
		const struct channel *ch = &p->channels[i];
		r[i] = (struct ranked){ i, ch->order > 0 ? ch->order : INT_MAX,
			ch->sign };
	}
	qsort(r, p->n_channels, sizeof(*r), by_order);
	return r;
}

void
profile_renumber(struct profile *p)
{
	struct ranked *r = rank(p);
	int plus = 0;
	int minus = 0;
	for (size_t i = 0; i < p->n_channels; i++)
		p->channels[r[i].index].order =
		    r[i].sign == '-' ? ++minus : ++plus;
	free(r);
}

void
profile_draw_order(const struct profile *p, size_t *order)
{
	struct ranked *r = rank(p);
	size_t n = 0;
	for (size_t i = p->n_channels; i-- > 0;)
		if (r[i].sign != '-')
			order[n++] = r[i].index;
	for (size_t i = 0; i < p->n_channels; i++)
		if (r[i].sign == '-')
			order[n++] = r[i].index;
	free(r);
}

/* ---- files ------------------------------------------------------------------ */

/* The file must be of this folder; its group is where it is found. */
static int
check_place(struct profile *p, const char *path, const char *group,
    const char *name, struct err *err)
{
	if (strcmp(p->name, name) != 0)
		return err_set(err,
		    "%s: corrupt, needs to be rebuilt: it names profile '%s'",
		    path, p->name);
	p->group = arena_strdup(&p->arena, group);
	return 0;
}

struct profile *
profile_load(const struct conf *c, const char *group, const char *name,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	struct profile *p = NULL;
	if (!profile_stat_path(c, group, name, "profile.dat", path)) {
		(void)err_set(err, "profile '%s': path too long", name);
		return NULL;
	}
	if (file_read(path, PROFILE_FILE_MAX, &text, err) == 0)
		p = profile_parse(path, buf_str(&text), text.len, err);
	buf_free(&text);
	if (p != NULL && check_place(p, path, group, name, err) == -1) {
		profile_free(p);
		return NULL;
	}
	return p;
}

int
profile_save(const struct conf *c, const struct profile *p, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct buf text = BUF_EMPTY;
	if (!profile_stat_path(c, p->group, p->name, "profile.dat", path))
		return err_set(err, "profile '%s': path too long", p->name);
	profile_print(p, &text);
	int rc = tree_write(c, path, &text, err);
	buf_free(&text);
	return rc;
}

static bool
filter_path(const struct conf *c, const struct profile *p, const char *channel,
    char *path)
{
	char file[FILE_PATH_MAX];
	int n = snprintf(file, sizeof(file), "%s-filter.txt", channel);
	return n > 0 && (size_t)n < sizeof(file) &&
	       profile_stat_path(c, p->group, p->name, file, path);
}

bool
profile_has_filter(const struct conf *c, const struct profile *p,
    const char *channel)
{
	char path[FILE_PATH_MAX];
	return (p->type & ~PROFILE_SHADOW) == PROFILE_LIVE ||
	       (filter_path(c, p, channel, path) && file_exists(path));
}

int
profile_filter_read(const struct conf *c, const struct profile *p,
    const char *channel, struct buf *text, struct err *err)
{
	char path[FILE_PATH_MAX];
	if ((p->type & ~PROFILE_SHADOW) == PROFILE_LIVE) {
		buf_adds(text, "any");
		return 0;
	}
	if (!filter_path(c, p, channel, path))
		return err_set(err, "channel '%s': path too long", channel);
	return file_read(path, PROFILE_FILE_MAX, text, err);
}
