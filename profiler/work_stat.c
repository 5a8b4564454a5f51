#include "profiler/work_stat.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slot.h"
#include "nffile/nffile.h"
#include "nffile/tree.h"
#include "store/rrd.h"

#define SUMS (3 * CLASS_MAX)

/* ---- one slot ------------------------------------------------------------------ */

static void
add_counters(const struct counters *c, uint64_t *sums)
{
	for (int i = 0; i < CLASS_MAX; i++) {
		sums[i] += c->flows[i];
		sums[CLASS_MAX + i] += c->packets[i];
		sums[2 * CLASS_MAX + i] += c->bytes[i];
	}
}

/* Totals of files; -1: none is there, or one cannot be read. */
static int
add_files(const char *folder, const char *name, bool range, uint64_t *sums)
{
	struct arena a = ARENA_EMPTY;
	struct tree_list l;
	const char *path = arena_printf(&a, "%s/%s", folder, name);
	const struct tree_query q = { .r = range ? NULL : path,
		.R = range ? path : NULL };
	int rc = tree_find(&q, &a, &l, NULL);
	if (rc == 0 && l.n == 0)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < l.n; i++) {
		struct nffile_stat s;
		struct counters c = { 0 };
		char ident[NFFILE_IDENT_MAX];
		if (l.files[i].open)
			continue;
		rc = nffile_stat_read(l.files[i].path, &s, ident, NULL);
		if (rc == 0) {
			nffile_stat_counters(&s, &c);
			add_counters(&c, sums);
		}
	}
	arena_free(&a);
	return rc;
}

/* Slots from .. to of a database, summed, or each where sums has room. */
static int
add_rrd(const char *path, int64_t from, int64_t to, int64_t cycle,
    uint64_t *sums, size_t slots, struct err *err)
{
	struct arena a = ARENA_EMPTY;
	struct rrd_series s;
	int rc = rrd_channel_fetch(path, from, to + cycle, cycle,
	    (UINT32_C(1) << SUMS) - 1, &a, &s, err);
	for (size_t i = 0; rc == 0 && i < s.n; i++) {
		int64_t t = s.start + (int64_t)i * s.step;
		size_t k = slots > 1 ? (size_t)((t - from) / cycle) : 0;
		if (t < from || t > to || k >= slots)
			continue;
		for (size_t d = 0; d < SUMS; d++) {
			double v = s.values[d][i];
			/* Rates were whole numbers by the slot's length. */
			if (!isnan(v))
				sums[k * SUMS + d] +=
				    (uint64_t)llround(v * (double)s.step);
		}
	}
	arena_free(&a);
	return rc;
}

/* ---- statinfo --------------------------------------------------------------------- */

int
work_statinfo(int argc, char **argv)
{
	uint64_t sums[SUMS] = { 0 };
	struct err err;
	char range[128];
	if (argc < 6)
		return 1;
	const char *place = argv[1];
	bool is_range = argc > 6;
	int rc;
	if (place[0] == 'r') {
		rc = add_rrd(place + 1, strtoll(argv[2], NULL, 10),
		    strtoll(argv[3], NULL, 10), strtoll(argv[4], NULL, 10),
		    sums, 1, &err);
	} else {
		(void)snprintf(range, sizeof(range), "nfcapd.%.40s%s%.40s",
		    argv[5], is_range ? ":nfcapd." : "",
		    is_range ? argv[6] : "");
		rc = add_files(place + 1, range, is_range, sums);
		(void)err_set(&err, "%s",
		    is_range ? "Failed get stat info for requested time slot"
			     : "Run nfdump failed: Exit: 1, Signal: 0, "
			       "Coredump: 0");
	}
	for (size_t i = 0; rc == 0 && i < SUMS; i++)
		(void)printf("%s=%" PRIu64 "\n", rrd_ds_names[i], sums[i]);
	if (rc == 0)
		(void)puts("OK command completed");
	else
		(void)printf("ERR %s\n", err.msg);
	return 0;
}

/* ---- peek ---------------------------------------------------------------------------- */

struct peek {
	int ds;
	int64_t tinit, from, to, cycle;
	size_t slots;
	uint64_t *sums[2]; /* per slot; of '+' and '-' channels */
};

/* A slot without a file has nothing. */
static void
peek_files(const struct peek *k, const char *folder, uint64_t *sums)
{
	for (size_t i = 0; i < k->slots; i++) {
		uint64_t all[SUMS] = { 0 };
		char name[SLOT_NAME_MAX];
		(void)slot_name(k->from + (int64_t)i * k->cycle, k->cycle,
		    name);
		(void)add_files(folder, name, false, all);
		sums[i] += all[k->ds];
	}
}

static int
peek_rrd(const struct peek *k, const char *path, uint64_t *sums,
    struct err *err)
{
	struct arena a = ARENA_EMPTY;
	uint64_t *all = arena_array(&a, k->slots * SUMS, sizeof(*all));
	int rc = add_rrd(path, k->from, k->to, k->cycle, all, k->slots, err);
	for (size_t i = 0; rc == 0 && i < k->slots; i++)
		sums[i] += all[i * SUMS + (size_t)k->ds];
	arena_free(&a);
	return rc;
}

/* The largest of either sign; the middle when there is nothing. */
static void
print_peek(const struct peek *k)
{
	uint64_t most[2] = { 0, 0 };
	int64_t at[2] = { k->tinit, k->tinit };
	char iso[SLOT_NAME_MAX], other[SLOT_NAME_MAX];
	for (size_t i = 0; i < k->slots; i++) {
		int64_t t = k->from + (int64_t)i * k->cycle;
		for (int s = 0; s < 2; s++)
			if (k->sums[s][i] > most[s]) {
				most[s] = k->sums[s][i];
				at[s] = t;
			}
		(void)printf(".t= %" PRId64 " %s, Sum+: %" PRIu64
			     ", Sum-: %" PRIu64 "\n",
		    t, slot_iso(t, k->cycle, iso), k->sums[0][i],
		    k->sums[1][i]);
	}
	(void)printf(".Max+: %" PRIu64 " at %s, Max-: %" PRIu64 " at %s\n",
	    most[0], slot_iso(at[0], k->cycle, iso), most[1],
	    slot_iso(at[1], k->cycle, other));
	(void)printf("tpeek=%s\nOK command completed\n",
	    most[1] > most[0] ? other : iso);
}

int
work_peek(int argc, char **argv)
{
	struct arena a = ARENA_EMPTY;
	struct err err;
	int rc = 0;
	if (argc < 6)
		return 1;
	struct peek k = {
		.ds = (int)strtol(argv[1], NULL, 10),
		.tinit = strtoll(argv[2], NULL, 10),
		.from = strtoll(argv[3], NULL, 10),
		.to = strtoll(argv[4], NULL, 10),
		.cycle = strtoll(argv[5], NULL, 10),
	};
	if (k.ds < 0 || k.ds >= SUMS || k.cycle < 1 || k.to < k.from)
		return 1;
	k.slots = (size_t)((k.to - k.from) / k.cycle) + 1;
	for (int s = 0; s < 2; s++)
		k.sums[s] = arena_array(&a, k.slots, sizeof(**k.sums));
	for (int i = 6; rc == 0 && i < argc; i++) {
		uint64_t *sums = k.sums[argv[i][0] == '-'];
		if (argv[i][1] == 'r')
			rc = peek_rrd(&k, argv[i] + 2, sums, &err);
		else
			peek_files(&k, argv[i] + 2, sums);
	}
	if (rc == 0)
		print_peek(&k);
	else
		(void)printf("ERR %s\n", err.msg);
	arena_free(&a);
	return 0;
}
