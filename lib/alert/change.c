/* Alerts added, changed, armed, deleted. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"
#include "alert/state.h"
#include "base/file.h"
#include "profile/keyed.h"
#include "profile/ops.h"
#include "profile/tree.h"
#include "profile/txn.h"
#include "store/rrd.h"

static int
check_name(const char *name, struct err *err)
{
	if (name == NULL || name[0] == '\0')
		return err_set(err, "Missing alert name");
	if (!conf_name_ok(name, ALERT_NAME_MAX))
		return err_set(err, "Illegal characters in alert name '%s'!",
		    name);
	return 0;
}

/* ---- from a request to an alert -------------------------------------------------- */

static int
set_number(const char *text, int *to, const char *key, const char *what,
    struct err *err)
{
	char *end;
	if (text == NULL)
		return 0;
	errno = 0;
	long v = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    v > INT_MAX)
		return err_set(err, "%s '%s' not a valid %s", key, text, what);
	*to = (int)v;
	return 0;
}

static int
set_numbers(struct alert *a, const struct alert_request *r, struct err *err)
{
	if (set_number(r->type, &a->type, "type", "alert type", err) == -1 ||
	    set_number(r->trigger_type, &a->trigger_type, "type",
		"trigger type", err) == -1 ||
	    set_number(r->trigger_number, &a->trigger_number, "type",
		"trigger number", err) == -1 ||
	    set_number(r->trigger_blocks, &a->trigger_blocks, "type",
		"trigger blocks number", err) == -1)
		return -1;
	return set_number(r->action_type, &a->action_type, "action_type",
	    "alert action type", err);
}

static void
set_text(struct alert *a, const char **to, const char *text)
{
	if (text != NULL)
		*to = arena_strdup(&a->arena, text);
}

/* A new type means new conditions. */
static int
set_conditions(struct alert *a, const struct alert_request *r, struct err *err)
{
	if (r->type != NULL || r->n_conditions > 0)
		a->n_conditions = 0;
	if (r->n_conditions > ALERT_CONDITIONS_MAX)
		return err_set(err, "alert '%s': %zu conditions, at most %d",
		    a->name, r->n_conditions, ALERT_CONDITIONS_MAX);
	for (size_t i = 0; i < r->n_conditions; i++)
		set_text(a, &a->conditions[a->n_conditions++],
		    r->conditions[i]);
	return 0;
}

static int
apply(struct alert *a, const struct alert_request *r, struct err *err)
{
	if (set_numbers(a, r, err) == -1 || set_conditions(a, r, err) == -1)
		return -1;
	set_text(a, &a->status, r->status);
	set_text(a, &a->description, r->description);
	set_text(a, &a->action_email, r->action_email);
	set_text(a, &a->action_subject, r->action_subject);
	set_text(a, &a->action_system, r->action_system);
	set_text(a, &a->action_plugin, r->action_plugin);
	if (r->channellist != NULL)
		a->sources = span_names((struct span){ r->channellist,
					    strlen(r->channellist) },
		    &a->arena, &a->n_sources);
	return 0;
}

/* An alert that names no sources looks at all of them. */
static int
all_sources(const struct conf *c, struct alert *a, struct err *err)
{
	if (a->n_sources > 0)
		return 0;
	struct profile *live = profile_load(c, ".", "live", err);
	if (live == NULL)
		return -1;
	a->sources =
	    arena_array(&a->arena, live->n_channels + 1, sizeof(*a->sources));
	for (size_t i = 0; i < live->n_channels; i++)
		set_text(a, &a->sources[a->n_sources++],
		    live->channels[i].name);
	profile_free(live);
	return 0;
}

/* ---- files ----------------------------------------------------------------------- */

struct file {
	const char *name;
	const struct buf *text;
};

static int
write_files(const struct conf *c, const char *dir, const struct file *files,
    size_t n, struct err *err)
{
	char path[FILE_PATH_MAX];
	for (size_t i = 0; i < n; i++)
		if (!file_join(path, dir, files[i].name))
			return err_set(err, "%s: path too long", dir);
		else if (tree_write(c, path, files[i].text, err) == -1)
			return -1;
	return 0;
}

