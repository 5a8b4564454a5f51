/*
 * top: which channels have most right now, out of the profiler's ring: once,
 * or on a terminal again every second until a signal or 'q'.
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "admin/daemon.h"
#include "base/json.h"
#include "flow/counters.h"

#define SECONDS     10
#define SECONDS_MAX 3600
#define ROWS_MAX    4096
#define SCREEN_ROWS 24 /* where the terminal does not say */
#define HEAD_ROWS   2
#define REFRESH_MS  1000
/* Long lines are cut by the terminal: a wrapped one would scroll. */
#define CLEAR "\033[?7l\033[H\033[2J"
#define LEAVE "\033[?7h"

struct row {
	const char *name; /* group/profile/channel */
	struct counters c;
};

struct table {
	struct ctl_result answer; /* names point into it */
	struct row *rows;
	size_t n;
	int64_t from, to;
	int64_t seconds;
};

/* ---- what the profiler says --------------------------------------------------------- */

/* "group/profile/channel n n ...": 15 numbers. */
static bool
read_row(char *text, struct row *row)
{
	char *at = text + strcspn(text, " ");
	uint64_t *const fields[] = { row->c.flows, row->c.packets,
		row->c.bytes };
	if (*at == '\0')
		return false;
	*at++ = '\0';
	row->name = text;
	for (int i = 0; i < 3 * CLASS_MAX; i++) {
		char *end;
		fields[i / CLASS_MAX][i % CLASS_MAX] = strtoull(at, &end, 10);
		if (end == at)
			return false;
		at = end;
	}
	return true;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;
	uint64_t n = x->c.bytes[CLASS_ALL];
	uint64_t m = y->c.bytes[CLASS_ALL];
	return n != m ? (n < m ? 1 : -1) : strcmp(x->name, y->name);
}

static int64_t
number(const struct ctl_result *r, const char *key)
{
	const char *text = ctl_result_get(r, key);
	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static void
table_free(struct table *t)
{
	free(t->rows);
	ctl_result_free(&t->answer);
}

static int
ask(const struct admin *a, struct table *t, struct err *err)
{
	char seconds[32];
	char profile[FILE_PATH_MAX];
	const char *args[] = { seconds, NULL, NULL };
	*t = (struct table){ .seconds = t->seconds };
	(void)snprintf(seconds, sizeof(seconds), "seconds=%" PRId64,
	    t->seconds);
	if (a->n_words > 0) {
		(void)snprintf(profile, sizeof(profile), "profile=%s",
		    a->words[0]);
		args[1] = profile;
	}
	if (daemon_call(a->c, &daemon_profiler, "get-ring", args, &t->answer,
		err) == -1)
		return -1;
	t->from = number(&t->answer, "from");
	t->to = number(&t->answer, "to");
	t->rows = calloc(t->answer.n + 1, sizeof(*t->rows));
	if (t->rows == NULL)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < t->answer.n && t->n < ROWS_MAX; i++)
		if (strcmp(t->answer.data[i].key, "sum") == 0 &&
		    read_row(t->answer.data[i].value, &t->rows[t->n]))
			t->n++;
	qsort(t->rows, t->n, sizeof(*t->rows), by_bytes);
	return 0;
}

/* ---- showing it ------------------------------------------------------------------------ */

/* "12.3 M", 8 characters. */
static const char *
short_rate(double v, char text[16])
{
	static const char units[] = " kMGTPE";
	size_t u = 0;
	while (v >= 999.95 && u + 2 < sizeof(units)) {
		v /= 1000;
		u++;
	}
	(void)snprintf(text, 16, "%6.1f %c", v, units[u]);
	return text;
}

static double
rate(const struct table *t, uint64_t n)
{
	return (double)n / (double)t->seconds;
}

/* Without "./", which stands for no group. */
static const char *
shown(const char *name)
{
	return strncmp(name, "./", 2) == 0 ? name + 2 : name;
}

static void
print_row(const struct table *t, const struct row *r, int width)
{
	char bits[16], packets[16], flows[16];
	(void)printf("%-*s %s %s %s ", width, shown(r->name),
	    short_rate(rate(t, r->c.bytes[CLASS_ALL]) * 8, bits),
	    short_rate(rate(t, r->c.packets[CLASS_ALL]), packets),
	    short_rate(rate(t, r->c.flows[CLASS_ALL]), flows));
	for (int i = CLASS_TCP; i < CLASS_MAX; i++) {
		uint64_t all = r->c.bytes[CLASS_ALL];
		double part =
		    all == 0 ? 0 : 100.0 * (double)r->c.bytes[i] / (double)all;
		(void)printf(" %4.0f%%", part);
	}
	(void)putchar('\n');
}

