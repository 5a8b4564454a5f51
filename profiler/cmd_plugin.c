/*
 * Commands that call programs of plugins (plugin.h).  They are started by the
 * runner, as guests: in a sandbox, with limits of time, memory and output.
 */
#include "profiler/cmd_plugin.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "alert/alert.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/slot.h"
#include "conf/plugins.h"
#include "profiler/cmd_work.h"
#include "profiler/plugin.h"

#define RUNS_MAX ((RUNNER_ARGS_MAX - 1) / PLUGIN_RUN_ARGS)

/* What is called, for its end. */
struct call {
	bool raw; /* bytes for a client that asked with '@' */
	char plugin[CONF_NAME_MAX + 1];
	char function[CONF_NAME_MAX + 1];
};

static void
start(struct cmd *c, const char *const *argv, struct buf *input,
    struct call *call,
    void (*end)(const struct work_end *e, struct ctl_reply *reply))
{
	plugin_end_args(input);
	log_debug("plugin %s: %s", call->plugin, argv[1]);
	cmd_work(c, &(struct work_plan){ .end = end,
			.note = call,
			.spec = { .argv = argv,
			    .input = input->data,
			    .input_len = input->len,
			    .seconds = PLUGIN_SECONDS,
			    .output_max = PLUGIN_OUTPUT_MAX,
			    .memory_max = WORK_MEMORY,
			    .may_write = true,
			    .guest = true } });
	buf_free(input);
}

static struct call *
new_call(const struct cmd *c, const char *plugin, const char *function)
{
	struct call *call = mem_calloc(1, sizeof(*call));
	call->raw = c->req->binary;
	(void)snprintf(call->plugin, sizeof(call->plugin), "%s", plugin);
	(void)snprintf(call->function, sizeof(call->function), "%s", function);
	return call;
}

/* It did its work; else the reply says why not. */
static bool
went_well(const struct work_end *e, struct ctl_reply *reply)
{
	const struct call *call = e->note;
	struct ctl_reply why = { 0 };
	if (work_failed(e, &why))
		ctl_reply_err(reply,
		    "Plugin: Error while running plugin '%s': %s", call->plugin,
		    buf_str(&why.status) + strlen("ERR "));
	else if (WEXITSTATUS(e->status) != 0 && e->len == 0)
		ctl_reply_err(reply,
		    "Plugin: Error while running plugin '%s': exit status %d",
		    call->plugin, WEXITSTATUS(e->status));
	else
		return true;
	ctl_reply_free(&why);
	return false;
}

static bool
has_no_such(const struct work_end *e)
{
	return e->how == RUNNER_ENDED && WIFEXITED(e->status) &&
	       WEXITSTATUS(e->status) == PLUGIN_NO_SUCH;
}

/* ---- <plugin>::<function> ------------------------------------------------------- */

static void
no_command(const char *plugin, const char *function, struct ctl_reply *reply)
{
	ctl_reply_err(reply, "Plugin '%s' command unknown: '%s'", plugin,
	    function);
}

static void
end_command(const struct work_end *e, struct ctl_reply *reply)
{
	const struct call *call = e->note;
	struct buf status = BUF_EMPTY;
	if (has_no_such(e))
		no_command(call->plugin, call->function, reply);
	else if (!went_well(e, reply))
		; /* the reply says so */
	else if (call->raw) {
		buf_add(&reply->data, e->out, e->len);
	} else {
		plugin_answer(e->out, e->len, reply, &status);
		const char *s = buf_str(&status);
		if (strncmp(s, "OK", 2) == 0)
			ctl_reply_ok(reply, "%s", s[2] != '\0' ? s + 3 : "");
		else if (strncmp(s, "ALERT ", 6) == 0)
			ctl_reply_alert(reply, "%s", s + 6);
		else if (strncmp(s, "ERR ", 4) == 0)
			ctl_reply_err(reply, "%s", s + 4);
		else
			ctl_reply_err(reply,
			    "Plugin: Error while running plugin '%s': "
			    "no status line",
			    call->plugin);
	}
	reply->raw = call->raw;
	buf_free(&status);
}

