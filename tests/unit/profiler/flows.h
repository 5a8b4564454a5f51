/*
 * Flow files for the profiler's tests: deterministic flows written as the
 * collector writes them, and the totals a naive count gives for them.
 */
#ifndef TESTS_PROFILER_FLOWS_H
#define TESTS_PROFILER_FLOWS_H

#include <inttypes.h>
#include <math.h>

#include "../profile/fixture.h"
#include "base/slot.h"
#include "filter/filter.h"
#include "filter/tally.h"
#include "nffile/nffile.h"
#include "store/rrd.h"

#define CYCLE FIXTURE_CYCLE
#define T0    INT64_C(1700000100) /* a multiple of 300 */

static struct conf *conf; /* for looking; the profiler has its own */

static inline uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Flow `i` of a source and slot: always the same. */
static inline struct flow
make_flow(char source, int64_t slot, unsigned i)
{
	static const uint8_t protos[] = { 6, 17, 1, 58, 47, 6, 17, 6 };
	uint64_t r = mix((uint64_t)slot * 1000003 + (uint64_t)source * 977 + i);
	struct flow f = { .have = FLOW_BIT(FE_GENERIC) | FLOW_BIT(FE_IPV4) |
				  FLOW_BIT(FE_NEXT4),
		.next_hop = { 0, 0x0a000001 + (r >> 63) },
		.nfversion = 9,
		.exporter = 1,
		.first = (uint64_t)slot * 1000 + i,
		.last = (uint64_t)slot * 1000 + i + 10,
		.received = (uint64_t)slot * 1000 + i + 20,
		.packets = 1 + r % 100,
		.bytes = 40 + r % 100000,
		.src_port = (uint16_t)(r >> 20),
		.dst_port = (uint16_t)(r >> 36),
		.proto = protos[r >> 52 & 7],
		.src = { 0, 0x0a000000 | (r & 0xffff) },
		.dst = { 0, 0xc0a80000 | (r >> 8 & 0xff) } };
	if ((r >> 60 & 7) == 0) {
		f.have |= FLOW_BIT(FE_CNT);
		f.flows = 1 + r % 5;
		f.out_packets = r % 7;
		f.out_bytes = r % 700;
	}
	return f;
}

static inline void
flow_file_path(const char *source, int64_t slot, char *path)
{
	char name[SLOT_PATH_MAX];
	(void)slot_path(slot, CYCLE, conf->subdirlayout, name);
	(void)snprintf(path, FILE_PATH_MAX, "%s/data/live/%s/%s", root, source,
	    name);
	char *slash = strrchr(path, '/');
	*slash = '\0';
	ck_assert_int_eq(file_mkdirs(path, 0775, &err), 0);
	*slash = '/';
}

