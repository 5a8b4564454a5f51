/*
 * nffile: flow files in nfdump's layout, both ways; those of nfdump 1.6
 * (layout 1) are read, their records in the form that 1.7 gives them.
 *
 * Reading gives whole blocks, decompressed and with every record length
 * checked once, so that later walks need no bounds checks of their own.
 * A file that is still being written (header says 0 blocks) is read block
 * by block as far as it is complete, and can be asked again later.
 *
 * Errors name path, block and cause.  A damaged tail does not spoil the
 * blocks before it.
 */
#ifndef NFFILE_NFFILE_H
#define NFFILE_NFFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "flow/batch.h"
#include "flow/counters.h"
#include "flow/flow.h"
#include "nffile/layout.h"

/* ---- reading ------------------------------------------------------------ */

/* One decompressed block; data is the reader's, valid until its next call. */
struct nffile_block {
	const uint8_t *data;
	size_t len;
	uint32_t records; /* really there and complete */
	uint32_t number;  /* 0, 1, .. in file order */
};

struct layout1;
struct map;

struct nffile_reader {
	int fd;
	char *path;
	/* Of a file in layout 1 the same in layout 2's terms, version 1. */
	struct nffile_header header;
	char
	    ident[NFFILE_IDENT_MAX]; /* "" while the file is open for writing */
	struct nffile_stat stat;     /* valid when has_stat */
	bool has_stat;
	bool growing;         /* header says 0 blocks: still being written */
	off_t pos;            /* next block header */
	uint32_t number;      /* blocks read so far */
	uint64_t bytes_read;  /* on disk, headers included */
	uint64_t bad_records; /* dropped: length nonsense */
	uint64_t unknown_records; /* skipped by their length */
	uint64_t unknown_blocks;  /* skipped: of a type without flows */
	bool uncounted; /* header says 0 blocks, the appendix another thing */
	bool anonymous; /* layout 1 says so for all flows */
	bool damaged; /* the appendix cannot be read: said behind the blocks */
	bool done;    /* nothing more to be had */
	bool raw;     /* set by the caller: blocks of nfdump 1.6 are handed out
	                 as they stand, with their maps */
	uint8_t *in;  /* compressed, in_cap */
	size_t in_cap;
	uint8_t *out;        /* decompressed, NFFILE_BLOCK_READ */
	struct layout1 *old; /* converts blocks of nfdump 1.6; NULL: none yet */
	struct map *map;     /* see nffile_map; NULL: blocks are copied */
};

/*
 * Open and check the header.  On failure r is closed.  A file whose appendix
 * is damaged or cut off opens: its blocks are read, then nffile_read fails.
 */
int nffile_open(struct nffile_reader *r, const char *path, struct err *err);

enum nffile_next {
	NFFILE_ERROR = -1, /* err says which block and why; calling again
	                      goes on behind it where its end is known */
	NFFILE_END = 0,    /* no more blocks; for a growing file: not yet */
	NFFILE_BLOCK = 1
};

/*
 * The next complete block.  While the file grows, NFFILE_END may be followed
 * by more: call again after the writer has appended.  When the writer has
 * finished the file meanwhile, `growing` turns false, ident and stat become
 * valid, and NFFILE_END is final.  Appendix records are never handed out.
 */
enum nffile_next nffile_read(struct nffile_reader *r, struct nffile_block *b,
    struct err *err);

/*
 * Pass over the next block of a finished file without reading more of it
 * than the next ones need (extension maps of nfdump 1.6), so that several
 * readers can share a file's blocks: r->number tells which is next.
 */
enum nffile_next nffile_skip(struct nffile_reader *r, struct err *err);

/*
 * Threads that share a file's blocks (lib/scan): one at a time asks the
 * reader where the next block is, then each loads its own block into buffers
 * of its own, all at once.
 */
struct nffile_place {
	off_t pos; /* of the block's header */
	uint32_t size;
	uint32_t number; /* 0, 1, .. in file order */
	uint32_t records;
	uint16_t type;
};

/* One thread's buffers; all zero at first. */
struct nffile_loader {
	uint8_t *in; /* compressed, in_cap */
	size_t in_cap;
	uint8_t *out;         /* NFFILE_BLOCK_READ */
	uint64_t bad_records; /* as in the reader; the caller may reset them */
	uint64_t unknown_records;
	uint64_t unknown_blocks;
};

/*
 * Can blocks be loaded alone?  If not (growing files, those of nfdump 1.6),
 * use nffile_read.
 */
bool nffile_shareable(const struct nffile_reader *r);

/*
 * Many blocks of a shareable file will be loaded: from its pages in memory,
 * without a copy, where that is less work (LZ4, LZO).  A file that another
 * program cuts meanwhile gives an error for each block that it lacks then, as
 * without this.  Threads that load must not block SIGBUS.
 */
void nffile_map(struct nffile_reader *r);

/* As nffile_skip, saying where the block is that was passed over. */
enum nffile_next nffile_next_place(struct nffile_reader *r,
    struct nffile_place *p, struct err *err);

