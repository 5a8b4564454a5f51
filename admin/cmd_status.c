/* status: NfSen's lines, then one line for every source. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/books.h"
#include "admin/daemon.h"
#include "admin/fields.h"
#include "admin/loss.h"
#include "base/proc.h"
#include "base/slot.h"
#include "conf/conf_cli.h"
#include "ledger/words.h"

/* ---- what runs ------------------------------------------------------------ */

/* The worse of two answers. */
static int
worse(int a, enum daemon_state s)
{
	if (s == DAEMON_UP)
		return a;
	return s == DAEMON_DOWN && a != EXIT_STATUS_DEAD ? EXIT_STATUS_STOPPED
							 : EXIT_STATUS_DEAD;
}

static int
print_collector(const struct conf *c, int rc)
{
	pid_t pid;
	enum daemon_state s = daemon_look(c, &daemon_collector, &pid);
	for (int port = -1; (port = bundle_next(c, port)) != -1;) {
		struct buf idents = BUF_EMPTY;
		bundle_idents(c, port, &idents);
		(void)printf("Collector for (%s) port %d", buf_str(&idents),
		    port);
		buf_free(&idents);
		bool collected = bundle_is_collected(c, port);
		if (collected)
			rc = worse(rc, s);
		if (!collected || s == DAEMON_DOWN)
			(void)printf(" is not running.\n");
		else if (s == DAEMON_UP)
			(void)printf(" is running [%ld].\n", (long)pid);
		else
			(void)printf(" died for unknown reason.\n");
	}
	return rc;
}

static int
print_profiler(const struct conf *c, int rc)
{
	pid_t pid;
	enum daemon_state s = daemon_look(c, &daemon_profiler, &pid);
	(void)printf("nfsen daemon: ");
	if (s == DAEMON_DOWN)
		(void)printf("is not running.\n");
	else
		(void)printf(" pid: [%ld] %s.\n", (long)pid,
		    s == DAEMON_UP ? "is running" : "died for unknown reason");
	return worse(rc, s);
}

/* ---- sources -------------------------------------------------------------- */

static void
print_age(uint64_t last_ms)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 -
		     (int64_t)last_ms;
	int64_t s = ms > 0 ? ms / 1000 : 0;
	if (last_ms == 0)
		(void)printf(", no datagram yet");
	else if (s < 120)
		(void)printf(", last datagram %" PRId64 " s ago", s);
	else if (s < 7200)
		(void)printf(", last datagram %" PRId64 " min ago", s / 60);
	else
		(void)printf(", last datagram %" PRId64 " h ago", s / 3600);
}

/* ", lost: 5 (3 missing in sequence, 2 malformed)" */
static void
print_loss(const struct ledger_line *l)
{
	struct buf words = BUF_EMPTY;
	ledger_words(l, &words);
	(void)printf(", lost: %" PRIu64, ledger_lost(l));
	if (words.len != 0)
		(void)printf(" (%s)", buf_str(&words));
	buf_free(&words);
}

/* The ledger outlives the collector, whose counters begin at its start. */
static void
print_day(const struct books *day, const char *ident)
{
	struct ledger_line sum = { 0 };
	for (size_t i = 0; i < day->accounts.n; i++)
		if (strcmp(day->accounts.sums[i].l.source, ident) == 0)
			ledger_sum(&sum, &day->accounts.sums[i].l);
	if (sum.n[LEDGER_FLOWS] == 0 && ledger_lost(&sum) == 0)
		return;
	(void)printf("    last day: %" PRIu64 " flows", sum.n[LEDGER_FLOWS]);
	print_loss(&sum);
	(void)printf("\n");
}

/* Why the collector does not tell of a source. */
static const char *
why_absent(const struct conf_source *s)
{
	if (s->port == 0)
		return "no collector";
	if (!source_is_collected(s))
		return "not collected: its type is not netflow";
	return "not known to the collector: run 'nfsen reconfig'";
}

static void
print_source(const struct conf_source *s, const struct ctl_result *r)
{
	const char *line = fields_find(r, "source", "ident", s->ident);
	(void)printf("Source '%s': port %u", s->ident, s->port);
	if (s->parent != NULL)
		(void)printf(" (came by itself behind '%s')", s->parent);
	if (line == NULL) {
		(void)printf(", %s\n", why_absent(s));
		return;
	}
	if (s->in.dynamic != 0) {
		(void)printf(", %" PRIu64 " of %" PRIu64
			     " sources came by themselves, %" PRIu64
			     " datagrams of others refused\n",
		    fields_number(line, "grown"),
		    fields_number(line, "dynamic"),
		    fields_number(line, "refused"));
		return;
	}
	uint64_t n = fields_number(line, "exporters");
	if (fields_number(line, "port") != s->port)
		(void)printf(" (listens on %" PRIu64 ": run 'nfsen reload')",
		    fields_number(line, "port"));
	(void)printf(", %" PRIu64 " exporter%s", n, n == 1 ? "" : "s");
	print_age(fields_number(line, "last_ms"));
	struct ledger_line sum;
	loss_of_line(line, &sum);
	(void)printf(", %" PRIu64 " flows", sum.n[LEDGER_FLOWS]);
	print_loss(&sum);
	(void)printf("\n");
}

