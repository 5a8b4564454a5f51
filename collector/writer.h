/*
 * writer: the thread that compresses blocks, appends them, and finishes,
 * names and announces files, so that no disk is waited for elsewhere.
 *
 * Work is done in the order it was given.  At most WRITER_BLOCKS blocks wait;
 * then writer_put waits, the ring in front of the decoder fills, and what
 * does not fit there is counted.
 */
#ifndef COLLECTOR_WRITER_H
#define COLLECTOR_WRITER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "collector/flowfile.h"
#include "nffile/nffile.h"

#define WRITER_BLOCKS 64 /* of 1 MiB */

struct writer;
struct outfile;
struct tally;
struct meter;

/*
 * slot_file is where finished slots are announced: PIDDIR/collector.slot; "":
 * nowhere.
 */
struct writer *writer_start(const char *slot_file, struct err *err);

/*
 * Before the first file: count for it what is stored.  It stays whose it is.
 */
void writer_meter(struct writer *w, struct meter *m);

/*
 * The counter of flows that could not be written for this ident; lives as
 * long as the writer.
 */
const atomic_uint_fast64_t *writer_unwritten(struct writer *w,
    const char *ident);

/*
 * Begin the file of a slot.  recover: first finish what was left open in the
 * folder.  created is epoch seconds, within the slot.
 */
struct outfile *writer_open(struct writer *w, const struct flowfile_spec *spec,
    int64_t slot, int64_t created, bool recover);

/* Hand over the block collected in c (nffile_collect_init). */
void writer_put(struct writer *w, struct outfile *f, struct nffile_writer *c);

/* Finish the file and give it its name; f is gone. */
void writer_finish(struct writer *w, struct outfile *f,
    uint64_t sequence_failures, uint64_t bad_packets);

/*
 * Append these lines of the source to the ledger when all that was given
 * before is done; t is gone.
 */
void writer_ledger(struct writer *w, const char *source, struct tally *t);

/* Say that all files of the slot, and of those before it, have their names. */
void writer_announce(struct writer *w, int64_t slot, int64_t cycletime);

/* Until all that was given before is done. */
void writer_wait(struct writer *w);

/* Do all that was given, end the thread. */
void writer_stop(struct writer *w);

#endif
