/* collect: blocks that are filled in one place and written in another. */
#include <assert.h>

#include "nffile/internal.h"

void
nffile_collect_init(struct nffile_writer *c, enum nffile_creator creator)
{
	*c = (struct nffile_writer){ .fd = -1 };
	c->header.creator = creator;
	writer_alloc(c);
}

bool
nffile_collect_full(const struct nffile_writer *c)
{
	return c->raw_len + RECORD_MAX > NFFILE_BLOCK_WRITE;
}

void
nffile_block_give(struct nffile_writer *from, struct nffile_writer *to)
{
	assert(to->raw_records == 0);
	uint8_t *raw = to->raw;
	to->raw = from->raw;
	to->raw_len = from->raw_len;
	to->raw_records = from->raw_records;
	to->raw_flows = from->raw_flows;
	to->raw_stat = from->raw_stat;
	to->packed_len = 0;
	from->raw = raw;
	(void)nffile_writer_drop(from);
}