/* In at most so many lines (2 or more) below the head's. */
static void
print_table(const struct table *t, size_t most)
{
	int width = 8;
	for (size_t i = 0; i < t->n; i++)
		if ((int)strlen(shown(t->rows[i].name)) > width)
			width = (int)strlen(shown(t->rows[i].name));
	(void)printf("%-*s %8s %8s %8s   %4s  %4s  %4s  %4s\n", width,
	    "channel", "bit/s", "packet/s", "flow/s", "tcp", "udp", "icmp",
	    "other");
	size_t n = t->n > most ? most - 1 : t->n;
	for (size_t i = 0; i < n; i++)
		print_row(t, &t->rows[i], width);
	if (t->n > n)
		(void)printf("... %zu more\n", t->n - n);
}

static void
print_json(const struct table *t)
{
	struct buf b = BUF_EMPTY;
	bool first = true;
	buf_printf(&b,
	    "{\"from\":%" PRId64 ",\"to\":%" PRId64 ",\"channels\":[", t->from,
	    t->to);
	for (size_t i = 0; i < t->n; i++) {
		const struct counters *c = &t->rows[i].c;
		json_item(&b, &first);
		buf_adds(&b, "\n{\"channel\":");
		json_string(&b, t->rows[i].name);
		for (int k = 0; k < CLASS_MAX; k++)
			buf_printf(&b,
			    ",\"%s\":{\"flows\":%" PRIu64
			    ",\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64 "}",
			    counter_class_names[k], c->flows[k], c->packets[k],
			    c->bytes[k]);
		buf_addc(&b, '}');
	}
	buf_adds(&b, "\n]}\n");
	(void)fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
}

/* ---- a terminal ------------------------------------------------------------------------- */

static size_t
screen_rows(void)
{
	struct winsize w;
	int rows = SCREEN_ROWS;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 4)
		rows = w.ws_row;
	return (size_t)rows - HEAD_ROWS - 1;
}

static volatile sig_atomic_t ended;

static void
on_end(int sig)
{
	(void)sig;
	ended = 1;
}

/* A signal leaves the terminal as it was, too. */
static void
take_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	const struct sigaction sa = { .sa_handler = on_end };
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		(void)sigaction(ends[i], &sa, NULL);
}

/* A key comes at once and is not shown. */
static bool
raw_keys(struct termios *before)
{
	struct termios t;
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, before) == -1)
		return false;
	t = *before;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	return tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
}

/* True: 'q', a signal, or the terminal is gone. */
static bool
wait_key(bool keys)
{
	struct pollfd fd = { .fd = keys ? STDIN_FILENO : -1, .events = POLLIN };
	char c;
	if (poll(&fd, 1, REFRESH_MS) <= 0)
		return ended != 0;
	return read(STDIN_FILENO, &c, 1) != 1 || c == 'q' || c == 'Q';
}

static int
watch(struct admin *a, struct table *t, struct err *err)
{
	struct termios before;
	bool keys = raw_keys(&before);
	int rc = 0;
	take_signals();
	do {
		rc = ask(a, t, err);
		if (rc == 0 && !ended) {
			(void)printf(CLEAR "nfsen top: the last %" PRId64
					   " s, q ends it\n",
			    t->seconds);
			print_table(t, screen_rows());
			(void)fflush(stdout);
		}
		table_free(t);
	} while (rc == 0 && !ended && !wait_key(keys));
	(void)printf(LEAVE);
	(void)fflush(stdout);
	if (ended)
		rc = 0;
	if (keys)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
	return rc;
}

/* ---- the command ---------------------------------------------------------------------- */

static int
take_seconds(const struct admin *a, int64_t *seconds, struct err *err)
{
	char *end;
	*seconds = SECONDS;
	if (a->last == NULL)
		return 0;
	*seconds = strtoll(a->last, &end, 10);
	if (end == a->last || (*end != '\0' && strcmp(end, "s") != 0) ||
	    *seconds < 1 || *seconds > SECONDS_MAX)
		return err_set(err,
		    "--last '%s': seconds from 1 to %d are meant", a->last,
		    SECONDS_MAX);
	return 0;
}

int
cmd_top(struct admin *a)
{
	struct table t = { .n = 0 };
	struct err err;
	if (take_seconds(a, &t.seconds, &err) == -1)
		return admin_fail(&err);
	if (!a->json && isatty(STDOUT_FILENO))
		return watch(a, &t, &err) == -1 ? admin_fail(&err) : EXIT_OK;
	int rc = ask(a, &t, &err);
	if (rc == -1)
		rc = admin_fail(&err);
	else if (a->json)
		print_json(&t);
	else
		print_table(&t, SIZE_MAX);
	table_free(&t);
	return rc;
}
