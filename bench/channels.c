/*
 * channels: what channel filters cost, with the profiler's engine.
 *
 *   channels [-j THREADS] FILE SLOT <rows
 *       rows "rrd<TAB>filter": evaluate all filters over FILE, store each
 *       one's counters of slot SLOT in its RRD
 *   channels [-v] [-j THREADS] [-r RUNS] -n N FILE...
 *       N made-up channels over the files; prints the best run's seconds and
 *       sums to check, -v where the time goes, -vv each channel
 *   channels [-v] [-j THREADS] [-r RUNS] -d FILE...
 *       only read and unpack the files: the limit of everything else
 *
 * Threads, one per processor if not told otherwise, share the blocks.
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
#include "scan/scan.h"
#include "store/rrd.h"

enum stage {
	STAGE_COMPILE,
	STAGE_READ, /* and unpack */
	STAGE_COLUMNS,
	STAGE_FILTER,
	STAGE_TALLY,
	STAGES
};
static const char *const stage_names[STAGES] = { "compile", "read", "columns",
	"filter", "tally" };

struct channel {
	const char *rrd;
	const char *filter;
	struct counters sum;
};

struct job {
	struct arena arena;
	struct channel *ch;
	size_t n;
	char **files;
	unsigned threads;
	bool stages; /* take the time of each */
	uint64_t flows;
	uint64_t bytes; /* unpacked */
	size_t predicates, nodes;
	double seconds;
	double spent[STAGES]; /* of all threads together, CPU */
};

struct worker {
	const struct job *job;
	struct filterset *set;
	struct batch *batch;
	struct tally tally;
	struct counters *batch_sums;
	struct counters *sums;
	uint64_t flows;
	double since; /* CPU seconds of the thread booked so far */
	double spent[STAGES];
};