/* Where datagrams of the source go on to. */
static void
print_repeats(const struct ctl_result *r, const char *ident)
{
	for (size_t i = 0; i < r->n; i++) {
		const char *line = r->data[i].value;
		char to[256];
		if (strcmp(r->data[i].key, "repeat") != 0 ||
		    !fields_is(line, "ident", ident) ||
		    !fields_word(line, "to", to, sizeof(to)))
			continue;
		(void)printf("    repeated to %s: %" PRIu64 " datagrams", to,
		    fields_number(line, "sent"));
		uint64_t failed = fields_number(line, "failed");
		if (failed != 0)
			(void)printf(", %" PRIu64 " not sent", failed);
		(void)printf("\n");
	}
}

/* Ends that are in order need no word. */
static void
print_streams(const struct ctl_result *r)
{
	static const char *const bad[] = { "cut", "reset", "bad_version",
		"bad_length", "tls", "slow", "idle", "crowded", "no_source" };
	const char *line = NULL;
	for (size_t i = 0; i < r->n && line == NULL; i++)
		if (strcmp(r->data[i].key, "stream") == 0)
			line = r->data[i].value;
	if (line == NULL)
		return;
	(void)printf("TCP and TLS: %" PRIu64 " connections of %" PRIu64
		     ", %" PRIu64 " messages",
	    fields_number(line, "connections"), fields_number(line, "accepted"),
	    fields_number(line, "messages"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		uint64_t n = fields_number(line, bad[i]);
		if (n != 0)
			(void)printf(", %" PRIu64 " ended: %s", n, bad[i]);
	}
	(void)printf("\n");
}

static uint64_t
scalar(const struct ctl_result *r, const char *key)
{
	const char *v = ctl_result_get(r, key);
	struct buf line = BUF_EMPTY;
	buf_printf(&line, "%s=%s", key, v != NULL ? v : "");
	uint64_t n = fields_number(buf_str(&line), key);
	buf_free(&line);
	return n;
}

/* A collector from before an upgrade does not tell. */
static void
print_limits(const struct ctl_result *r)
{
	if (ctl_result_get(r, "exporters_max") == NULL)
		return;
	(void)printf("Exporters: %" PRIu64 " of at most %" PRIu64
		     ", waiting for templates: %" PRIu64
		     " bytes of at most %" PRIu64 "\n",
	    scalar(r, "exporters"), scalar(r, "exporters_max"),
	    scalar(r, "waiting_bytes"), scalar(r, "waiting_max"));
}

static int
print_sources(const struct conf *c, int rc)
{
	struct ctl_result r;
	struct err err;
	pid_t pid;
	if (daemon_look(c, &daemon_collector, &pid) != DAEMON_UP)
		return rc;
	if (daemon_call(c, &daemon_collector, "status", NULL, &r, &err) == -1) {
		(void)admin_fail(&err);
		rc = EXIT_STATUS_UNKNOWN;
	} else {
		struct books day = { .to = (int64_t)time(NULL) };
		day.from = day.to - LEDGER_DAY;
		if (books_files(c, &day, &err) == -1)
			(void)admin_fail(&err);
		for (size_t i = 0; i < c->n_sources; i++) {
			print_source(&c->sources[i], &r);
			print_day(&day, c->sources[i].ident);
			print_repeats(&r, c->sources[i].ident);
		}
		books_free(&day);
		print_streams(&r);
		print_limits(&r);
		(void)printf("Dropped datagrams: %" PRIu64
			     " by the kernel, %" PRIu64
			     " in the queue, %" PRIu64 " of unknown senders\n",
		    scalar(&r, "kernel_drops"), scalar(&r, "queue_drops"),
		    scalar(&r, "unknown_sender"));
	}
	ctl_result_free(&r);
	return rc;
}

/* ---- profiles ------------------------------------------------------------- */

/* Neither is a USER that is not there, though nothing starts with it. */
static void
warn_of_ids(const struct conf *c)
{
	uid_t uid;
	gid_t gid;
	struct err err;
	if (proc_ids(c->user, c->wwwgroup, &uid, &gid, &err) == -1)
		(void)admin_fail(&err);
}

static int
print_profiles(const struct conf *c, int rc)
{
	struct ctl_result r;
	struct err err;
	pid_t pid;
	if (daemon_look(c, &daemon_profiler, &pid) != DAEMON_UP)
		return rc;
	if (daemon_call(c, &daemon_profiler, "get-status", NULL, &r, &err) ==
	    -1) {
		(void)admin_fail(&err);
		rc = EXIT_STATUS_UNKNOWN;
	} else {
		size_t n = 0;
		char iso[SLOT_NAME_MAX];
		uint64_t done = scalar(&r, "done");
		for (size_t i = 0; i < r.n; i++)
			n += r.data[i].array &&
			     strcmp(r.data[i].key, "profile") == 0;
		(void)printf("Profiles: %zu, ", n);
		if (done != 0)
			(void)printf("last finished slot %s, ",
			    slot_iso((int64_t)done, c->cycletime, iso));
		(void)printf("%" PRIu64 " slots behind\n",
		    scalar(&r, "behind") / (uint64_t)c->cycletime);
	}
	ctl_result_free(&r);
	return rc;
}

int
cmd_status(struct admin *a)
{
	const struct conf *c = a->c;
	/* An edited config is no reason not to tell what runs. */
	(void)admin_sources_match(a);
	warn_of_ids(c);
	(void)printf("Version nfSen: %s, nfdump: 7\nNfSen status:%s\n",
	    conf_cli_release(), c->simmode ? " Simulation mode" : "");
	int rc = print_collector(c, EXIT_OK);
	rc = print_profiler(c, rc);
	rc = print_sources(c, rc);
	return print_profiles(c, rc);
}
