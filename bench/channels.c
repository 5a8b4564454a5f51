/*
 * channels: one slot file through many channel filters into RRDs.
 *
 *   channels FILE SLOT < lines of "RRD<TAB>filter"
 *
 * What the profiler does for a slot of a shadow profile, with its engine
 * (lib/nffile, lib/filter, lib/store), as a program of its own so that it
 * can be held against nfprofile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/filter.h"
#include "filter/tally.h"
#include "nffile/nffile.h"
#include "store/rrd.h"

#define LINE_MAX_BYTES 65536

struct channels {
	struct filterset *set;
	char **rrd;
	struct counters *sums;
	size_t n;
};

static int
add_channel(struct channels *c, char *line, struct err *err)
{
	struct filter_error fe;
	char *text = strchr(line, '\t');
	if (text == NULL)
		return err_set(err, "'%s': no filter", line);
	*text++ = '\0';
	struct filter *f = filter_parse(text, strlen(text), &fe);
	if (f == NULL)
		return err_set(err, "%s: %s", text, fe.message);
	(void)filterset_add(c->set, f);
	filter_free(f);
	c->rrd = mem_realloc(c->rrd, c->n + 1, sizeof(*c->rrd));
	c->rrd[c->n++] = mem_strdup(line);
	return 0;
}

static int
read_channels(struct channels *c, struct err *err)
{
	char line[LINE_MAX_BYTES];
	c->set = filterset_new();
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (add_channel(c, line, err) == -1)
			return -1;
	}
	filterset_compile(c->set);
	c->sums = mem_calloc(c->n, sizeof(*c->sums));
	return 0;
}

static void
count_block(struct channels *c, const struct nffile_block *block,
    struct batch *b)
{
	static struct tally t;
	size_t pos = 0;
	while (nffile_batch(block, &pos, b) > 0) {
		filterset_eval(c->set, b);
		tally_begin(&t, b);
		for (size_t i = 0; i < c->n; i++)
			tally_add(&t, filterset_bits(c->set, i), TALLY_CHANNEL,
			    &c->sums[i]);
	}
}

static int
count_file(struct channels *c, const char *path, struct err *err)
{
	struct nffile_reader r;
	struct nffile_block block;
	struct batch *b = mem_calloc(1, sizeof(*b));
	enum nffile_next next;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	b->want = filterset_columns(c->set) | TALLY_COLUMNS;
	b->ident = r.ident;
	filterset_file(c->set, r.ident);
	while ((next = nffile_read(&r, &block, err)) == NFFILE_BLOCK)
		count_block(c, &block, b);
	nffile_close(&r);
	free(b);
	return next == NFFILE_END ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct channels c = { 0 };
	struct err err;
	if (argc != 3) {
		(void)fputs("usage: channels FILE SLOT\n", stderr);
		return 2;
	}
	int64_t slot = strtoll(argv[2], NULL, 10);
	int rc = read_channels(&c, &err);
	if (rc == 0)
		rc = count_file(&c, argv[1], &err);
	for (size_t i = 0; rc == 0 && i < c.n; i++)
		rc = rrd_channel_update(c.rrd[i], slot, &c.sums[i], &err);
	if (rc == 0)
		return 0;
	(void)fprintf(stderr, "channels: %s\n", err.msg);
	return 1;
}
