#include "fcgi/sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ctl/ctl.h"

#define ASK_MS 300 /* a page does not wait longer than this */

/* The number after "key=" in "a=1 b=2", 0 when it is not there. */
static int64_t
number(const char *text, const char *key)
{
	size_t n = strlen(key);
	for (const char *s = text; s != NULL; s = strchr(s, ' ')) {
		while (*s == ' ')
			s++;
		if (strncmp(s, key, n) == 0 && s[n] == '=')
			return strtoll(s + n + 1, NULL, 10);
	}
	return 0;
}

static int64_t
scalar(const struct ctl_result *r, const char *key)
{
	const char *v = ctl_result_get(r, key);
	return v != NULL ? strtoll(v, NULL, 10) : 0;
}

static struct source_health
health(const char *text, struct arena *a)
{
	struct source_health h = {
		.port = number(text, "port"),
		.exporters = number(text, "exporters"),
		.last_ms = number(text, "last_ms"),
		.datagrams = number(text, "datagrams"),
		.flows = number(text, "flows"),
		.lost = number(text, "sequence_lost"),
		.no_template = number(text, "no_template"),
		.malformed = number(text, "malformed"),
		.unwritten = number(text, "unwritten"),
	};
	const char *ident = strstr(text, "ident=");
	ident = ident != NULL ? ident + 6 : "";
	h.ident = arena_strndup(a, ident, strcspn(ident, " "));
	return h;
}

/* One "status" of the daemon behind path; NULL or why there is none. */
static const char *
ask(const char *path, struct arena *a, struct ctl_result *r)
{
	struct ctl_client client;
	struct err err;
	if (ctl_connect(&client, path, ASK_MS, &err) == -1)
		return arena_strdup(a, err.msg);
	int rc = ctl_call(&client, "status", NULL, r, &err);
	ctl_close(&client);
	if (rc == -1)
		return arena_strdup(a, err.msg);
	if (ctl_status_ok(r))
		return NULL;
	const char *why = arena_strdup(a, r->status);
	ctl_result_free(r);
	return why;
}

void
sources_ask(const struct conf *c, struct arena *a, struct sources *s)
{
	struct ctl_result r = { 0 };
	char path[FILE_PATH_MAX];
	*s = (struct sources){ 0 };
	(void)file_join(path, c->piddir, "nfsen-collector.ctl");
	s->why = ask(path, a, &r);
	s->running = s->why == NULL;
	if (!s->running)
		return;
	s->kernel_drops = scalar(&r, "kernel_drops");
	s->queue_drops = scalar(&r, "queue_drops");
	s->list = arena_array(a, r.n, sizeof(*s->list));
	for (size_t i = 0; i < r.n; i++)
		if (strcmp(r.data[i].key, "source") == 0)
			s->list[s->n++] = health(r.data[i].value, a);
	ctl_result_free(&r);
}

void
profiler_ask(const struct conf *c, struct arena *a, struct profiler_health *p)
{
	struct ctl_result r = { 0 };
	*p = (struct profiler_health){ 0 };
	p->why = ask(c->commsocket, a, &r);
	p->running = p->why == NULL;
	if (!p->running)
		return;
	p->done = scalar(&r, "done");
	p->behind = scalar(&r, "behind");
	ctl_result_free(&r);
}
