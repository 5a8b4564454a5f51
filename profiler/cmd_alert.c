/* Commands on alerts. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alert/alert.h"
#include "alert/state.h"
#include "base/log.h"
#include "conf/plugins.h"
#include "profiler/cmd.h"

/* ---- what there is ------------------------------------------------------------- */

/* Local time; never when there is none.  day: with the weekday, as ctime. */
static const char *
time_text(struct cmd *c, bool day, int64_t at, const char *never)
{
	char text[64];
	time_t t = (time_t)at;
	struct tm tm;
	if (at == 0 || localtime_r(&t, &tm) == NULL)
		return never;
	size_t n =
	    day ? strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm)
		: strftime(text, sizeof(text), "%Y-%m-%d-%H:%M", &tm);
	return n > 0 ? arena_strdup(&c->arena, text) : never;
}

/* A state that cannot be read hides itself, not the alert. */
static void
load_state(struct cmd *c, const char *name, struct alert_state *s)
{
	if (alert_state_load(c->p->conf, name, s, &c->err) == -1)
		log_warnx("alert '%s': %s", name, c->err.msg);
}

static void
list_alerts(struct cmd *c)
{
	struct alert_list l;
	const char **plugins;
	if (alert_list(c->p->conf, &c->arena, &l, &c->err) == -1) {
		cmd_fail(c);
		return;
	}
	for (size_t i = 0; i < l.n; i++) {
		struct alert_state s;
		load_state(c, l.names[i], &s);
		ctl_reply_add_array(c->reply, "alertlist", "%s", l.names[i]);
		ctl_reply_add_array(c->reply, "alertstatus", "%s|%d|%s|%s",
		    l.names[i], s.trigger_status, s.trigger_info,
		    time_text(c, true, s.events[0], "never"));
	}
	size_t n = conf_plugin_names(c->p->conf, &c->arena, &plugins);
	for (size_t i = 0; i < n; i++)
		ctl_reply_add_array(c->reply, "alert_condition_plugin", "%s",
		    plugins[i]);
	for (size_t i = 0; i < n; i++)
		ctl_reply_add_array(c->reply, "alert_action_plugin", "%s",
		    plugins[i]);
	ctl_reply_ok(c->reply, "Alert Listing");
}

static void
add_definition(struct ctl_reply *r, const struct alert *a)
{
	struct buf sources = BUF_EMPTY;
	for (size_t i = 0; i < a->n_sources; i++)
		buf_printf(&sources, "%s%s", i > 0 ? "|" : "", a->sources[i]);
	cmd_add_lines(r, "description", a->description);
	ctl_reply_add(r, "name", "%s", a->name);
	ctl_reply_add(r, "status", "%s", a->status);
	ctl_reply_add(r, "version", "%d", a->version);
	ctl_reply_add(r, "type", "%d", a->type);
	ctl_reply_add(r, "trigger_type", "%d", a->trigger_type);
	ctl_reply_add(r, "trigger_number", "%d", a->trigger_number);
	ctl_reply_add(r, "trigger_blocks", "%d", a->trigger_blocks);
	ctl_reply_add(r, "channellist", "%s", buf_str(&sources));
	ctl_reply_add(r, "action_type", "%d", a->action_type);
	ctl_reply_add(r, "action_email", "%s", a->action_email);
	ctl_reply_add(r, "action_subject", "%s", a->action_subject);
	ctl_reply_add(r, "action_system", "%s", a->action_system);
	ctl_reply_add(r, "action_plugin", "%s", a->action_plugin);
	for (size_t i = 0; i < a->n_conditions; i++)
		ctl_reply_add_array(r, "condition", "%s", a->conditions[i]);
	buf_free(&sources);
}

/* The newest slot and its averages, "last_flows=80:78:80:77:83:73:69". */
static void
add_values(struct ctl_reply *r, const struct alert_state *s)
{
	static const char *const keys[] = { "last_flows", "last_packets",
		"last_bytes" };
	for (size_t v = 0; v < ALERT_VALUES; v++) {
		struct buf text = BUF_EMPTY;
		buf_printf(&text, "%" PRIu64, s->last[v][0]);
		for (size_t i = 0; i < ALERT_AVERAGES; i++)
			buf_printf(&text, ":%" PRIu64, s->average[i][v]);
		ctl_reply_add(r, keys[v], "%s", buf_str(&text));
		buf_free(&text);
	}
}

/* Results of the conditions, nothing for one that was not looked at. */
static void
add_conditions(struct ctl_reply *r, const struct alert_state *s)
{
	struct buf text = BUF_EMPTY;
	for (size_t i = 0; i < s->n_conditions; i++) {
		if (i > 0)
			buf_addc(&text, ':');
		if (s->conditions[i] >= 0)
			buf_printf(&text, "%d", s->conditions[i]);
	}
	if (s->n_conditions > 0)
		ctl_reply_add(r, "last_condition", "%s", buf_str(&text));
	buf_free(&text);
}

static void
add_state(struct cmd *c, const struct alert_state *s)
{
	struct ctl_reply *r = c->reply;
	ctl_reply_add(r, "trigger_status", "%d", s->trigger_status);
	ctl_reply_add(r, "trigger_info", "%s", s->trigger_info);
	ctl_reply_add(r, "final_condition", "%d", s->final_condition);
	ctl_reply_add(r, "blocked", "%d", s->trigger_blocks);
	ctl_reply_add(r, "updated", "%" PRId64, s->updated);
	ctl_reply_add(r, "updated_str", "%s",
	    time_text(c, false, s->updated, "Never"));
	ctl_reply_add(r, "last_trigger", "%s",
	    time_text(c, false, s->events[0], "never"));
	add_values(r, s);
	add_conditions(r, s);
}

