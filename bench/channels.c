/*
 * channels: what channel filters cost, with the profiler's engine.
 *
 *   channels FILE SLOT <rows        rows "rrd<TAB>filter": evaluate all
 *                                   filters over FILE, store each one's
 *                                   counters of slot SLOT in its RRD
 *   channels [-v] [-r RUNS] -n N FILE...
 *                                   N made-up channels over the files;
 *                                   prints the best run and a checksum,
 *                                   -v where the time goes
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "filter/filter.h"
#include "filter/tally.h"
#include "nffile/nffile.h"
#include "store/rrd.h"

enum stage { STAGE_COMPILE, STAGE_READ, STAGE_COLUMNS, STAGE_FILTER,
	STAGE_TALLY, STAGES };
static const char *const stage_names[STAGES] = { "compile", "read",
	"columns", "filter", "tally" };

/* One channel and what it has counted. */
struct channel {
	const char *rrd;
	struct counters sum;
};

struct run {
	struct filterset *set;
	struct channel *ch;
	size_t n;
	struct counters *batch_sums;
	struct batch *batch;
	struct tally tally;
	uint64_t flows;
	double spent[STAGES];
};

static double
now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Book the time since *since to a stage. */
static void
spend(struct run *r, enum stage stage, double *since)
{
	double t = now();
	r->spent[stage] += t - *since;
	*since = t;
}

static void
die(const char *text)
{
	(void)fprintf(stderr, "channels: %s\n", text);
	exit(1);
}

static void
add_filter(struct run *r, const char *text, const char *rrd)
{
	struct filter_error fe;
	struct filter *f = filter_parse(text, strlen(text), &fe);
	if (f == NULL)
		die(fe.message);
	(void)filterset_add(r->set, f);
	filter_free(f);
	r->ch = mem_realloc(r->ch, r->n + 1, sizeof(r->ch[0]));
	r->ch[r->n++] = (struct channel){ .rrd = rrd };
}

/* ---- made-up channels -------------------------------------------------------- */

/* What sites put into channels: services, customers' nets, sizes, mixes. */
static char *
made_up(struct arena *a, unsigned i)
{
	static const unsigned ports[] = { 443, 80, 22, 25, 993, 8080, 53 };
	unsigned p = ports[i % 7], x = i / 10, n = 5 * i;
	switch (i % 10) {
	case 0:
		return arena_printf(a, "proto tcp and port %u", p + x);
	case 1:
		return arena_printf(a, "net 10.0.%u.0/24 or net 10.0.%u.0/24 "
		    "or net 10.0.%u.0/24", n % 196, (n + 1) % 196,
		    (n + 2) % 196);
	case 2:
		return arena_printf(a, "proto udp and (port %u or port 443)",
		    53 + i);
	case 3:
		return arena_printf(a, "packets > %u and bytes > %u", i + 1,
		    100 * (i + 1));
	case 4:
		return arena_printf(a, "dst port in [ 25 110 %u 993 ] and "
		    "not proto udp", 143 + i);
	case 5:
		return arena_printf(a, "src as %u or dst as %u", 1000 + i,
		    2000 + i);
	case 6:
		return arena_printf(a, "host 10.0.%u.%u or net 2001:db8::/32",
		    i % 4, i % 256);
	case 7:
		return arena_printf(a, "proto tcp and flags S and not flags "
		    "ARFPU and in if %u", i % 64);
	case 8:
		return arena_printf(a, "not (proto tcp or proto udp) and "
		    "bytes < %u", 500 + i);
	default:
		return arena_printf(a, "src net 10.0.%u.0/24 and (port 443 "
		    "or port 80)", n % 196);
	}
}

/* ---- running ------------------------------------------------------------------- */

static void
one_batch(struct run *r, double *t)
{
	filterset_eval(r->set, r->batch);
	spend(r, STAGE_FILTER, t);
	tally_begin(&r->tally, r->batch);
	tally_filters(&r->tally, r->set, TALLY_CHANNEL, r->batch_sums);
	for (size_t i = 0; i < r->n; i++)
		counters_add(&r->ch[i].sum, &r->batch_sums[i]);
	spend(r, STAGE_TALLY, t);
	r->flows += r->batch->rows;
}

static void
one_file(struct run *r, const char *path)
{
	struct nffile_reader reader;
	struct nffile_block block;
	struct err err;
	enum nffile_next next;
	double t = now();
	if (nffile_open(&reader, path, &err) == -1)
		die(err.msg);
	filterset_file(r->set, reader.ident);
	r->batch->ident = reader.ident;
	r->batch->want = filterset_columns(r->set) | TALLY_COLUMNS;
	while ((next = nffile_read(&reader, &block, &err)) == NFFILE_BLOCK) {
		spend(r, STAGE_READ, &t);
		for (size_t pos = 0; nffile_batch(&block, &pos, r->batch) != 0;) {
			spend(r, STAGE_COLUMNS, &t);
			one_batch(r, &t);
		}
	}
	if (next == NFFILE_ERROR)
		die(err.msg);
	nffile_close(&reader);
	spend(r, STAGE_READ, &t);
}

