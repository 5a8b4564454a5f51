/*
 * ledger: what was received, stored and lost, per slot, source and exporter.
 *
 * Text, one line per slot and account, appended when the slot ends:
 *
 *   slot=1795444200 length=300 source=gw exporter=192.0.2.1 version=9 id=0
 *       datagrams=120 flows=3401 packets=.. bytes=.. sequence_lost=3 ...
 *   slot=1795444200 length=300 source=gw datagrams=120 kernel_drops=17 ...
 *
 * (each on one line).  A line without `exporter` is the source's own: what
 * belongs to no exporter, such as what the kernel dropped at the source's
 * socket.  What was lost at a port that several sources share has a source
 * of its own, port:9995, which no ident can be.  Of no datagram and no flow
 * is told twice, so all lines add up.
 *
 * Counters that are 0 are left out; unknown keys are passed over, so that
 * newer writers can add some.  When a collector restarts within a
 * slot, the slot has several lines for one account: they add up.  A last
 * line without its LF was cut off by a crash and does not count.
 *
 * Files are <dir>/<source>/<yyyymmdd>, the UTC day of the slot's start,
 * dir being PROFILESTATDIR/live/.ledger.  They are not in the data tree
 * because nfdump -R stops at files that it does not know.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"

#define LEDGER_SOURCE_MAX 128
#define LEDGER_DAY        86400 /* seconds of slots in one file */

/* The keys in ledger_name[] order. */
enum ledger_count {
	LEDGER_DATAGRAMS, /* that arrived */
	LEDGER_FLOWS,     /* decoded; stored but for LEDGER_UNWRITTEN */
	LEDGER_PACKETS,   /* of these flows, in */
	LEDGER_BYTES,
	LEDGER_KERNEL_DROPS,  /* datagrams: the socket's buffer was full */
	LEDGER_QUEUE_DROPS,   /* datagrams: our own queue was full */
	LEDGER_UNKNOWN,       /* datagrams of senders that no source takes */
	LEDGER_NO_ROOM,       /* datagrams of exporters beyond the limit */
	LEDGER_BAD_VERSION,   /* datagrams of no known protocol */
	LEDGER_TRUNCATED,     /* datagrams shorter than their header */
	LEDGER_MALFORMED,     /* datagrams or sets with impossible lengths */
	LEDGER_NO_TEMPLATE,   /* data sets given up: no template came */
	LEDGER_WAITED,        /* data sets that were decoded later */
	LEDGER_NO_FIELD,      /* data sets without a field that is kept */
	LEDGER_TEMPLATES_BAD, /* templates refused */
	LEDGER_SEQUENCE_GAPS, /* how often numbers were missing */
	LEDGER_SEQUENCE_LOST, /* how many: flows, or datagrams (v9, sFlow) */
	LEDGER_UNWRITTEN,     /* flows that found no room on the disk */
	LEDGER_COUNTS
};

extern const char *const ledger_name[LEDGER_COUNTS];

struct ledger_line {
	int64_t slot;    /* start, epoch seconds */
	uint32_t length; /* of the slot, seconds */
	char source[LEDGER_SOURCE_MAX];
	struct addr exporter; /* ADDR_NONE: the source's own line */
	uint16_t version;     /* 1, 5, 7, 9, 10; 9999: sFlow */
	uint32_t id;          /* engine, source id, domain, sub-agent */
	struct addr agent;    /* sFlow, where it is not the exporter */
	uint64_t n[LEDGER_COUNTS];
};

/* The source of what was lost at a port that several sources share. */
#define LEDGER_PORT "port:%u"

/* Add the line with its LF. */
void ledger_print(const struct ledger_line *l, struct buf *out);

/* One line of n bytes without LF.  False: no line of a ledger. */
bool ledger_parse(const char *text, size_t n, struct ledger_line *l);

/*
 * Append whole lines of one slot, by one write, so that concurrent readers
 * see all of it or a part that ends in an incomplete line.  A left-over
 * incomplete line before them is ended first.
 */
int ledger_append(const char *dir, const char *source, int64_t slot,
    const struct buf *lines, struct err *err);

typedef void ledger_take(void *ctx, const struct ledger_line *l);

/*
 * Every line of the source with from <= slot < to, in file order.  Days
 * without a file are no error; lines that cannot be read are counted in
 * *bad (may be NULL).
 */
int ledger_read(const char *dir, const char *source, int64_t from, int64_t to,
    ledger_take *take, void *ctx, uint64_t *bad, struct err *err);

/* Remove the source's files of days before `before` (epoch seconds). */
int ledger_expire(const char *dir, const char *source, int64_t before,
    struct err *err);

/* Add l's counters to sum's. */
void ledger_sum(struct ledger_line *sum, const struct ledger_line *l);

/*
 * What is missing for certain: datagrams that were dropped or not understood
 * plus units that sequence numbers miss plus flows not written.  0: nothing.
 */
uint64_t ledger_lost(const struct ledger_line *l);

#endif
