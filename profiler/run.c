#include "profiler/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

struct run *
run_new(struct set *set)
{
	/* Columns are wide and vectors like them aligned. */
	void *p = NULL;
	if (posix_memalign(&p, 64, sizeof(struct run)) != 0)
		mem_fail(sizeof(struct run));
	struct run *r = p;
	memset(r, 0, sizeof(*r));
	r->set = set;
	r->source = set->n_sources;
	return r;
}

void
run_free(struct run *r)
{
	free(r);
}

static void
begin_source(struct run *r, size_t source)
{
	r->batch.ident = r->set->sources[source].name;
	if (r->source == source)
		return;
	filterset_file(r->set->filters, r->batch.ident);
	r->batch.want = filterset_columns(r->set->filters) | TALLY_COLUMNS;
	r->source = source;
}

static void
write_rows(struct run *r, struct slot *s, size_t member, size_t source,
    const uint64_t *bits)
{
	for (size_t w = 0; w < BATCH_WORDS; w++)
		for (uint64_t left = bits[w]; left != 0; left &= left - 1) {
			size_t row = w * 64 + (size_t)__builtin_ctzll(left);
			slot_write(s, member, source, r->batch.rec[row]);
		}
}

static void
count_members(struct run *r, struct slot *s, size_t source)
{
	const struct set *set = r->set;
	filterset_eval(set->filters, &r->batch);
	for (size_t i = 0; i < set->n_members; i++) {
		const struct member *m = &set->members[i];
		if (!s->due[i] || filterset_dead(set->filters, m->filter))
			continue;
		const uint64_t *bits = filterset_bits(set->filters, m->filter);
		tally_add(&r->tally, bits, TALLY_CHANNEL, &s->members[i]);
		if (m->keeps)
			write_rows(r, s, i, source, bits);
	}
}

static void
note_exporters(struct slot *s, size_t source, const struct nffile_block *blk)
{
	size_t pos = 0;
	for (const uint8_t *rec; (rec = nffile_record_next(blk, &pos)) != NULL;)
		slot_exporter(s, source, rec);
}

void
run_block(struct run *r, struct slot *s, size_t source,
    const struct nffile_block *blk)
{
	size_t pos = 0;
	begin_source(r, source);
	s->seen[source] = true;
	if (s->any_due)
		note_exporters(s, source, blk);
	while (nffile_batch(blk, &pos, &r->batch) > 0) {
		tally_begin(&r->tally, &r->batch);
		tally_add(&r->tally, r->tally.class_bits[CLASS_ALL], TALLY_LIVE,
		    &s->sources[source]);
		if (s->any_due)
			count_members(r, s, source);
	}
}

int
run_file(struct run *r, struct slot *s, size_t source, const char *path,
    struct err *err)
{
	struct nffile_reader in;
	struct nffile_block blk;
	enum nffile_next next;
	struct err why;
	if (nffile_open(&in, path, err) == -1)
		return -1;
	s->seen[source] = true;
	while ((next = nffile_read(&in, &blk, &why)) != NFFILE_END) {
		if (next == NFFILE_BLOCK)
			run_block(r, s, source, &blk);
		else
			log_warnx("damaged flow file: %s", why.msg);
	}
	nffile_close(&in);
	return 0;
}