static void
start_command(struct cmd *c, const char *path, const char *name,
    const char *function)
{
	struct buf input = BUF_EMPTY;
	for (size_t i = 0; i < c->req->n; i++) {
		const struct ctl_arg *a = &c->req->args[i];
		if (a->array)
			plugin_add_element(&input, a->key, a->value);
		else
			plugin_add_arg(&input, a->key, a->value);
	}
	start(c, (const char *[]){ path, "command", function, NULL }, &input,
	    new_call(c, name, function), end_command);
}

void
cmd_plugin_call(struct cmd *c)
{
	char path[FILE_PATH_MAX];
	const char *colons = strstr(c->req->command, "::");
	const char *name = arena_strndup(&c->arena, c->req->command,
	    (size_t)(colons - c->req->command));
	const char *function = colons + 2;
	if (!conf_plugin_program(c->p->conf, name, path))
		ctl_reply_err(c->reply, "Plugin '%s' unknown", name);
	else if (!conf_name_ok(function, CONF_NAME_MAX))
		no_command(name, function, c->reply);
	else
		start_command(c, path, name, function);
}

/* ---- alerts ----------------------------------------------------------------------- */

static void
end_condition(const struct work_end *e, struct ctl_reply *reply)
{
	const struct call *call = e->note;
	struct ctl_reply said = { 0 };
	struct buf status = BUF_EMPTY;
	if (has_no_such(e))
		ctl_reply_err(reply,
		    "Plugin '%s' does not exists or has no alert condition "
		    "function",
		    call->plugin);
	else if (went_well(e, reply)) {
		plugin_answer(e->out, e->len, &said, &status);
		const char *v = strstr(buf_str(&said.data), "condition=");
		bool first =
		    v == buf_str(&said.data) || (v != NULL && v[-1] == '\n');
		if (strncmp(buf_str(&status), "OK", 2) == 0 && first) {
			v += strlen("condition=");
			ctl_reply_add(reply, "condition", "%.*s",
			    (int)strcspn(v, "\n"), v);
			ctl_reply_ok(reply, "command completed");
		} else
			ctl_reply_err(reply,
			    "Plugin: Error while running plugin '%s': %s",
			    call->plugin,
			    status.len != 0 ? buf_str(&status)
					    : "no status line");
	}
	ctl_reply_free(&said);
	buf_free(&status);
}

static void
end_action(const struct work_end *e, struct ctl_reply *reply)
{
	const struct call *call = e->note;
	struct ctl_reply said = { 0 };
	struct buf status = BUF_EMPTY;
	if (has_no_such(e))
		ctl_reply_err(reply,
		    "Plugin '%s' does not exists or has no alert action "
		    "function",
		    call->plugin);
	else if (went_well(e, reply)) {
		plugin_answer(e->out, e->len, &said, &status);
		if (strncmp(buf_str(&status), "ERR", 3) == 0)
			ctl_reply_err(reply,
			    "Plugin: Error while running plugin '%s': %s",
			    call->plugin, buf_str(&status));
		else
			ctl_reply_ok(reply, "command completed");
	}
	ctl_reply_free(&said);
	buf_free(&status);
}

/* The alert that is named and there; NULL: ERR is answered, NfSen's. */
static const char *
alert_name(struct cmd *c)
{
	char path[FILE_PATH_MAX];
	const char *name = cmd_arg(c, "alert");
	if (name == NULL)
		ctl_reply_err(c->reply, "Missing alert name");
	else if (conf_name_ok(name, ALERT_NAME_MAX) &&
		 alert_stat_path(c->p->conf, name, "alert.dat", path) &&
		 file_exists(path))
		return name;
	else
		ctl_reply_err(c->reply,
		    "Illegal characters in alert name '%s'!", name);
	return NULL;
}

