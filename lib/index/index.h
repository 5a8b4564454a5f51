/*
 * index: what was learned of finished flow files while they were read once,
 * so that queries can pass over files and blocks that cannot match.
 *
 * An index is derived and only saves time: whatever is missing, damaged or of
 * another file is as if it were not there.  nfdump and nfexpire look at all
 * that is below a folder they are given, hidden or not, so indexes stand in a
 * tree of their own beside the folders of profiles:
 *
 *	ROOT/live/gw/2026/01/31/nfcapd.202601311200    a flow file
 *	ROOT/.index/live/gw/2026/01/31/20260131        the index of those of
 *	                                               this folder and day
 *
 * ROOT is PROFILEDATADIR, or the folder that some other folder is in.
 *
 * The day is the one in the files' names.  The file grows by one entry for
 * each flow file; of several for one name the last one counts.  All numbers
 * are 64 bits wide, in host order, at multiples of 8:
 *
 *	header | entry | entry | ...
 *	entry  = struct index_head, name, ident (each padded with zeros to a
 *	         multiple of 8), protos x struct index_proto, blocks x block
 *	block  = struct index_block, lines x struct bloom_line
 *
 * An entry belongs to the flow file with the inode, size, and times of last
 * change that stand in it.  Whatever writes to a file sets its ctime, and an
 * entry is made only of files whose ctime the clock has left behind, so a file
 * that was replaced, appended to or packed anew is not taken for the one that
 * the entry is about.
 */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "flow/summary.h"
#include "nffile/nffile.h"

#define INDEX_DIR     ".index"
#define INDEX_MAGIC   UINT64_C(0x0178656469666e) /* "nfidex\1" */
#define INDEX_VERSION 1
#define INDEX_DAY_LEN 8 /* digits */

/* Bytes of one day's index that are read; what stands behind is not. */
#define INDEX_FILE_MAX  (UINT64_C(1) << 30)
#define INDEX_NAME_MAX  64         /* of a flow file, with NUL */
#define INDEX_BLOCK_MAX (1U << 20) /* blocks of a flow file */

struct index_header {
	uint64_t magic; /* another byte order is another magic */
	uint64_t version;
	uint64_t columns; /* SUMMARY_COLUMNS */
	uint64_t zero;
};

struct index_id {
	uint64_t inode;
	uint64_t size;
	int64_t mtime_ns, ctime_ns; /* since the epoch */
};

/* Nothing is known of this file: it is damaged, or not of our time. */
#define INDEX_OPAQUE UINT64_C(1)

struct index_head {
	uint64_t check;  /* hash of all that follows in the entry */
	uint64_t length; /* of the entry */
	struct index_id id;
	uint64_t flags;
	struct nffile_stat stat; /* the file's own */
	uint64_t rows;           /* flow records in it */
	uint64_t bytes;          /* of all records, unpacked */
	uint64_t name_len;       /* without NUL */
	uint64_t ident_len;
	uint64_t protos;
	uint64_t blocks;
};
_Static_assert(sizeof(struct index_head) % 8 == 0, "aligned");

/* The flows of one IP protocol. */
struct index_proto {
	uint64_t proto;
	uint64_t flows; /* that the records stand for */
	uint64_t packets, bytes;
	uint64_t out_packets, out_bytes;
	uint64_t first, last; /* ms: least first, greatest last */
};

struct index_block {
	uint64_t rows;
	uint64_t bytes; /* of all records, unpacked */
	uint64_t any, all;
	uint64_t set[SUMMARY_SETS][4];
	struct summary_range range[SUMMARY_COLUMNS];
	uint64_t lines;
};
_Static_assert(sizeof(struct index_block) % 8 == 0, "aligned");

/* ---- one day's ------------------------------------------------------------------- */

struct index;

/* What is known of one file; the index' until it is asked again. */
struct index_entry {
	const struct index_head *head;
	const char *name;
	char ident[NFFILE_IDENT_MAX];
	const struct index_proto *proto;
	const uint8_t *block; /* the first one */
};

/* NULL: there is none, or nothing of use in it. */
struct index *index_load(const char *path);
void index_free(struct index *ix);

/* From memory, for tests; the bytes are the caller's. */
struct index *index_load_bytes(const void *bytes, size_t n);

/* By the flow file's name.  False: not known. */
bool index_find(struct index *ix, const char *name, struct index_entry *e);

/* Bytes of entries that count, and of all. */
uint64_t index_live(const struct index *ix);
uint64_t index_size(const struct index *ix);

/*
 * Walk an entry's blocks: *at is e->block at first and moves; e->head->blocks
 * of them.
 */
void index_block_next(const uint8_t **at, struct summary *s, uint64_t *bytes);

/* ---- identity -------------------------------------------------------------------- */

void index_id_of(const struct stat *st, struct index_id *id);
bool index_id_same(const struct index_id *a, const struct index_id *b);

#endif
