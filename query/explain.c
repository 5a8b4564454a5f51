/*
 * explain: what a query would read, without reading a flow: headers and
 * appendices of files, the headers of blocks, and indexes.
 */
#include <stdio.h>
#include <unistd.h>

#include "nffile/nffile.h"
#include "query/report.h"
#include "query/skip.h"

/* Packed bytes that one processor unpacks and filters in a second, LZ4. */
#define PACE 1e9

struct plan {
	const struct options *o;
	struct skip *skip; /* NULL: no index is asked */
	uint64_t files;    /* that would be opened */
	uint64_t known;    /* not, by their index */
	uint64_t outside;  /* opened, but outside of the window */
	uint64_t open;     /* still being written */
	uint64_t blocks, passed;
	uint64_t bytes; /* to be read, packed */
	int status;
};

static bool
in_window(const struct options *o, const struct nffile_reader *r)
{
	const struct nffile_stat *s = &r->stat;
	return !r->has_stat || s->flows == 0 ||
	       (s->last >= o->window.from_ms &&
		   (o->window.to_ms == 0 || s->first <= o->window.to_ms));
}

static void
add_blocks(struct plan *p, struct nffile_reader *r, size_t number)
{
	struct nffile_place place;
	struct scan_passed pass;
	enum nffile_next next;
	bool shared = nffile_shareable(r);
	while ((next = nffile_next_place(r, &place, NULL)) == NFFILE_BLOCK) {
		p->blocks++;
		if (shared && p->skip != NULL &&
		    skip_block(p->skip, number, place.number, &pass))
			p->passed++;
		else
			p->bytes += place.size;
	}
	if (next == NFFILE_ERROR)
		p->status = EXIT_DAMAGE;
}

static void
add_open(struct plan *p, const struct nffile_reader *r)
{
	off_t size = lseek(r->fd, 0, SEEK_END);
	p->open++;
	p->bytes += size > 0 ? (uint64_t)size : 0;
}

static void
add_file(struct plan *p, const struct tree_file *f, size_t number)
{
	struct nffile_reader r;
	struct err err;
	const struct skipped_file *known = NULL;
	if (p->skip != NULL && !f->open)
		known = skip_file(p->skip, number, f->path);
	if (known != NULL) {
		p->known++;
		p->blocks += known->all.blocks;
		p->passed += known->all.blocks;
		return;
	}
	if (nffile_open(&r, f->path, &err) == -1) {
		(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
		p->status = EXIT_DAMAGE;
		return;
	}
	p->files++;
	if (r.growing)
		add_open(p, &r);
	else if (in_window(p->o, &r))
		add_blocks(p, &r, number);
	else
		p->outside++;
	nffile_close(&r);
}

static void
print_columns(const struct filter *f)
{
	static const char *const names[COL_MAX] = { "proto", "flags", "tos",
		"fwdstat", "srcport", "dstport", "first", "last", "received",
		"packets", "bytes", "addresses", "inif", "outif", "masks",
		"counters", "as", "vlan", "exporter" };
	uint64_t want = 0;
	if (f != NULL) {
		struct filterset *set = filterset_new();
		(void)filterset_add(set, f);
		filterset_compile(set);
		filterset_file(set, "");
		want = filterset_columns(set);
		filterset_free(set);
	}
	(void)printf("columns of the filter:");
	for (int i = 0; i < COL_MAX; i++)
		if ((want & COL_BIT(i)) != 0)
			(void)printf(" %s", names[i]);
	(void)printf("%s\n", want == 0 ? " none" : "");
}

static void
print_plan(const struct plan *p)
{
	unsigned threads = 2;
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	if (n > 0)
		threads = n < 16 ? (unsigned)n : 16;
	(void)printf("files: %llu, passed over by their indexes: %llu, outside "
		     "of the window: %llu, being written: %llu\n",
	    (unsigned long long)p->files + p->known,
	    (unsigned long long)p->known, (unsigned long long)p->outside,
	    (unsigned long long)p->open);
	(void)printf("blocks: %llu, passed over by their indexes: %llu\n",
	    (unsigned long long)p->blocks, (unsigned long long)p->passed);
	print_columns(p->o->filter);
	(void)printf("bytes to read: %llu\nexpected time: %.3f s or more\n",
	    (unsigned long long)p->bytes, (double)p->bytes / PACE / threads);
}

int
report_explain(const struct options *o)
{
	struct plan p = { .o = o };
	struct arena a = ARENA_EMPTY;
	struct tree_list files;
	struct err err;
	const struct skip_query q = { .filter = o->filter,
		.from_ms = o->window.from_ms,
		.to_ms = o->window.to_ms,
		.sums = o->format.mode == MODE_NULL && o->n_stats == 0 &&
			!o->aggregate && o->limit == 0 };
	if (tree_find(&o->files, &a, &files, &err) == -1) {
		(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
		arena_free(&a);
		return EXIT_ARGS;
	}
	if (!o->no_index && (o->filter == NULL || !filter_counts(o->filter)))
		p.skip = skip_new(&q, files.n);
	for (size_t i = 0; i < files.n; i++) {
		add_file(&p, &files.files[i], i);
		if (p.skip != NULL)
			skip_done(p.skip, i);
	}
	skip_free(p.skip);
	arena_free(&a);
	print_plan(&p);
	return p.status;
}
