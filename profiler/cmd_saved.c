/* Commands on saved filters and output formats. */
#include "profile/saved.h"

#include "profiler/cmd.h"

static void
finish(struct cmd *c, int rc)
{
	if (rc == -1)
		cmd_fail(c);
	else
		ctl_reply_ok(c->reply, "command completed.");
}

static void
filter_list(struct cmd *c)
{
	struct saved_list l;
	int rc = saved_filter_list(c->p->conf, &c->arena, &l, &c->err);
	for (size_t i = 0; rc == 0 && i < l.n; i++)
		ctl_reply_add_array(c->reply, "list", "%s", l.names[i]);
	finish(c, rc);
}

static void
filter_get(struct cmd *c)
{
	struct buf text = BUF_EMPTY;
	int rc =
	    saved_filter_get(c->p->conf, cmd_arg(c, "filter"), &text, &c->err);
	if (rc == 0)
		cmd_add_lines(c->reply, "filter", buf_str(&text));
	buf_free(&text);
	finish(c, rc);
}

static void
filter_add(struct cmd *c)
{
	finish(c,
	    saved_filter_add(c->p->conf, cmd_arg(c, "filtername"),
		cmd_lines(c, "filter"), cmd_flag(c, "overwrite"), &c->err));
}

static void
filter_delete(struct cmd *c)
{
	finish(c,
	    saved_filter_delete(c->p->conf, cmd_arg(c, "filtername"), &c->err));
}

/* A format that cannot be read hides only itself. */
static void
format_list(struct cmd *c)
{
	struct saved_list l;
	struct buf text = BUF_EMPTY;
	int rc = saved_format_list(c->p->conf, &c->arena, &l, &c->err);
	for (size_t i = 0; rc == 0 && i < l.n; i++) {
		buf_clear(&text);
		if (saved_format_get(c->p->conf, l.names[i], &text, NULL) == 0)
			ctl_reply_add(c->reply, l.names[i], "%s",
			    buf_str(&text));
	}
	buf_free(&text);
	finish(c, rc);
}

static void
format_add(struct cmd *c)
{
	finish(c,
	    saved_format_add(c->p->conf, cmd_arg(c, "format"),
		cmd_arg(c, "formatdef"), cmd_flag(c, "overwrite"), &c->err));
}

static void
format_delete(struct cmd *c)
{
	finish(c,
	    saved_format_delete(c->p->conf, cmd_arg(c, "format"), &c->err));
}

const struct cmd_entry cmd_saved[] = {
	{ "get-filterlist", filter_list },
	{ "get-filter", filter_get },
	{ "add-filter", filter_add },
	{ "delete-filter", filter_delete },
	{ "get-formatlist", format_list },
	{ "add-format", format_add },
	{ "delete-format", format_delete },
	{ NULL, NULL },
};
