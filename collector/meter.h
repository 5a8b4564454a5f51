/*
 * meter: what flows came in the last minute, told to a program that listens
 * on a UNIX socket (nfcapd -m).
 *
 * At every full minute in which flows were stored: connect, write, close.
 * What is written has nfcapd's form, numbers in the order of the machine:
 *
 *   0 '@' u8   1 version u8: 1   2 bytes of the sources u16
 *   4 sources u16   6 interval u16: 60 s   8 now u64, epoch ms
 *   16 running since u64, ms     24 sources, each:
 *     0 ident (128, NUL-padded)   128 number of the source << 16 u64
 *     136 flows, 168 bytes, 200 packets: tcp, udp, icmp, others, u64 each
 *
 * A message has at most METER_MANY sources; more are said in a second one
 * behind it.  A program that does not listen, or not in METER_WAIT_S, misses
 * that minute, which is logged when it begins and when it ends.
 */
#ifndef COLLECTOR_METER_H
#define COLLECTOR_METER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "nffile/layout.h"

#define METER_HEAD   24
#define METER_SOURCE 232
#define METER_MANY   ((size_t)UINT16_MAX / METER_SOURCE)
#define METER_S      60
#define METER_WAIT_S 5

struct meter;
struct meter_source;

/* path is that of the socket, of the length that sockets have. */
struct meter *meter_start(const char *path, struct err *err);
void meter_stop(struct meter *m); /* NULL: nothing */

/* One source; lives as long as the meter.  One thread at a time. */
struct meter_source *meter_source(struct meter *m, const char *ident);

/* It stored flows; any thread. */
void meter_add(struct meter *m, struct meter_source *s,
    const struct nffile_stat *stat);

/* The messages of this minute, which begins anew; none when nothing came. */
void meter_print(struct meter *m, uint64_t now_ms, struct buf *out);

#endif