/*
 * Load the block at a place; b->data is l's, valid until its next load.
 * NFFILE_END: there is nothing in it to hand out.  Of r only what stays the
 * same after opening is read.
 */
enum nffile_next nffile_load(const struct nffile_reader *r,
    const struct nffile_place *p, struct nffile_loader *l,
    struct nffile_block *b, struct err *err);

void nffile_loader_free(struct nffile_loader *l);

/*
 * Behind the last block: is anything of the file not there, and what?  True
 * for every file that its writer has not finished (yet).
 */
bool nffile_missing(const struct nffile_reader *r, struct err *msg);

void nffile_close(struct nffile_reader *r);

/*
 * Walk a block's records.  *pos starts at 0; returns each record (u16 type,
 * u16 size first), NULL at the end.
 */
const uint8_t *nffile_record_next(const struct nffile_block *b, size_t *pos);

/* Expand one flow record (type 11); false when an element is malformed. */
bool nffile_record_flow(const uint8_t *rec, struct flow *f);

/*
 * FLOW_BITs of the elements that the record may have: also of those that are
 * too short to be of use.
 */
uint64_t nffile_record_elements(const uint8_t *rec);

/*
 * Fill a batch from a block, starting at *pos (0 at first) and moving it;
 * at most BATCH_ROWS flows.  Returns the number of rows; 0: block is done.
 * Records that are no flows are skipped, damaged ones and unknown elements
 * counted in the batch.  b->want and b->ident are the caller's.
 */
size_t nffile_batch(const struct nffile_block *blk, size_t *pos,
    struct batch *b);

#define NFFILE_NAME_MAX 255 /* bytes of a name, or of a description */
#define NFFILE_APP_MAX  255 /* bytes of an application's id */

/* An application as FE_NBAR names it: IEs 95, 96, 94. */
struct nffile_app {
	const uint8_t *id; /* engine, selector */
	size_t id_len;
	const char *name;
	const char *description; /* NULL: none */
};

/* An interface (REC_IFNAME) or a VRF (REC_VRFNAME). */
struct nffile_name {
	uint32_t id;
	const char *name;
};

/*
 * What a file says of those who sent its flows.  Each takes any record of a
 * block; false: it is another one, or too short.
 *
 * An exporter is in the form of nfdump 1.7.1 whichever it was written in,
 * a sampler in the newer one.  Exporters and samplers come in any number.
 */
bool nffile_record_exporter(const uint8_t *rec, struct nffile_exporter *e);
bool nffile_record_sampler(const uint8_t *rec, struct nffile_sampler *s);

/* The i-th entry, from 0; false: there is none. */
bool nffile_record_exporter_stat(const uint8_t *rec, size_t i,
    struct nffile_exporter_stat *s);

/*
 * Names of applications (REC_NBAR), interfaces (REC_IFNAME) and VRFs
 * (REC_VRFNAME) of a record, one after the other.  Texts are the record's;
 * what has no end within its place is left out, nothing is taken on trust.
 */
struct nffile_list {
	uint16_t type; /* of the record */
	uint16_t left; /* elements */
	uint16_t elem; /* bytes of each, 0: each says its own */
	uint32_t width[3];
	const uint8_t *p;
	const uint8_t *end;
};

void nffile_list_begin(const uint8_t *rec, struct nffile_list *l);
bool nffile_list_name(struct nffile_list *l, struct nffile_name *name);
bool nffile_list_app(struct nffile_list *l, struct nffile_app *app);

/* ---- writing ------------------------------------------------------------- */

struct nffile_writer_opts {
	enum nffile_codec codec;
	int level; /* 0: the codec's default */
	enum nffile_compat compat;
	enum nffile_creator creator;
	int64_t created;   /* epoch seconds */
	const char *ident; /* copied; < NFFILE_IDENT_MAX */
	mode_t mode;       /* 0644 normally, umask applies */
};

/*
 * Writes one file: records collect in a raw block (at most
 * NFFILE_BLOCK_WRITE), which is compressed and appended by one write.
 *
 * After a failed write (full disk) the file is cut back to its last complete
 * block and the raw block is kept: the caller may flush again later or drop
 * it (nffile_writer_drop), and counts what it drops.
 */
struct nffile_writer {
	int fd;
	char *path;
	struct nffile_header header;
	char ident[NFFILE_IDENT_MAX];
	struct nffile_stat stat; /* of the blocks written, not of raw */
	enum nffile_codec codec;
	int level;
	enum nffile_compat compat; /* may be set between flows */
	off_t pos;                 /* end of the last complete block */
	uint8_t *raw;   /* room for a block header, NFFILE_BLOCK_WRITE */
	size_t raw_len; /* records behind the header */
	uint32_t raw_records;
	uint64_t raw_flows;          /* of them flows */
	struct nffile_stat raw_stat; /* of the records in raw */
	uint8_t *packed;
	size_t packed_len;   /* raw is packed already, 0: not yet */
	uint64_t slot_first; /* ms; the caller may set them, see finish */
	uint64_t slot_last;
};

int nffile_create(struct nffile_writer *w, const char *path,
    const struct nffile_writer_opts *o, struct err *err);