static inline void
open_current(struct nffile_writer *w, const char *source, int64_t slot,
    long pid)
{
	char path[FILE_PATH_MAX];
	struct nffile_writer_opts o = { .codec = CODEC_LZ4,
		.creator = CREATOR_NFCAPD,
		.created = slot + 1,
		.ident = source,
		.mode = 0644 };
	struct nffile_exporter e = { .type = REC_EXPORTER,
		.size = sizeof(e),
		.version = 9,
		.ip = { 0, 0x7f000001 },
		.family = 2,
		.sysid = 1 };
	(void)snprintf(path, sizeof(path), "%s/data/live/%s/nfcapd.current.%ld",
	    root, source, pid);
	ck_assert_msg(nffile_create(w, path, &o, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(nffile_add_exporter(w, &e, &err), 0);
}

static inline void
add_flows(struct nffile_writer *w, const char *source, int64_t slot,
    unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		struct flow f = make_flow(source[0], slot, i);
		ck_assert_int_eq(nffile_add_flow(w, &f, &err), 0);
	}
	ck_assert_int_eq(nffile_flush(w, &err), 0);
}

static inline void
finish_current(struct nffile_writer *w, const char *source, int64_t slot)
{
	char from[FILE_PATH_MAX];
	char to[FILE_PATH_MAX];
	(void)snprintf(from, sizeof(from), "%s", w->path);
	ck_assert_int_eq(nffile_finish(w, false, &err), 0);
	flow_file_path(source, slot, to);
	ck_assert_msg(nffile_publish(from, to, false, &err) == 0, "%s",
	    err.msg);
}

static inline void
write_slot(const char *source, int64_t slot, unsigned n)
{
	struct nffile_writer w;
	open_current(&w, source, slot, 99999998);
	add_flows(&w, source, slot, 0, n / 2);
	add_flows(&w, source, slot, n / 2, n);
	finish_current(&w, source, slot);
}

static inline void
announce(int64_t slot)
{
	char path[FILE_PATH_MAX];
	char text[64];
	int n = snprintf(text, sizeof(text), "%" PRId64 " %d\n", slot, CYCLE);
	(void)snprintf(path, sizeof(path), "%s/run/collector.slot", root);
	ck_assert_int_eq(file_write_atomic(path, text, (size_t)n, 0644, &err),
	    0);
}

/* ---- what is expected ------------------------------------------------------ */

struct expect {
	const char *filter;
	const char *sources; /* one letter each */
	enum tally_rule rule;
};

static inline void
count(struct counters *c, const struct flow *f, enum tally_rule rule)
{
	enum counter_class class = counter_class_of(f->proto);
	bool out = (f->have & FLOW_BIT(FE_CNT)) != 0;
	uint64_t op = out ? f->out_packets : 0;
	uint64_t ob = out ? f->out_bytes : 0;
	uint64_t n = out && rule == TALLY_CHANNEL ? f->flows : 1;
	c->flows[CLASS_ALL] += n;
	c->flows[class] += n;
	c->packets[CLASS_ALL] += f->packets + op;
	c->packets[class] += f->packets + (rule == TALLY_CHANNEL ? op : 0);
	c->bytes[CLASS_ALL] += f->bytes + ob;
	c->bytes[class] += f->bytes + (rule == TALLY_CHANNEL ? ob : 0);
}

static inline struct counters
expected(const struct expect *e, int64_t slot, unsigned n)
{
	struct counters c = { 0 };
	struct filter_error fe;
	struct filter *f = filter_parse(e->filter, strlen(e->filter), &fe);
	ck_assert_ptr_nonnull(f);
	for (const char *s = e->sources; *s != '\0'; s++)
		for (unsigned i = 0; i < n; i++) {
			char ident[2] = { *s, '\0' };
			struct flow flow = make_flow(*s, slot, i);
			if (filter_match(f, &flow, ident))
				count(&c, &flow, e->rule);
		}
	filter_free(f);
	return c;
}

/* A slot's totals from an RRD; false: unknown. */
static inline bool
stored(const char *rrd, int64_t slot, struct counters *c)
{
	char path[FILE_PATH_MAX];
	struct arena a = ARENA_EMPTY;
	struct rrd_series s;
	(void)snprintf(path, sizeof(path), "%s/stat/%s.rrd", root, rrd);
	ck_assert_msg(rrd_channel_fetch(path, slot, slot + CYCLE, CYCLE, 0x7fff,
			  &a, &s, &err) == 0,
	    "%s", err.msg);
	size_t at = (size_t)((slot - s.start) / CYCLE);
	ck_assert_uint_lt(at, s.n);
	bool known = !isnan(s.values[0][at]);
	uint64_t *const rows[] = { c->flows, c->packets, c->bytes };
	for (size_t i = 0; known && i < 3 * CLASS_MAX; i++)
		rows[i / CLASS_MAX][i % CLASS_MAX] =
		    (uint64_t)llround(s.values[i][at] * CYCLE);
	arena_free(&a);
	return known;
}

static inline void
check_rrd(const char *rrd, const struct expect *e, int64_t slot, unsigned n)
{
	struct counters want = expected(e, slot, n);
	struct counters have;
	ck_assert_msg(stored(rrd, slot, &have), "%s lacks %" PRId64, rrd, slot);
	for (int i = 0; i < CLASS_MAX; i++) {
		ck_assert_msg(have.flows[i] == want.flows[i],
		    "%s %" PRId64 " flows %d: %" PRIu64 ", want %" PRIu64, rrd,
		    slot, i, have.flows[i], want.flows[i]);
		ck_assert_uint_eq(have.packets[i], want.packets[i]);
		ck_assert_uint_eq(have.bytes[i], want.bytes[i]);
	}
}

/* The channel's file holds exactly the flows that match. */
static inline void
check_file(const char *channel, const struct expect *e, int64_t slot,
    unsigned n)
{
	char path[FILE_PATH_MAX];
	char name[SLOT_PATH_MAX];
	char ident[NFFILE_IDENT_MAX];
	struct nffile_stat st;
	struct counters want = expected(e, slot, n);
	(void)slot_path(slot, CYCLE, conf->subdirlayout, name);
	(void)snprintf(path, sizeof(path), "%s/data/%s/%s", root, channel,
	    name);
	ck_assert_msg(nffile_stat_read(path, &st, ident, &err) == 0, "%s",
	    err.msg);
	ck_assert_uint_eq(st.flows, want.flows[CLASS_ALL]);
	ck_assert_uint_eq(st.bytes, want.bytes[CLASS_ALL]);
	ck_assert_str_eq(ident, strrchr(channel, '/') + 1);
}

#endif
