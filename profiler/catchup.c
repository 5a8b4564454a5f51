#include "profiler/catchup.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/slot.h"
#include "nffile/tree.h"
#include "profiler/update.h"

struct lister {
	struct backlog *b;
	const struct conf *c;
	int64_t after;
	int64_t upto;
	size_t cap;
};

/* The slot of a left-over open file stands in its header. */
static int64_t
created_slot(const struct lister *l, const char *path)
{
	struct nffile_reader in;
	if (nffile_open(&in, path, NULL) == -1)
		return -1;
	int64_t created = in.header.created;
	nffile_close(&in);
	return created > 0 ? slot_start(created, l->c->cycletime) : -1;
}

static void
add_file(struct lister *l, size_t source, const struct tree_file *f)
{
	struct backlog *b = l->b;
	int64_t slot = f->open ? created_slot(l, f->path) : f->start;
	if (slot <= l->after || slot > l->upto)
		return;
	if (b->n == l->cap)
		b->files = mem_realloc(b->files, l->cap = l->cap * 2 + 64,
		    sizeof(*b->files));
	b->files[b->n++] = (struct backlog_file){ slot, source,
		arena_strdup(&b->arena, f->path) };
}

static void
list_source(struct lister *l, const struct set *set, size_t source,
    bool orphans)
{
	struct arena a = ARENA_EMPTY;
	struct tree_list files = { 0 };
	struct err err;
	struct tree_query q = { .R = set->sources[source].dir,
		.from = l->after,
		.to = l->upto + l->c->cycletime,
		.with_open = orphans };
	if (tree_find(&q, &a, &files, &err) == -1)
		log_debug("catch-up: %s", err.msg);
	for (size_t i = 0; i < files.n; i++)
		add_file(l, source, &files.files[i]);
	arena_free(&a);
}

static int
by_slot(const void *a, const void *b)
{
	const struct backlog_file *x = a;
	const struct backlog_file *y = b;
	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return strcmp(x->path, y->path);
}

void
backlog_build(struct backlog *b, const struct conf *c, const struct set *set,
    int64_t after, int64_t upto, bool orphans)
{
	backlog_free(b);
	b->upto = upto;
	struct lister l = { b, c, after, upto, 0 };
	for (size_t i = 0; i < set->n_sources; i++)
		list_source(&l, set, i, orphans);
	if (b->n > 0)
		qsort(b->files, b->n, sizeof(*b->files), by_slot);
}

void
backlog_free(struct backlog *b)
{
	free(b->files);
	arena_free(&b->arena);
	*b = (struct backlog){ 0 };
}

bool
backlog_more(const struct backlog *b)
{
	return b->next < b->n;
}

int64_t
backlog_last(const struct backlog *b)
{
	return b->n > 0 ? b->files[b->n - 1].slot : -1;
}

/*
 * live takes the stat record, as NfSen does; the flows themselves are only
 * read when some channel or the ring lacks the slot, or there is no stat
 * record.  False: they need not be.
 */
static bool
take_stat(struct slot *s, const struct backlog_file *f, struct run_input *in)
{
	struct nffile_stat stat;
	char ident[NFFILE_IDENT_MAX];
	struct counters c = { 0 };
	*in = (struct run_input){ f->source, f->path, true };
	if (nffile_stat_read(f->path, &stat, ident, NULL) == -1)
		return true;
	in->live = false;
	s->seen[f->source] = true;
	nffile_stat_counters(&stat, &c);
	counters_add(&s->sources[f->source], &c);
	return s->any_due || slot_for_ring(s);
}

static void
take_files(const struct backlog *b, struct run *r, struct slot *s,
    const struct backlog_file *f, size_t n)
{
	struct run_input *in = mem_calloc(n + 1, sizeof(*in));
	size_t wanted = 0;
	for (size_t i = 0; i < n; i++) {
		if (b->members_only)
			in[wanted++] =
			    (struct run_input){ f[i].source, f[i].path, false };
		else
			wanted += take_stat(s, &f[i], &in[wanted]);
	}
	(void)run_files(r, s, in, wanted);
	free(in);
}

static bool
is_needed(const struct backlog *b, const struct slot *s)
{
	for (size_t i = 0; i < s->set->n_sources && !b->members_only; i++)
		if (s->set->sources[i].mark.last < s->start)
			return true;
	return s->any_due;
}

int64_t
backlog_read(struct backlog *b, struct run *r, struct slot *s)
{
	int64_t slot = b->files[b->next].slot;
	slot_begin(s, slot);
	bool needed = is_needed(b, s);
	size_t first = b->next;
	while (b->next < b->n && b->files[b->next].slot == slot)
		b->next++;
	if (needed)
		take_files(b, r, s, &b->files[first], b->next - first);
	return slot;
}

int64_t
backlog_run(struct backlog *b, struct run *r, struct slot *s,
    struct rrd_writer *w)
{
	int64_t slot = backlog_read(b, r, s);
	update_slot(s, w);
	slot_drop(s);
	return slot;
}
