#include "alert/state.h"

#include <stdio.h>
#include <string.h>

#include "alert/alert.h"
#include "base/file.h"
#include "profile/storable.h"

const char *const alert_value_names[ALERT_VALUES] = { "flows", "packets",
	"bytes" };
const char *const alert_average_names[ALERT_AVERAGES] = { "avg10m", "avg30m",
	"avg1h", "avg6h", "avg12h", "avg24h" };

void
alert_state_init(struct alert_state *s, bool enabled, int64_t now)
{
	*s = (struct alert_state){ .created = now,
		.trigger_status = enabled ? ALERT_ARMED : 0 };
}

/* ---- reading ------------------------------------------------------------------ */

static int64_t
number(const struct perl_value *m, const char *key)
{
	int64_t n = 0;
	return perl_number(perl_find(m, key), &n) ? n : 0;
}

static int
small(const struct perl_value *m, const char *key)
{
	int64_t n = number(m, key);
	return n < 0 || n > 1000000 ? 0 : (int)n;
}

/* Up to max numbers of a list; the rest stays as it is. */
static size_t
numbers(const struct perl_value *list, int64_t *to, size_t max)
{
	size_t n = 0;
	if (list == NULL || list->type != PERL_LIST)
		return 0;
	for (; n < list->n && n < max; n++)
		if (!perl_number(&list->items[n], &to[n]) || to[n] < 0)
			to[n] = 0;
	return n;
}

static void
totals(const struct perl_value *m, struct alert_state *s)
{
	const struct perl_value *last = perl_find(m, "last");
	for (size_t v = 0; v < ALERT_VALUES; v++) {
		int64_t n[ALERT_SLOTS] = { 0 };
		(void)numbers(perl_find(last, alert_value_names[v]), n,
		    ALERT_SLOTS);
		for (size_t i = 0; i < ALERT_SLOTS; i++)
			s->last[v][i] = (uint64_t)n[i];
		for (size_t a = 0; a < ALERT_AVERAGES; a++) {
			int64_t avg =
			    number(perl_find(m, alert_average_names[a]),
				alert_value_names[v]);
			s->average[a][v] = avg > 0 ? (uint64_t)avg : 0;
		}
	}
}

/* A condition that was not looked at is undefined there. */
static void
conditions(const struct perl_value *list, struct alert_state *s)
{
	const size_t max = sizeof(s->conditions) / sizeof(s->conditions[0]);
	int64_t n;
	if (list == NULL || list->type != PERL_LIST)
		return;
	for (; s->n_conditions < list->n && s->n_conditions < max;
	     s->n_conditions++)
		s->conditions[s->n_conditions] =
		    perl_number(&list->items[s->n_conditions], &n) ? n != 0
								   : -1;
}

static void
read_state(const struct perl_value *m, struct alert_state *s)
{
	const struct perl_value *info = perl_find(m, "trigger_info");
	s->created = number(m, "created");
	s->updated = number(m, "updated");
	s->trigger_status = small(m, "trigger_status");
	s->trigger_blocks = small(m, "trigger_blocks");
	s->final_condition = small(m, "final_condition");
	s->cond_cnt = small(m, "cond_cnt");
	if (info != NULL && info->type == PERL_TEXT)
		(void)snprintf(s->trigger_info, sizeof(s->trigger_info), "%s",
		    info->text.s);
	else if (info != NULL && info->type == PERL_INT)
		(void)snprintf(s->trigger_info, sizeof(s->trigger_info), "%lld",
		    (long long)info->number);
	conditions(perl_find(m, "event_condition"), s);
	(void)numbers(perl_find(m, "duration"), s->duration, ALERT_SLOTS);
	(void)numbers(perl_find(m, "trigger_events"), s->events, ALERT_EVENTS);
	totals(m, s);
}

int
alert_state_load(const struct conf *c, const char *name, struct alert_state *s,
    struct err *err)
{
	char path[FILE_PATH_MAX];
	struct arena a = ARENA_EMPTY;
	alert_state_init(s, false, 0);
	if (!alert_stat_path(c, name, "alert.status", path))
		return err_set(err, "alert '%s': path too long", name);
	if (!file_exists(path))
		return 0;
	const struct perl_value *m = storable_read(path, &a, err);
	if (m != NULL)
		read_state(m, s);
	arena_free(&a);
	return m == NULL ? -1 : 0;
}

/* ---- writing ------------------------------------------------------------------ */

static void
set_list(struct arena *a, struct perl_value *m, const char *key,
    const int64_t *n, size_t count)
{
	struct perl_value *list = perl_set(a, m, key);
	list->type = PERL_LIST;
	list->n = count;
	list->items = arena_array(a, count + 1, sizeof(*list->items));
	for (size_t i = 0; i < count; i++)
		list->items[i] = n[i] < 0
				     ? (struct perl_value){ .type = PERL_UNDEF }
				     : (struct perl_value){ .type = PERL_INT,
					       .number = n[i] };
}

static struct perl_value *
set_map(struct arena *a, struct perl_value *m, const char *key)
{
	struct perl_value *v = perl_set(a, m, key);
	v->type = PERL_MAP;
	return v;
}

static void
set_totals(struct arena *a, struct perl_value *m, const struct alert_state *s)
{
	struct perl_value *last = set_map(a, m, "last");
	for (size_t v = 0; v < ALERT_VALUES; v++) {
		int64_t n[ALERT_SLOTS];
		for (size_t i = 0; i < ALERT_SLOTS; i++)
			n[i] = (int64_t)s->last[v][i];
		set_list(a, last, alert_value_names[v], n, ALERT_SLOTS);
	}
	for (size_t i = 0; i < ALERT_AVERAGES; i++) {
		struct perl_value *avg = set_map(a, m, alert_average_names[i]);
		for (size_t v = 0; v < ALERT_VALUES; v++)
			perl_set_int(a, avg, alert_value_names[v],
			    (int64_t)s->average[i][v]);
	}
}

void
alert_state_print(const char *name, const struct alert_state *s,
    struct buf *out)
{
	struct arena a = ARENA_EMPTY;
	struct perl_value *m = perl_map(&a);
	int64_t conds[sizeof(s->conditions) / sizeof(s->conditions[0])];
	perl_set_text(&a, m, "name", name);
	perl_set_int(&a, m, "version", 130);
	perl_set_int(&a, m, "enabled", 0);
	perl_set_int(&a, m, "created", s->created);
	perl_set_int(&a, m, "updated", s->updated);
	perl_set_int(&a, m, "trigger_status", s->trigger_status);
	perl_set_int(&a, m, "trigger_blocks", s->trigger_blocks);
	perl_set_text(&a, m, "trigger_info", s->trigger_info);
	perl_set_int(&a, m, "final_condition", s->final_condition);
	perl_set_int(&a, m, "cond_cnt", s->cond_cnt);
	for (size_t i = 0; i < s->n_conditions; i++)
		conds[i] = s->conditions[i];
	if (s->n_conditions > 0)
		set_list(&a, m, "event_condition", conds, s->n_conditions);
	set_list(&a, m, "duration", s->duration, ALERT_SLOTS);
	set_list(&a, m, "trigger_events", s->events, ALERT_EVENTS);
	set_totals(&a, m, s);
	storable_print(m, out);
	arena_free(&a);
}