/* A file of ours: a plugin is not sent to read anybody's. */
static const char *
alert_file(struct cmd *c)
{
	const char *path = cmd_arg(c, "alertfile");
	if (path == NULL)
		ctl_reply_err(c->reply, "Missing alert flow file");
	else if (file_stays(path) &&
		 file_is_below(path, c->p->conf->profiledatadir) &&
		 file_exists(path))
		return path;
	else
		ctl_reply_err(c->reply, "alert flow file '%s' does not exists!",
		    path);
	return NULL;
}

/* The plugin's name and program, and the slot; false: ERR is answered. */
static bool
plugin_and_slot(struct cmd *c, const char *what, const char **name, char *path)
{
	int64_t when;
	const char *slot = cmd_arg(c, "timeslot");
	*name = cmd_arg(c, "plugin");
	if (*name == NULL)
		ctl_reply_err(c->reply, "Missing plugin name");
	else if (slot == NULL)
		ctl_reply_err(c->reply, "Missing timeslot");
	else if (!conf_plugin_program(c->p->conf, *name, path))
		ctl_reply_err(c->reply,
		    "Plugin '%s' does not exists or has no alert %s function",
		    *name, what);
	else if (!slot_parse_iso(slot, &when))
		ctl_reply_err(c->reply, "Not a valid timeslot '%s'!", slot);
	else
		return true;
	return false;
}

static void
condition(struct cmd *c)
{
	char path[FILE_PATH_MAX];
	const char *alert = alert_name(c);
	const char *file = alert != NULL ? alert_file(c) : NULL, *plugin;
	if (file == NULL || !plugin_and_slot(c, "condition", &plugin, path))
		return;
	struct buf input = BUF_EMPTY;
	plugin_add_arg(&input, "alert", alert);
	plugin_add_arg(&input, "alertfile", file);
	plugin_add_arg(&input, "timeslot", cmd_arg(c, "timeslot"));
	start(c, (const char *[]){ path, "condition", NULL }, &input,
	    new_call(c, plugin, "condition"), end_condition);
}

static void
action(struct cmd *c)
{
	char path[FILE_PATH_MAX];
	const char *alert = alert_name(c), *plugin;
	if (alert == NULL || !plugin_and_slot(c, "action", &plugin, path))
		return;
	struct buf input = BUF_EMPTY;
	plugin_add_arg(&input, "alert", alert);
	plugin_add_arg(&input, "timeslot", cmd_arg(c, "timeslot"));
	start(c, (const char *[]){ path, "action", NULL }, &input,
	    new_call(c, plugin, "action"), end_action);
}

/* ---- runs of a slot ----------------------------------------------------------------- */

/* argv of the worker. */
struct runs {
	const char *v[1 + RUNS_MAX * PLUGIN_RUN_ARGS + 1];
	size_t n;
};

static void
end_runs(const struct work_end *e, struct ctl_reply *reply)
{
	const char *line = e->out, *end = e->out + e->len;
	while (line < end) {
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((lf != NULL ? lf : end) - line);
		log_warnx("plugins: %.*s", (int)(n < 500 ? n : 500), line);
		line += n + 1;
	}
	if (!work_failed(e, reply))
		ctl_reply_ok(reply, "command completed.");
}

static int
add_run(struct cmd *c, const char *plugin, const char *const place[3],
    struct runs *r)
{
	char path[FILE_PATH_MAX];
	if (!conf_plugin_program(c->p->conf, plugin, path)) {
		log_debug("plugin %s: no program", plugin);
		return 0;
	}
	if (r->n + PLUGIN_RUN_ARGS >= sizeof(r->v) / sizeof(r->v[0]))
		return err_set(&c->err, "more than %d runs of plugins",
		    RUNS_MAX);
	r->v[r->n++] = arena_strdup(&c->arena, path);
	for (size_t i = 0; i < 3; i++)
		r->v[r->n++] = place[i];
	return 0;
}