static const char *
alert_name(struct cmd *c)
{
	const char *name = cmd_arg(c, "alert");
	if (name == NULL)
		ctl_reply_err(c->reply, "Missing alert name");
	else if (conf_name_ok(name, ALERT_NAME_MAX))
		return name;
	else
		ctl_reply_err(c->reply,
		    "Illegal characters in alert name '%s'!", name);
	return NULL;
}

static void
get_alert(struct cmd *c)
{
	struct alert_state s;
	const char *name = alert_name(c);
	if (name == NULL)
		return;
	struct alert *a = alert_load(c->p->conf, name, &c->err);
	if (a == NULL) {
		ctl_reply_err(c->reply, "Alert '%s': %s", name, c->err.msg);
		return;
	}
	load_state(c, name, &s);
	add_definition(c->reply, a);
	add_state(c, &s);
	alert_free(a);
	ctl_reply_ok(c->reply, "Command completed");
}

static void
get_filter(struct cmd *c)
{
	struct buf text = BUF_EMPTY;
	const char *name = alert_name(c);
	if (name == NULL)
		return;
	if (alert_filter_read(c->p->conf, name, &text, &c->err) == 0) {
		cmd_add_lines(c->reply, "alertfilter", buf_str(&text));
		ctl_reply_ok(c->reply, "Command completed");
	} else {
		ctl_reply_err(c->reply, "Alert filter: %s", c->err.msg);
	}
	buf_free(&text);
}

/* ---- changes ------------------------------------------------------------------- */

static void
finish(struct cmd *c, int rc, const char *text)
{
	if (rc == -1) {
		cmd_fail(c);
		return;
	}
	log_info("%s: %s: %s", c->req->command, cmd_arg(c, "alert"), text);
	ctl_reply_ok(c->reply, "%s", text);
}

static struct alert_request
request(struct cmd *c)
{
	const char **conditions =
	    arena_array(&c->arena, c->req->n + 1, sizeof(*conditions));
	struct alert_request r = { .alert = cmd_arg(c, "alert"),
		.status = cmd_arg(c, "status"),
		.type = cmd_arg(c, "type"),
		.trigger_type = cmd_arg(c, "trigger_type"),
		.trigger_number = cmd_arg(c, "trigger_number"),
		.trigger_blocks = cmd_arg(c, "trigger_blocks"),
		.channellist = cmd_arg(c, "channellist"),
		.action_type = cmd_arg(c, "action_type"),
		.action_email = cmd_arg(c, "action_email"),
		.action_subject = cmd_arg(c, "action_subject"),
		.action_system = cmd_arg(c, "action_system"),
		.action_plugin = cmd_arg(c, "action_plugin"),
		.description = cmd_lines(c, "description"),
		.filter = cmd_lines(c, "filter"),
		.conditions = conditions };
	for (size_t i = 0; i < c->req->n; i++)
		if (strcmp(c->req->args[i].key, "condition") == 0)
			conditions[r.n_conditions++] = c->req->args[i].value;
	return r;
}

/*
 * What is no list where a list is meant, and a path, which would make us
 * read any file for anybody.
 */
static bool
malformed(struct cmd *c)
{
	for (size_t i = 0; i < c->req->n; i++)
		if (strcmp(c->req->args[i].key, "condition") == 0 &&
		    !c->req->args[i].array) {
			ctl_reply_err(c->reply,
			    "'condition' is a list: send _condition");
			return true;
		}
	if (cmd_arg(c, "filterfile") == NULL)
		return false;
	ctl_reply_err(c->reply, "filterfile is not read by the daemon: send "
				"its lines as _filter");
	return true;
}

static void
add_alert(struct cmd *c)
{
	struct alert_request r = request(c);
	if (!malformed(c))
		finish(c,
		    alert_add(c->p->conf, &r, (int64_t)time(NULL),
			c->p->set->live->tend, &c->err),
		    "alert added");
}

static void
modify_alert(struct cmd *c)
{
	struct alert_request r = request(c);
	if (!malformed(c))
		finish(c, alert_modify(c->p->conf, &r, &c->err),
		    "alert modified");
}

static void
delete_alert(struct cmd *c)
{
	const char *name = cmd_arg(c, "alert");
	int rc = alert_delete(c->p->conf, name, &c->err);
	c->p->rubbish |= rc == 0;
	finish(c, rc,
	    arena_printf(&c->arena, "Alert '%s' deleted.",
		name != NULL ? name : ""));
}

static void
arm_alert(struct cmd *c)
{
	const char *name = cmd_arg(c, "alert");
	finish(c, alert_arm(c->p->conf, name, &c->err),
	    arena_printf(&c->arena, "Alert '%s' armed.",
		name != NULL ? name : ""));
}

const struct cmd_entry cmd_alert[] = {
	{ "get-alertlist", list_alerts },
	{ "get-alert", get_alert },
	{ "get-alertfilter", get_filter },
	{ "add-alert", add_alert },
	{ "modify-alert", modify_alert },
	{ "delete-alert", delete_alert },
	{ "arm-alert", arm_alert },
	{ NULL, NULL },
};