/*
 * Add one flow and count it in the stat record.  Left out are elements that
 * are all zero (but not FE_GENERIC, FE_IPV4, FE_IPV6), and for COMPAT_171 what
 * nfdump 1.7.1 does not know: FE_SAMPLER, FE_FRAMEMETA, FE_FRAME and
 * everything from FE_LAYER2 on.  -1 only when a full block could not be
 * written (the flow is then not added).
 */
int nffile_add_flow(struct nffile_writer *w, const struct flow *f,
    struct err *err);

/* Add a ready record (copied from another file's block); flows are counted. */
int nffile_add_record(struct nffile_writer *w, const uint8_t *rec,
    struct err *err);

/*
 * What describes the flows' senders: before the first flow that names them,
 * in every file again.  type and size are set here.  -1 as above.
 */
int nffile_add_exporter(struct nffile_writer *w,
    const struct nffile_exporter *e, struct err *err);
int nffile_add_sampler(struct nffile_writer *w, const struct nffile_sampler *s,
    struct err *err);

/*
 * Exporter statistics, last in the file.  The stat record's
 * sequence_failures is the caller's: w->stat.sequence_failures.
 */
int nffile_add_exporter_stats(struct nffile_writer *w,
    const struct nffile_exporter_stat *s, size_t n, struct err *err);

/*
 * Names of applications, of interfaces or VRFs.  Left out, as by nfdump, is
 * what has no name, is too long or no valid UTF-8.
 */
int nffile_add_apps(struct nffile_writer *w, const struct nffile_app *a,
    size_t n, struct err *err);
int nffile_add_names(struct nffile_writer *w, enum nffile_record_type type,
    const struct nffile_name *names, size_t n, struct err *err);

/* Append what is collected as one complete block; nothing there: no block. */
int nffile_flush(struct nffile_writer *w, struct err *err);

/* Forget the collected block; returns the flows it held. */
uint64_t nffile_writer_drop(struct nffile_writer *w);

/*
 * Flush, write appendix, complete the header, fsync when asked, close and
 * free.  On failure (full disk) the writer stays open with what it holds:
 * try again, drop the block and try again, or abandon.
 * slot_first/slot_last (`created` when not set) stand in the stat record when
 * no flow had a time.
 */
int nffile_finish(struct nffile_writer *w, bool sync, struct err *err);

/* Close without finishing (the file can be recovered) and free. */
void nffile_writer_abandon(struct nffile_writer *w);

/*
 * Collecting in one thread and packing in another: a collector is a writer
 * without a file.  Records are added to it until it is full (or time is up),
 * then its block is given to a writer and flushed there.
 *
 *	nffile_collect_init(&c, CREATOR_NFCAPD);
 *	nffile_add_flow(&c, f, &err);            (never fails before full)
 *	if (nffile_collect_full(&c)) ...
 *	nffile_block_give(&c, &w);               (swaps the raw buffers)
 *	nffile_flush(&w, &err);
 *
 * A collector is freed by nffile_writer_abandon.
 */
void nffile_collect_init(struct nffile_writer *c, enum nffile_creator creator);

/* No room for another record of the greatest length. */
bool nffile_collect_full(const struct nffile_writer *c);

/* Move the collected block; `to` holds none. */
void nffile_block_give(struct nffile_writer *from, struct nffile_writer *to);

/* ---- whole files ----------------------------------------------------------- */

/*
 * Finish a file that its writer left open (crash): keep all complete blocks,
 * cut the rest, count the flows into a stat record, write the appendix.
 * `ident` goes into the appendix.  *flows: flows kept.
 */
int nffile_recover(const char *path, const char *ident, uint64_t *flows,
    struct err *err);

/*
 * Give the finished file `from` the name `to`, as the last act.  sync: its
 * bytes are forced to the disk before, its name behind.
 *
 * When `to` exists (a restart within one slot), nothing of it is lost: a file
 * with the blocks of both replaces `from`, and then `to`.  Killed at any
 * point, it can be repeated, and nothing is there twice.  `to` keeps its
 * codec; left open or damaged it is recovered first, and one of layout 1
 * becomes one of layout 2.
 */
int nffile_publish(const char *from, const char *to, bool sync,
    struct err *err);

/*
 * Write a finished file anew in its place: with another codec, or another
 * ident (NULL: its own).  All else stays: flows, statistics, times, owner and
 * mode; one of layout 1 becomes one of layout 2.  Whatever happens, the file
 * is the old one or the new one.
 */
int nffile_rewrite(const char *path, enum nffile_codec codec, int level,
    const char *ident, struct err *err);

/* Only the stat record and ident of a finished file. */
int nffile_stat_read(const char *path, struct nffile_stat *s, char *ident,
    struct err *err);

/* Add up; times widen where s has flows. */
void nffile_stat_sum(struct nffile_stat *sum, const struct nffile_stat *s);

/* The stat record as counters (live's rule: totals with out, classes in). */
void nffile_stat_counters(const struct nffile_stat *s, struct counters *c);

#endif
