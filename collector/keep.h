/*
 * keep: what exporters told (decode/state.h), in a file over restarts.
 *
 * What the file says of an exporter waits until that one is heard, so it
 * does not matter whose source it is by then.  Written by a thread of its
 * own: a few seconds after something changed, every hour, and at the end.
 * The decode thread's, like the exporters.
 */
#ifndef COLLECTOR_KEEP_H
#define COLLECTOR_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "decode/decode.h"

#define KEEP_MAX       ((size_t)32 << 20) /* bytes; what is beyond is lost */
#define KEEP_CHANGE_MS INT64_C(5000)      /* between two writes */
#define KEEP_EVERY_MS  INT64_C(3600000)   /* when nothing changes */
#define KEEP_AGE_MS    (INT64_C(7) * 86400000) /* unused: the usual */

struct sources;
struct sync;

struct keep {
	char path[FILE_PATH_MAX]; /* "": nothing is kept */
	struct sync *sync;
	struct buf file;   /* as it was found; empty when all are heard */
	uint32_t *slots;   /* by key: where in the file, 0: none */
	size_t n_slots;    /* power of two, or 0 */
	size_t n_unheard;  /* exporters */
	uint64_t changes;  /* of all exporters, when last written */
	int64_t looked_ms; /* monotonic */
	int64_t written_ms;
	struct log_limit full_log;
};

/*
 * Load the file and keep what comes in it; a file that is not there is no
 * error, one that is damaged is logged and left out.  path "": forget all.
 * With the path it has nothing happens.
 */
void keep_open(struct keep *k, const char *path);

/* What was known of an exporter that is heard the first time. */
void keep_restore(struct keep *k, uint16_t port, struct exporter *e);

/* Write when it is time; now_ms is monotonic, epoch_ms the clock. */
void keep_look(struct keep *k, const struct sources *ss, int64_t now_ms,
    uint64_t epoch_ms);

/* Write now.  Returns before it is on the disk. */
void keep_write(struct keep *k, const struct sources *ss, uint64_t epoch_ms);

/* Returns when all is on the disk. */
void keep_close(struct keep *k);

#endif