/* "group:profile:timeslot", for every plugin that wants that profile. */
static int
add_runs(struct cmd *c, const char *text, struct runs *r)
{
	const struct conf_plugin *list;
	const char *place[3];
	char *copy = arena_strdup(&c->arena, text), *rest = NULL;
	int64_t when;
	for (size_t i = 0; i < 3; i++)
		place[i] = strtok_r(i == 0 ? copy : NULL, ":", &rest);
	if (place[2] == NULL || rest == NULL || *rest != '\0' ||
	    (strcmp(place[0], ".") != 0 &&
		!conf_name_ok(place[0], CONF_NAME_MAX)) ||
	    !conf_name_ok(place[1], CONF_NAME_MAX) ||
	    !slot_parse_iso(place[2], &when))
		return err_set(&c->err, "'%s' is no group:profile:timeslot",
		    text);
	size_t n = conf_plugins(c->p->conf, &c->arena, &list);
	for (size_t i = 0; i < n; i++)
		if (conf_plugin_wants(&list[i], place[0], place[1]) &&
		    add_run(c, list[i].name, place, r) == -1)
			return -1;
	return 0;
}

static void
start_runs(struct cmd *c, struct runs *r)
{
	r->v[0] = PLUGIN_RUN;
	r->v[r->n] = NULL;
	if (r->n == 1)
		ctl_reply_ok(c->reply, "command completed.");
	else
		cmd_work(c, &(struct work_plan){ .end = end_runs,
				.spec = { .argv = r->v,
				    .worker = true,
				    .with_errors = true,
				    .seconds = PLUGIN_RUN_SECONDS,
				    .output_max = PLUGIN_OUTPUT_MAX,
				    .memory_max = WORK_MEMORY,
				    .may_write = true,
				    .guest = true } });
}

static void
run_plugins(struct cmd *c)
{
	struct runs r = { .n = 1 };
	bool any = false;
	for (size_t i = 0; i < c->req->n; i++) {
		const struct ctl_arg *a = &c->req->args[i];
		if (strcmp(a->key, "plugins") != 0)
			continue;
		any = true;
		if (!a->array) {
			ctl_reply_err(c->reply,
			    "argument vector array required, not a scalar.");
			return;
		}
		if (add_runs(c, a->value, &r) == -1) {
			cmd_fail(c);
			return;
		}
	}
	if (!any)
		ctl_reply_note(c->reply, "nothing to do");
	start_runs(c, &r);
}

/* One plugin by hand, whatever profiles it is there for: testPlugin. */
static void
run_plugin(struct cmd *c)
{
	struct runs r = { .n = 1 };
	struct profile_id id;
	char path[FILE_PATH_MAX];
	const char *name = cmd_arg(c, "plugin");
	const char *slot = cmd_arg(c, "timeslot");
	int64_t when;
	if (name == NULL)
		ctl_reply_err(c->reply, "Missing plugin name");
	else if (!conf_plugin_program(c->p->conf, name, path))
		ctl_reply_err(c->reply, "Plugin '%s' unknown", name);
	else if (slot == NULL || !slot_parse_iso(slot, &when))
		ctl_reply_err(c->reply, "Not a valid timeslot '%s'!",
		    slot != NULL ? slot : "");
	else if (ops_find_profile(c->p->conf, &c->ops, &c->arena, &id,
		     &c->err) == -1 ||
		 add_run(c, name, (const char *[]){ id.group, id.name, slot },
		     &r) == -1)
		cmd_fail(c);
	else
		start_runs(c, &r);
}

const struct cmd_entry cmd_plugin[] = {
	{ "run-plugins", run_plugins },
	{ "run-plugin", run_plugin },
	{ "get-alertcondition", condition },
	{ "run-alertaction", action },
	{ NULL, NULL },
};
