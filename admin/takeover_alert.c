/* The survey: alerts. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/takeover.h"
#include "alert/alert.h"
#include "alert/state.h"
#include "base/file.h"
#include "base/mem.h"

#define ALERT_MAX (1024 * 1024) /* bytes of a descriptor or filter */

struct look {
	struct survey *s;
	struct survey_alert *a;
	const char *where;
	const char *dir; /* PROFILESTATDIR/~name */
};

static const char *
file_of(struct look *l, const char *name)
{
	return arena_printf(&l->s->arena, "%s/%s", l->dir, name);
}

static void
descriptor(struct look *l)
{
	struct err err = { "" };
	struct alert *alert = alert_load(l->s->c, l->a->name, &err);
	l->a->status = "unreadable";
	if (alert == NULL) {
		(void)survey_find(l->s, FIND_LOST, l->where,
		    "%s: the alert is left out", err.msg);
		return;
	}
	l->a->status = arena_strdup(&l->s->arena, alert->status);
	if (!alert_enabled(alert) && strcmp(alert->status, "disabled") != 0)
		(void)survey_find(l->s, FIND_NOTE, l->where,
		    "status '%s': it is off", alert->status);
	alert_free(alert);
}

static void
state(struct look *l)
{
	struct err err = { "" };
	struct alert_state *s = mem_calloc(1, sizeof(*s));
	l->a->updated = -1;
	if (!file_exists(file_of(l, "alert.status"))) {
		(void)survey_find(l->s, FIND_LOST, l->where,
		    "alert.status is missing: averages and events begin anew");
	} else if (alert_state_load(l->s->c, l->a->name, s, &err) == -1) {
		(void)survey_find(l->s, FIND_LOST, l->where,
		    "%s: its averages and events begin anew", err.msg);
	} else {
		l->a->updated = s->updated;
		l->a->trigger_status = s->trigger_status;
		for (size_t i = 0; i < ALERT_EVENTS; i++)
			l->a->events += s->events[i] != 0;
	}
	free(s);
}

static void
filter(struct look *l)
{
	struct buf text = BUF_EMPTY;
	struct err err = { "" };
	const char *path =
	    arena_printf(&l->s->arena, "%s/%s-filter.txt", l->dir, l->a->name);
	const char *why = err.msg;
	if (file_read(path, ALERT_MAX, &text, &err) == 0)
		why = filter_trouble(l->s, path, buf_str(&text), text.len);
	if (why != NULL)
		(void)survey_find(l->s, FIND_LOST, l->where,
		    "filter: %s: the alert is left out until that is mended",
		    why);
	buf_free(&text);
}

static void
databases(struct look *l)
{
	static const char *const files[] = { "avg-flows.rrd", "avg-packets.rrd",
		"avg-bytes.rrd" };
	struct rrd_shape shape;
	rrd_shape_alert(&shape, l->s->c->cycletime);
	for (size_t i = 0; i < 3; i++) {
		struct rrd_facts f;
		const char *path = file_of(l, files[i]);
		rrd_inspect(path, &shape, &f);
		if (f.state != RRD_GOOD)
			(void)survey_find(l->s, FIND_LOST, l->where,
			    "%s: %s%s%s: the graph of its averages is missing",
			    path, rrd_state_word(f.state),
			    f.why[0] != '\0' ? ", " : "", f.why);
	}
}

static void
left_overs(struct look *l)
{
	char dir[FILE_PATH_MAX];
	struct flow_facts f;
	int n = snprintf(dir, sizeof(dir), "%s/~%s/%s", l->s->c->profiledatadir,
	    l->a->name, l->a->name);
	if (n < 0 || (size_t)n >= sizeof(dir))
		return;
	flow_look(dir, false, &l->s->arena, &f);
	if (f.missing) {
		struct finding *m = survey_find(l->s, FIND_LOST, l->where,
		    "folder %s is missing: made anew", dir);
		m->step = STEP_FOLDER;
		m->path = arena_strdup(&l->s->arena, dir);
	}
	if (f.files + f.unfinished > 0)
		(void)survey_find(l->s, FIND_NOTE, l->where,
		    "%" PRIu64
		    " flow files of an interrupted slot: NfSen removes "
		    "such",
		    f.files + f.unfinished);
}

static int
by_alert(const void *a, const void *b)
{
	const struct survey_alert *x = a, *y = b;
	return strcmp(x->name, y->name);
}

void
survey_alerts(struct survey *s)
{
	DIR *d = opendir(s->c->profilestatdir);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		if (e->d_name[0] != '~')
			continue;
		s->alerts =
		    mem_realloc(s->alerts, s->n_alerts + 1, sizeof(*s->alerts));
		s->alerts[s->n_alerts++] = (struct survey_alert){
			.name = arena_strdup(&s->arena, e->d_name + 1)
		};
	}
	if (d != NULL)
		(void)closedir(d);
	if (s->n_alerts > 0)
		qsort(s->alerts, s->n_alerts, sizeof(*s->alerts), by_alert);
	for (size_t i = 0; i < s->n_alerts; i++) {
		struct look l = { s, &s->alerts[i],
			arena_printf(&s->arena, "alert %s", s->alerts[i].name),
			arena_printf(&s->arena, "%s/~%s", s->c->profilestatdir,
			    s->alerts[i].name) };
		descriptor(&l);
		state(&l);
		filter(&l);
		databases(&l);
		left_overs(&l);
	}
}