static int
make_rrds(const struct conf *c, const char *dir, int64_t first, struct err *err)
{
	char path[FILE_PATH_MAX];
	for (size_t i = 0; i < ALERT_VALUES; i++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "avg-%s.rrd",
		    alert_value_names[i]);
		if (!file_join(path, dir, name))
			return err_set(err, "%s: path too long", dir);
		if (rrd_alert_create(path, first, c->cycletime, err) == -1 ||
		    tree_own(c, path, err) == -1)
			return -1;
	}
	return 0;
}

struct texts {
	char filter_name[ALERT_NAME_MAX + 16];
	struct buf dat, filter, status;
};

/* Lines of a filter, each with its LF; none given: NfSen's default. */
static void
filter_text(const char *filter, struct buf *out)
{
	buf_adds(out, filter != NULL ? filter : "not any\n\n");
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
}

static void
make_texts(const struct alert *a, const struct alert_state *s,
    const char *filter, struct texts *t)
{
	(void)snprintf(t->filter_name, sizeof(t->filter_name), "%s-filter.txt",
	    a->name);
	alert_print(a, &t->dat);
	filter_text(filter, &t->filter);
	alert_state_print(a->name, s, &t->status);
}

static void
free_texts(struct texts *t)
{
	buf_free(&t->dat);
	buf_free(&t->filter);
	buf_free(&t->status);
}

/* ---- adding ---------------------------------------------------------------------- */

/* Both folders under hidden names, to appear as one. */
static int
make_folders(struct txn *x, const struct alert *a, const struct texts *t,
    int64_t first, struct err *err)
{
	char stat[FILE_PATH_MAX], data[FILE_PATH_MAX], inner[FILE_PATH_MAX];
	char new_stat[FILE_PATH_MAX], new_data[FILE_PATH_MAX];
	const struct file files[] = { { "alert.dat", &t->dat },
		{ t->filter_name, &t->filter },
		{ "alert.status", &t->status } };
	if (!alert_stat_path(x->c, a->name, NULL, stat) ||
	    !alert_data_path(x->c, a->name, data))
		return err_set(err, "alert '%s': path too long", a->name);
	*strrchr(data, '/') = '\0'; /* the folder with the folder of flows */
	if (txn_new(x, stat, new_stat, err) == -1 ||
	    tree_mkdir(x->c, new_stat, err) == -1 ||
	    write_files(x->c, new_stat, files, 3, err) == -1 ||
	    make_rrds(x->c, new_stat, first, err) == -1 ||
	    txn_new(x, data, new_data, err) == -1)
		return -1;
	if (!file_join(inner, new_data, a->name))
		return err_set(err, "%s: path too long", data);
	if (tree_mkdir(x->c, new_data, err) == -1 ||
	    tree_mkdir(x->c, inner, err) == -1 ||
	    txn_drop(x, data, err) == -1 ||
	    txn_put(x, new_data, data, err) == -1)
		return -1;
	return txn_put(x, new_stat, stat, err);
}

static int
add(const struct conf *c, struct alert *a, const struct alert_request *r,
    int64_t now, int64_t first, struct err *err)
{
	struct alert_state s;
	struct texts t = { .dat = BUF_EMPTY };
	struct txn x;
	if (apply(a, r, err) == -1 || all_sources(c, a, err) == -1 ||
	    alert_check(c, a, r->filter, err) == -1)
		return -1;
	alert_state_init(&s, alert_enabled(a), now);
	make_texts(a, &s, r->filter, &t);
	int rc = txn_begin(&x, c, err);
	if (rc == 0)
		rc = make_folders(&x, a, &t, first, err);
	if (rc == 0)
		rc = txn_commit(&x, err);
	txn_end(&x);
	free_texts(&t);
	return rc;
}

int
alert_add(const struct conf *c, const struct alert_request *r, int64_t now,
    int64_t live_end, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (check_name(r->alert, err) == -1)
		return -1;
	if (!alert_stat_path(c, r->alert, NULL, path))
		return err_set(err, "alert '%s': path too long", r->alert);
	if (file_exists(path))
		return err_set(err, "alert '%s' already exists", r->alert);
	struct alert *a = alert_new(r->alert);
	a->description = "# ";
	int rc = add(c, a, r, now, live_end, err);
	alert_free(a);
	return rc;
}

/* ---- changing -------------------------------------------------------------------- */

