#include "admin/books.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admin/daemon.h"
#include "admin/fields.h"

#define TRIES    5
#define PAUSE_NS 200000000

/* ---- files ---------------------------------------------------------------- */

static int
read_source(struct books *b, const char *dir, const char *source,
    struct err *err)
{
	if (source[0] == '.' ||
	    (b->source != NULL && strcmp(b->source, source) != 0))
		return 0;
	return ledger_read(dir, source, b->from, b->to, accounts_take,
	    &b->accounts, &b->bad, err);
}

int
books_files(const struct conf *c, struct books *b, struct err *err)
{
	char dir[FILE_PATH_MAX];
	if (!file_join(dir, c->profilestatdir, "live/.ledger"))
		return err_set(err, "%s: path too long", c->profilestatdir);
	DIR *d = opendir(dir);
	if (d == NULL)
		return errno == ENOENT
			   ? 0
			   : err_set(err, "%s: %s", dir, strerror(errno));
	int rc = 0;
	for (const struct dirent *e; rc == 0 && (e = readdir(d)) != NULL;)
		rc = read_source(b, dir, e->d_name, err);
	(void)closedir(d);
	return rc;
}

/* ---- the collector -------------------------------------------------------- */

static void
take_running(struct books *b, const struct ctl_result *r)
{
	struct ledger_line l;
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->data[i].key, "line") == 0 &&
		    ledger_parse(r->data[i].value, strlen(r->data[i].value),
			&l) &&
		    l.slot >= b->from && l.slot < b->to &&
		    (b->source == NULL || strcmp(b->source, l.source) == 0))
			accounts_take(&b->accounts, &l);
}

static bool
same_slot(const struct ctl_result *a, const struct ctl_result *b)
{
	const char *x = ctl_result_get(a, "slot");
	const char *y = ctl_result_get(b, "slot");
	return x != NULL && y != NULL && strcmp(x, y) == 0;
}

/*
 * The running slot's lines, the files, the status: when no slot has ended
 * on the way, each datagram was met once.  False: try again, or *rc is -1.
 */
static bool
read_all(const struct conf *c, struct books *b, int *rc, struct err *err)
{
	struct ctl_result running = { 0 };
	*rc = daemon_call(c, &daemon_collector, "ledger", NULL, &running, err);
	if (*rc == 0) {
		take_running(b, &running);
		*rc = books_files(c, b, err);
	}
	if (*rc == 0)
		*rc = daemon_call(c, &daemon_collector, "status", NULL,
		    &b->status, err);
	bool good = *rc == 0 && same_slot(&running, &b->status);
	ctl_result_free(&running);
	return good;
}

static void
start_again(struct books *b)
{
	static const struct timespec pause = { .tv_nsec = PAUSE_NS };
	accounts_free(&b->accounts);
	ctl_result_free(&b->status);
	b->status = (struct ctl_result){ 0 };
	b->bad = 0;
	(void)nanosleep(&pause, NULL);
}

/* The account that a line of the status is of. */
static bool
key_of(const char *line, struct ledger_line *l)
{
	char ip[ADDR_STRLEN];
	*l = (struct ledger_line){ 0 };
	if (!fields_word(line, "ident", l->source, sizeof(l->source)) ||
	    !fields_word(line, "ip", ip, sizeof(ip)) ||
	    !addr_parse(ip, &l->exporter))
		return false;
	if (fields_word(line, "agent", ip, sizeof(ip)))
		(void)addr_parse(ip, &l->agent);
	l->version = (uint16_t)fields_number(line, "version");
	l->id = (uint32_t)fields_number(line, "id");
	return true;
}

static void
take_status(struct books *b)
{
	struct ledger_line l;
	for (size_t i = 0; i < b->status.n; i++) {
		const struct ctl_arg *x = &b->status.data[i];
		if (strcmp(x->key, "exporter") != 0 || !key_of(x->value, &l))
			continue;
		struct ledger_sum *s = accounts_find(&b->accounts, &l);
		if (s == NULL)
			continue;
		s->last_ms = (int64_t)fields_number(x->value, "last_ms");
		s->more = x;
	}
}

int
books_open(const struct conf *c, struct books *b, struct err *err)
{
	pid_t pid;
	int rc = 0;
	b->accounts = ACCOUNTS_EMPTY;
	b->status = (struct ctl_result){ 0 };
	b->bad = 0;
	b->live = daemon_look(c, &daemon_collector, &pid) == DAEMON_UP;
	if (!b->live)
		rc = books_files(c, b, err);
	for (int i = 1;
	     b->live && !read_all(c, b, &rc, err) && rc == 0 && i < TRIES; i++)
		start_again(b);
	if (rc == -1)
		return -1;
	take_status(b);
	accounts_sort(&b->accounts);
	return 0;
}

void
books_free(struct books *b)
{
	accounts_free(&b->accounts);
	ctl_result_free(&b->status);
}

bool
books_transport(const struct ledger_sum *s, char *buf, size_t size)
{
	const struct ctl_arg *at = s->more;
	return at != NULL && fields_word(at->value, "transport", buf, size);
}

bool
books_templates(const struct ledger_sum *s, uint64_t *n)
{
	const struct ctl_arg *at = s->more;
	char word[24];
	if (at == NULL ||
	    !fields_word(at->value, "templates", word, sizeof(word)))
		return false;
	*n = fields_number(at->value, "templates");
	return true;
}

/* They follow their exporter's line. */
const char *
books_sampler(const struct books *b, const struct ledger_sum *s, size_t i)
{
	const struct ctl_arg *at = s->more;
	const struct ctl_arg *end = b->status.data + b->status.n;
	if (at == NULL)
		return NULL;
	for (at++; at < end && strcmp(at->key, "sampler") == 0; at++)
		if (i-- == 0)
			return at->value;
	return NULL;
}