static double
seconds_of(clockid_t clock)
{
	struct timespec t;
	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Book the thread's time since the last call to a stage. */
static void
spend(struct worker *w, enum stage stage)
{
	if (!w->job->stages)
		return;
	double t = seconds_of(CLOCK_THREAD_CPUTIME_ID);
	w->spent[stage] += t - w->since;
	w->since = t;
}

static void
die(const char *text)
{
	(void)fprintf(stderr, "channels: %s\n", text);
	exit(1);
}

/* ---- one thread ---------------------------------------------------------------- */

static void
add_filter(struct filterset *set, const char *text)
{
	struct filter_error fe;
	struct filter *f = filter_parse(text, strlen(text), &fe);
	if (f == NULL)
		die(fe.message);
	(void)filterset_add(set, f);
	filter_free(f);
}

static void *
make(void *ctx)
{
	const struct job *j = ctx;
	struct worker *w = mem_calloc(1, sizeof(*w));
	w->job = j;
	w->since = seconds_of(CLOCK_THREAD_CPUTIME_ID);
	w->set = filterset_new();
	for (size_t i = 0; i < j->n; i++)
		add_filter(w->set, j->ch[i].filter);
	filterset_compile(w->set);
	filterset_expander(w->set, nffile_record_flow);
	w->batch = mem_calloc(1, sizeof(*w->batch));
	w->sums = mem_calloc(j->n + 1, sizeof(w->sums[0]));
	w->batch_sums = mem_calloc(j->n + 1, sizeof(w->batch_sums[0]));
	spend(w, STAGE_COMPILE);
	return w;
}

static void
drop(void *worker)
{
	struct worker *w = worker;
	filterset_free(w->set);
	free(w->batch);
	free(w->batch_sums);
	free(w->sums);
	free(w);
}

static void
enter(void *worker, const struct scan_file *f)
{
	struct worker *w = worker;
	filterset_file(w->set, f->ident);
	w->batch->ident = f->ident;
	w->batch->want = filterset_columns(w->set) | TALLY_COLUMNS;
}

static void
one_batch(struct worker *w)
{
	filterset_eval(w->set, w->batch);
	spend(w, STAGE_FILTER);
	tally_begin(&w->tally, w->batch);
	tally_filters(&w->tally, w->set, TALLY_CHANNEL, w->batch_sums);
	for (size_t i = 0; i < w->job->n; i++)
		counters_add(&w->sums[i], &w->batch_sums[i]);
	spend(w, STAGE_TALLY);
	w->flows += w->batch->rows;
}

static void
block(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	spend(w, STAGE_READ);
	for (size_t pos = 0; nffile_batch(b->data, &pos, w->batch) != 0;) {
		spend(w, STAGE_COLUMNS);
		one_batch(w);
	}
}

/* Reading and unpacking alone. */
static void
block_read(void *worker, const struct scan_block *b)
{
	struct worker *w = worker;
	w->flows += b->data->records;
	spend(w, STAGE_READ);
}

static void
complain(void *ctx, const struct scan_file *f, const char *text)
{
	(void)ctx;
	(void)f;
	die(text);
}

/* ---- the job ------------------------------------------------------------------- */

static void
collect(struct job *j, const struct worker *w)
{
	for (size_t i = 0; i < j->n; i++)
		counters_add(&j->ch[i].sum, &w->sums[i]);
	for (int i = 0; i < STAGES; i++)
		j->spent[i] += w->spent[i];
	j->flows += w->flows;
	j->predicates = filterset_predicates(w->set);
	j->nodes = filterset_nodes(w->set);
}

static void
run(struct job *j)
{
	struct scan_counts c = { 0 };
	struct scan_input *in;
	size_t n = 0;
	double t = seconds_of(CLOCK_MONOTONIC);
	const struct scan_job scan = { .ctx = j,
		.threads = j->threads,
		.make = make,
		.drop = drop,
		.enter = enter,
		.block = j->n != 0 ? block : block_read,
		.complain = complain };
	while (j->files[n] != NULL)
		n++;
	in = mem_calloc(n + 1, sizeof(in[0]));
	for (size_t i = 0; i < n; i++)
		in[i].path = j->files[i];
	struct scanner *s = scanner_new(&scan);
	(void)scanner_run(s, in, n, &c);
	j->threads = scanner_threads(s);
	j->bytes = c.bytes;
	for (unsigned i = 0; i < j->threads; i++)
		if (scanner_worker(s, i) != NULL)
			collect(j, scanner_worker(s, i));
	scanner_free(s);
	free(in);
	j->seconds = seconds_of(CLOCK_MONOTONIC) - t;
}

static void
add_channel(struct job *j, const char *rrd, const char *filter)
{
	j->ch = mem_realloc(j->ch, j->n + 1, sizeof(j->ch[0]));
	j->ch[j->n++] = (struct channel){ .rrd = rrd, .filter = filter };
}

static void
job_free(struct job *j)
{
	arena_free(&j->arena);
	free(j->ch);
}

/* ---- made-up channels ------------------------------------------------------------ */

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
		return arena_printf(a,
		    "net 10.0.%u.0/24 or net 10.0.%u.0/24 "
		    "or net 10.0.%u.0/24",
		    n % 196, (n + 1) % 196, (n + 2) % 196);
	case 2:
		return arena_printf(a, "proto udp and (port %u or port 443)",
		    53 + i);
	case 3:
		return arena_printf(a, "packets > %u and bytes > %u", i + 1,
		    100 * (i + 1));
	case 4:
		return arena_printf(a,
		    "dst port in [ 25 110 %u 993 ] and "
		    "not proto udp",
		    143 + i);
	case 5:
		return arena_printf(a, "src as %u or dst as %u", 1000 + i,
		    2000 + i);
	case 6:
		return arena_printf(a, "host 10.0.%u.%u or net 2001:db8::/32",
		    i % 4, i % 256);
	case 7:
		return arena_printf(a,
		    "proto tcp and flags S and not flags "
		    "ARFPU and in if %u",
		    i % 64);
	case 8:
		return arena_printf(a,
		    "not (proto tcp or proto udp) and "
		    "bytes < %u",
		    500 + i);
	default:
		return arena_printf(a,
		    "src net 10.0.%u.0/24 and (port 443 "
		    "or port 80)",
		    n % 196);
	}
}

