#include "profiler/ctl.h"

#include <string.h>

#include "conf/value.h"
#include "profiler/cmd.h"
#include "profiler/cmd_plugin.h"

/* ---- what commands share ---------------------------------------------------- */

const char *
cmd_setting(const struct cmd *c, const char *name)
{
	const struct value *v = value_get(c->p->conf->vars, name);
	return v != NULL && v->type == VALUE_SCALAR ? v->text : NULL;
}

void
cmd_fail(struct cmd *c)
{
	ctl_reply_err(c->reply, "%s", c->err.msg);
}

const char *
cmd_arg(const struct cmd *c, const char *key)
{
	return ctl_arg(c->req, key);
}

bool
cmd_flag(const struct cmd *c, const char *key)
{
	const char *v = cmd_arg(c, key);
	return v != NULL && v[0] != '\0' && strcmp(v, "0") != 0;
}

const char *
cmd_lines(struct cmd *c, const char *key)
{
	struct buf text = BUF_EMPTY;
	bool any = false;
	for (size_t i = 0; i < c->req->n; i++) {
		if (strcmp(c->req->args[i].key, key) != 0)
			continue;
		if (any)
			buf_addc(&text, '\n');
		any = true;
		buf_adds(&text, c->req->args[i].value);
	}
	const char *r = any ? arena_strdup(&c->arena, buf_str(&text)) : NULL;
	buf_free(&text);
	return r;
}

struct profile *
cmd_load_profile(struct cmd *c, const char **channel)
{
	struct profile_id id;
	struct profile *p = NULL;
	int rc = channel != NULL ? ops_find_channel(c->p->conf, &c->ops,
				       &c->arena, &id, channel, &c->err)
				 : ops_find_profile(c->p->conf, &c->ops,
				       &c->arena, &id, &c->err);
	if (rc == 0)
		p = ops_load(c->p->conf, &id, &c->err);
	if (p == NULL)
		cmd_fail(c);
	return p;
}

void
cmd_add_lines(struct ctl_reply *reply, const char *key, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		ctl_reply_add_array(reply, key, "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

/* ---- dispatch ---------------------------------------------------------------- */

static const struct cmd_entry *const themes[] = {
	cmd_daemon,
	cmd_get,
	cmd_profile,
	cmd_build,
	cmd_saved,
	cmd_query,
	cmd_stat,
	cmd_ring,
	cmd_alert,
	cmd_picture,
	cmd_plugin,
	cmd_internal,
};

static const struct cmd_entry *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(themes) / sizeof(themes[0]); i++)
		for (const struct cmd_entry *e = themes[i]; e->name != NULL;
		     e++)
			if (strcmp(e->name, name) == 0)
				return e;
	return NULL;
}

bool
profiler_knows(void *ctx, const char *command)
{
	(void)ctx;
	return find(command) != NULL || strstr(command, "::") != NULL;
}

/* These have one value; as a list nobody could say which counts. */
static bool
is_scalar(const char *key)
{
	static const char *const keys[] = { "profile", "profilegroup",
		"channel", "tstart", "tend", "expire", "maxsize", "shadow",
		"locked", "status", "newgroup", "profile_type", "colour",
		"color", "sign", "order", "sourcelist", "force", "all",
		"filtername", "format", "formatdef", "overwrite", "args",
		"and_filter", "srcselector", "type", "channellist", "tinit",
		"picture", "from", "to", "seconds", "lookup", "flag", "alert",
		"alertfile", "plugin", "timeslot", "filterfile", "trigger_type",
		"trigger_number", "trigger_blocks", "action_type",
		"action_email", "action_subject", "action_system",
		"action_plugin" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static bool
take_args(struct cmd *c)
{
	for (size_t i = 0; i < c->req->n; i++) {
		const struct ctl_arg *a = &c->req->args[i];
		if (a->array && is_scalar(a->key)) {
			ctl_reply_err(c->reply,
			    "'%s' has one value and is no list", a->key);
			return false;
		}
		(void)ops_set(&c->ops, a->key, a->value);
	}
	return true;
}

void
profiler_command(void *ctx, const struct ctl_request *req,
    struct ctl_reply *reply)
{
	struct cmd c = { .p = ctx,
		.req = req,
		.reply = reply,
		.ops = OPS_REQUEST };
	const struct cmd_entry *e = find(req->command);
	if (e == NULL && strstr(req->command, "::") != NULL)
		cmd_plugin_call(&c);
	else if (e == NULL)
		ctl_reply_err(reply, "Command unknown: '%s'", req->command);
	else if (take_args(&c))
		e->run(&c);
	ops_request_free(&c.ops);
	arena_free(&c.arena);
}