/* One file of an alert gets new content when the transaction is decided. */
static int
put_file(struct txn *x, const char *alert, const char *name,
    const struct buf *text, struct err *err)
{
	char path[FILE_PATH_MAX];
	char hidden[FILE_PATH_MAX];
	if (!alert_stat_path(x->c, alert, name, path))
		return err_set(err, "alert '%s': path too long", alert);
	if (txn_new(x, path, hidden, err) == -1 ||
	    tree_write(x->c, hidden, text, err) == -1)
		return -1;
	return txn_put(x, hidden, path, err);
}

static int
replace_files(const struct conf *c, const struct alert *a,
    const struct texts *t, bool filter, struct err *err)
{
	struct txn x;
	int rc = txn_begin(&x, c, err);
	if (rc == 0 && filter)
		rc = put_file(&x, a->name, t->filter_name, &t->filter, err);
	if (rc == 0)
		rc = put_file(&x, a->name, "alert.status", &t->status, err);
	if (rc == 0)
		rc = put_file(&x, a->name, "alert.dat", &t->dat, err);
	if (rc == 0)
		rc = txn_commit(&x, err);
	txn_end(&x);
	return rc;
}

/* What was measured stays; what came of it begins anew. */
static void
begin_anew(const struct alert *a, struct alert_state *s)
{
	s->trigger_status = alert_enabled(a) ? ALERT_ARMED : 0;
	s->trigger_blocks = 0;
	s->cond_cnt = 0;
	s->n_conditions = 0;
}

static int
modify(const struct conf *c, struct alert *a, const struct alert_request *r,
    struct err *err)
{
	struct alert_state s;
	struct texts t = { .dat = BUF_EMPTY };
	if (apply(a, r, err) == -1 || all_sources(c, a, err) == -1 ||
	    alert_check(c, a, r->filter, err) == -1 ||
	    alert_state_load(c, a->name, &s, err) == -1)
		return -1;
	begin_anew(a, &s);
	make_texts(a, &s, r->filter, &t);
	int rc = replace_files(c, a, &t, r->filter != NULL, err);
	free_texts(&t);
	return rc;
}

int
alert_modify(const struct conf *c, const struct alert_request *r,
    struct err *err)
{
	if (check_name(r->alert, err) == -1)
		return -1;
	struct alert *a = alert_load(c, r->alert, err);
	int rc = a != NULL ? modify(c, a, r, err) : -1;
	alert_free(a);
	return rc;
}

static int
arm(const struct conf *c, const struct alert *a, struct err *err)
{
	struct alert_state s;
	struct buf text = BUF_EMPTY;
	char path[FILE_PATH_MAX];
	if (a->trigger_type != ALERT_ONCE)
		return err_set(err,
		    "Alert '%s' trigger type %d can not be armed manually",
		    a->name, a->trigger_type);
	if (alert_state_load(c, a->name, &s, err) == -1)
		return -1;
	if (!alert_stat_path(c, a->name, "alert.status", path))
		return err_set(err, "alert '%s': path too long", a->name);
	s.trigger_status &= ALERT_ARMED;
	s.trigger_blocks = 0;
	(void)snprintf(s.trigger_info, sizeof(s.trigger_info), "0");
	alert_state_print(a->name, &s, &text);
	int rc = tree_write(c, path, &text, err);
	buf_free(&text);
	return rc;
}

int
alert_arm(const struct conf *c, const char *name, struct err *err)
{
	if (check_name(name, err) == -1)
		return -1;
	struct alert *a = alert_load(c, name, err);
	int rc = a != NULL ? arm(c, a, err) : -1;
	alert_free(a);
	return rc;
}

/* Also one whose files are damaged. */
int
alert_delete(const struct conf *c, const char *name, struct err *err)
{
	char stat[FILE_PATH_MAX], data[FILE_PATH_MAX];
	struct txn x;
	if (check_name(name, err) == -1)
		return -1;
	if (!alert_stat_path(c, name, NULL, stat) || !file_exists(stat))
		return err_set(err, "alert '%s' does not exists", name);
	if (!alert_data_path(c, name, data))
		return err_set(err, "alert '%s': path too long", name);
	*strrchr(data, '/') = '\0';
	int rc = txn_begin(&x, c, err);
	if (rc == 0)
		rc = txn_drop(&x, stat, err);
	if (rc == 0)
		rc = txn_drop(&x, data, err);
	if (rc == 0)
		rc = txn_commit(&x, err);
	txn_end(&x);
	return rc;
}
