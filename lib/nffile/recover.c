/*
 * recover: files that their writer left open.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "nffile/codec.h"
#include "nffile/internal.h"

static void
count_block(struct nffile_stat *s, const struct nffile_block *b,
    const struct nffile_header *h)
{
	size_t pos = 0;
	for (const uint8_t *p; (p = nffile_record_next(b, &pos)) != NULL;)
		if (get16(p) == REC_FLOW)
			stat_add_record(s, p, stat_in_classes(h));
}

/* Cut the file at `end`, behind `blocks` blocks, and give it an appendix. */
static int
close_off(const struct nffile_reader *r, off_t end, uint32_t blocks,
    const struct nffile_stat *s, const char *ident, struct err *err)
{
	struct nffile_writer w = { .fd = -1,
		.header = r->header,
		.stat = *s,
		.codec = (enum nffile_codec)r->header.compression,
		.pos = end };
	w.header.num_blocks = blocks;
	w.path = mem_strdup(r->path);
	(void)snprintf(w.ident, sizeof(w.ident), "%s", ident);
	w.fd = open(r->path, O_RDWR | O_CLOEXEC);
	if (w.fd == -1 || ftruncate(w.fd, w.pos) == -1) {
		(void)err_set(err, "%s: %s", r->path, strerror(errno));
		goto fail;
	}
	writer_alloc(&w);
	if (nffile_finish(&w, true, err) == 0)
		return 0;
fail:
	nffile_writer_abandon(&w);
	return -1;
}

int
nffile_recover(const char *path, const char *ident, uint64_t *flows,
    struct err *err)
{
	struct nffile_reader r;
	if (nffile_open(&r, path, err) == -1)
		return -1;
	if (!r.growing && !r.damaged) {
		*flows = r.stat.flows;
		nffile_close(&r);
		return 0;
	}
	if (r.header.version != NFFILE_VERSION) {
		nffile_close(&r);
		return err_set(err,
		    "%s: files of nfdump 1.6 are read, not finished", path);
	}
	/* A header that promises what the file lacks: trust the blocks. */
	r.growing = true;
	r.header.off_appendix = 0;
	struct nffile_stat s = { 0 };
	off_t end = r.pos;
	uint32_t blocks = 0;
	struct nffile_block b;
	while (nffile_read(&r, &b, NULL) == NFFILE_BLOCK) {
		count_block(&s, &b, &r.header);
		end = r.pos;
		blocks = r.number;
	}
	*flows = s.flows;
	int ret = close_off(&r, end, blocks, &s, ident, err);
	nffile_close(&r);
	return ret;
}
