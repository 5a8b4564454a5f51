/* verify: a file read from end to end, and what it is: -v. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "nffile/codec.h"
#include "nffile/nffile.h"
#include "query/files.h"

struct check {
	struct nffile_reader r;
	uint64_t blocks;
	uint64_t records;
	bool failed;
};

static void
say(struct check *c, const struct err *err)
{
	(void)fprintf(stderr, "nfsen-query: %s\n", err->msg);
	c->failed = true;
}

/* ---- headings ------------------------------------------------------------------- */

static void
print_codec(const struct nffile_reader *r)
{
	enum nffile_codec codec = (enum nffile_codec)r->header.compression;
	(void)printf("Version    : %u - ", r->header.version);
	if (codec == CODEC_NONE)
		(void)printf("not compressed");
	else
		(void)printf("%s compressed", codec_name(codec));
	(void)printf("%s\n", r->anonymous ? " anonymized" : "");
}

static void
print_created(int64_t created)
{
	char text[32] = "";
	time_t t = (time_t)created;
	struct tm tm;
	if (localtime_r(&t, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	(void)printf("Created    : %s\n", text);
}

static void
print_header(const struct nffile_reader *r)
{
	const struct nffile_header *h = &r->header;
	(void)printf("File       : %s\n", r->path);
	print_codec(r);
	if (h->version == 1) {
		(void)printf("Blocks     : %u\n", h->num_blocks);
		return;
	}
	print_created(h->created);
	(void)printf("nfdump     : %x\n"
		     "encryption : no\n"
		     "Appdx blks : %u\n"
		     "Data blks  : %u\n",
	    h->nfdversion, h->appendix_blocks, h->num_blocks);
}

/* ---- blocks --------------------------------------------------------------------- */

static void
spin(const struct check *c)
{
	if (c->blocks % 8 == 0)
		(void)printf(" %c\r", c->blocks / 8 % 4 < 2 ? '|' : '-');
}

static void
read_blocks(struct check *c)
{
	struct nffile_block b;
	struct err err;
	for (;;) {
		enum nffile_next next = nffile_read(&c->r, &b, &err);
		if (next == NFFILE_END)
			break;
		if (next == NFFILE_ERROR) {
			say(c, &err);
			if (c->r.done)
				break;
			continue;
		}
		spin(c);
		c->blocks++;
		c->records += b.records;
	}
	if (nffile_missing(&c->r, &err))
		say(c, &err);
}

/* Behind them: ident and stat record, which the reader knows already. */
static void
read_appendix(struct check *c)
{
	if (c->r.header.version == 1 || c->r.growing)
		return;
	if (c->r.header.num_blocks != 0)
		(void)puts("Checking appendix blocks");
	if (c->r.damaged)
		return;
	for (unsigned i = 0; i < c->r.header.appendix_blocks; i++) {
		spin(c);
		c->blocks++;
	}
	c->records += 2;
}

int
files_verify(const char *path)
{
	struct check c = { 0 };
	struct err err;
	if (nffile_open(&c.r, path, &err) == -1) {
		say(&c, &err);
		return EXIT_ARGS;
	}
	c.r.raw = true;
	print_header(&c.r);
	(void)puts("Checking data blocks");
	read_blocks(&c);
	read_appendix(&c);
	(void)printf("\nTotal\n"
		     "Type %d blocks : %" PRIu64 "\n"
		     "Records       : %" PRIu64 "\n",
	    c.r.header.version == 1 ? BLOCK_1_6 : BLOCK_FLOWS, c.blocks,
	    c.records);
	nffile_close(&c.r);
	return c.failed ? EXIT_ARGS : 0;
}