static void
run_init(struct run *r)
{
	*r = (struct run){ .set = filterset_new() };
	filterset_expander(r->set, nffile_record_flow);
	r->batch = mem_calloc(1, sizeof(*r->batch));
}

static void
run_compile(struct run *r)
{
	filterset_compile(r->set);
	r->batch_sums = mem_calloc(r->n + 1, sizeof(r->batch_sums[0]));
}

static void
run_free(struct run *r)
{
	filterset_free(r->set);
	free(r->batch);
	free(r->batch_sums);
	free(r->ch);
}

static double
total(const struct run *r)
{
	double sum = 0;
	for (int i = 0; i < STAGES; i++)
		sum += r->spent[i];
	return sum;
}

static void
report(const struct run *r, int verbose)
{
	struct counters sum = { 0 };
	for (size_t i = 0; i < r->n; i++)
		counters_add(&sum, &r->ch[i].sum);
	(void)printf("%.4f s  %zu channels  %" PRIu64 " flows  sum %" PRIu64
		     " flows %" PRIu64 " packets %" PRIu64 " bytes\n",
	    total(r), r->n, r->flows, sum.flows[0], sum.packets[0],
	    sum.bytes[0]);
	for (int i = 0; i < STAGES && verbose > 0; i++)
		(void)printf("  %-8s %.4f s\n", stage_names[i], r->spent[i]);
	if (verbose > 0)
		(void)printf("  %zu predicates, %zu nodes\n",
		    filterset_predicates(r->set), filterset_nodes(r->set));
	for (size_t i = 0; i < r->n && verbose > 1; i++)
		(void)printf("%zu\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
		    i, r->ch[i].sum.flows[0], r->ch[i].sum.packets[0],
		    r->ch[i].sum.bytes[0]);
}

static void
made_up_run(struct run *r, unsigned n, char **files)
{
	struct arena texts = ARENA_EMPTY;
	run_init(r);
	double t = now();
	for (unsigned i = 0; i < n; i++)
		add_filter(r, made_up(&texts, i), NULL);
	run_compile(r);
	spend(r, STAGE_COMPILE, &t);
	for (; *files != NULL; files++)
		one_file(r, *files);
	arena_free(&texts);
}

/* The best of some runs: the machine is not ours alone. */
static void
made_up_runs(unsigned n, int runs, int verbose, char **files)
{
	struct run best, r;
	made_up_run(&best, n, files);
	for (int i = 1; i < runs; i++) {
		made_up_run(&r, n, files);
		if (total(&r) < total(&best)) {
			struct run worse = best;
			best = r;
			r = worse;
		}
		run_free(&r);
	}
	report(&best, verbose);
	run_free(&best);
}

static void
rows_run(const char *file, int64_t slot)
{
	struct run r;
	struct arena rrds = ARENA_EMPTY;
	struct err err;
	char *line = NULL;
	size_t cap = 0;
	run_init(&r);
	while (getline(&line, &cap, stdin) > 0) {
		char *tab = strchr(line, '\t');
		if (tab == NULL)
			die("rows are rrd<TAB>filter");
		*tab = '\0';
		add_filter(&r, tab + 1, arena_strdup(&rrds, line));
	}
	free(line);
	run_compile(&r);
	one_file(&r, file);
	for (size_t i = 0; i < r.n; i++)
		if (rrd_channel_update(r.ch[i].rrd, slot, &r.ch[i].sum,
			&err) == -1)
			die(err.msg);
	arena_free(&rrds);
	run_free(&r);
}

int
main(int argc, char **argv)
{
	unsigned n = 0;
	int runs = 1, verbose = 0, opt;
	while ((opt = getopt(argc, argv, "n:r:v")) != -1) {
		if (opt == 'n')
			n = (unsigned)strtoul(optarg, NULL, 10);
		else if (opt == 'r')
			runs = (int)strtol(optarg, NULL, 10);
		else if (opt == 'v')
			verbose++;
		else
			return 2;
	}
	if (n != 0 && optind < argc)
		made_up_runs(n, runs, verbose, argv + optind);
	else if (n == 0 && argc - optind == 2)
		rows_run(argv[optind], strtoll(argv[optind + 1], NULL, 10));
	else
		die("usage: channels FILE SLOT <rows | "
		    "channels [-v] [-r RUNS] -n N FILE...");
	return 0;
}
