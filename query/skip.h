/*
 * skip: what a query need not read, by the indexes beside the flow files
 * (index/index.h).
 *
 * A file is passed over unopened when no flow of it can pass filter and time
 * window, or when its sums are all that is asked for and its index has them;
 * else blocks are, one by one.  What is passed over is counted as if it had
 * been read, so that a query says the same with an index and without.
 */
#ifndef QUERY_SKIP_H
#define QUERY_SKIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nffile/nffile.h"
#include "query/totals.h"
#include "scan/scan.h"

/* A query, as far as it matters here. */
struct skip_query {
	const struct filter *filter; /* NULL: everything; none that counts */
	uint64_t from_ms, to_ms;     /* containment, both included; 0: open */
	bool sums; /* of all flows that pass, nothing else, is wanted */
};

/* What is known of a file that is passed over. */
struct skipped_file {
	struct nffile_stat stat;
	struct scan_passed all; /* what is in it */
	uint64_t processed;     /* flows that count as looked at */
	bool answered;          /* all its flows pass: `total` are their sums */
	struct totals total;
};

struct skip;

/* Of so many files. */
struct skip *skip_new(const struct skip_query *q, size_t files);
void skip_free(struct skip *k);

/*
 * File `number` < files; asked once for each, in the order of their names at
 * best.  NULL: it has to be opened, and blocks may be asked for.  What it
 * gives is valid until skip_done.
 */
const struct skipped_file *skip_file(struct skip *k, size_t number,
    const char *path);

/* The same again, and the end of it. */
const struct skipped_file *skip_again(const struct skip *k, size_t number);
void skip_done(struct skip *k, size_t number);

/* A block of a file that had to be opened; true: *p is what is in it. */
bool skip_block(const struct skip *k, size_t number, uint32_t block,
    struct scan_passed *p);

#endif