static void
report(const struct job *j, int verbose)
{
	struct counters sum = { 0 };
	for (size_t i = 0; i < j->n; i++)
		counters_add(&sum, &j->ch[i].sum);
	(void)printf("%.4f s  %zu channels  %" PRIu64 " flows  sum %" PRIu64
		     " flows %" PRIu64 " packets %" PRIu64 " bytes\n",
	    j->seconds, j->n, j->flows, sum.flows[0], sum.packets[0],
	    sum.bytes[0]);
	for (int i = 0; i < STAGES && verbose > 0; i++)
		(void)printf("  %-8s %.4f s CPU, %.1f ns per flow\n",
		    stage_names[i], j->spent[i],
		    j->spent[i] * 1e9 / (double)j->flows);
	if (verbose > 0)
		(void)printf("  %u threads, %zu predicates, %zu nodes, "
			     "%.1f bytes per flow unpacked\n",
		    j->threads, j->predicates, j->nodes,
		    (double)j->bytes / (double)j->flows);
	for (size_t i = 0; i < j->n && verbose > 1; i++)
		(void)printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
		    j->ch[i].filter, j->ch[i].sum.flows[0],
		    j->ch[i].sum.packets[0], j->ch[i].sum.bytes[0]);
}

static struct job
made_up_job(unsigned n, char **files, unsigned threads, bool stages)
{
	struct job j = { .files = files, .threads = threads, .stages = stages };
	for (unsigned i = 0; i < n; i++)
		add_channel(&j, NULL, made_up(&j.arena, i));
	run(&j);
	return j;
}

/* The best of some runs: the machine is not ours alone. */
static void
made_up_jobs(unsigned n, int runs, int verbose, char **files, unsigned threads)
{
	struct job best = made_up_job(n, files, threads, verbose > 0);
	for (int i = 1; i < runs; i++) {
		struct job j = made_up_job(n, files, threads, verbose > 0);
		struct job *worse = j.seconds < best.seconds ? &best : &j;
		job_free(worse);
		if (worse == &best)
			best = j;
	}
	report(&best, verbose);
	job_free(&best);
}

/* ---- rows ------------------------------------------------------------------------ */

static void
read_rows(struct job *j)
{
	char *line = NULL;
	size_t cap = 0;
	while (getline(&line, &cap, stdin) > 0) {
		char *tab = strchr(line, '\t');
		if (tab == NULL)
			die("rows are rrd<TAB>filter");
		*tab = '\0';
		add_channel(j, arena_strdup(&j->arena, line),
		    arena_strdup(&j->arena, tab + 1));
	}
	free(line);
}

static void
rows_job(char *file, int64_t slot, unsigned threads)
{
	char *files[] = { file, NULL };
	struct job j = { .files = files, .threads = threads };
	struct err err;
	read_rows(&j);
	run(&j);
	for (size_t i = 0; i < j.n; i++)
		if (rrd_channel_update(j.ch[i].rrd, slot, &j.ch[i].sum, &err) ==
		    -1)
			die(err.msg);
	job_free(&j);
}

static int
usage(void)
{
	(void)fprintf(stderr,
	    "usage: channels [-j THREADS] FILE SLOT <rows | "
	    "channels [-v] [-j THREADS] [-r RUNS] {-d | -n N} FILE...\n");
	return 2;
}

int
main(int argc, char **argv)
{
	unsigned n = 0, threads = 0;
	int runs = 1, verbose = 0, opt;
	bool unpack = false;
	while ((opt = getopt(argc, argv, "dj:n:r:v")) != -1) {
		if (opt == 'd')
			unpack = true;
		else if (opt == 'j')
			threads = (unsigned)strtoul(optarg, NULL, 10);
		else if (opt == 'n')
			n = (unsigned)strtoul(optarg, NULL, 10);
		else if (opt == 'r')
			runs = (int)strtol(optarg, NULL, 10);
		else if (opt == 'v')
			verbose++;
		else
			return usage();
	}
	if ((n != 0 || unpack) && optind < argc)
		made_up_jobs(unpack ? 0 : n, runs, verbose, argv + optind,
		    threads);
	else if (n == 0 && !unpack && argc - optind == 2)
		rows_job(argv[optind], strtoll(argv[optind + 1], NULL, 10),
		    threads);
	else
		return usage();
	return 0;
}
