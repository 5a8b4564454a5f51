/*
 * Commands that answer with pictures.  They are drawn or fetched by workers
 * (work_graph.h); overviews when they are asked for and not every slot.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alert/state.h"
#include "base/file.h"
#include "base/log.h"
#include "profiler/cmd.h"
#include "profiler/cmd_work.h"
#include "profiler/work_graph.h"
#include "profiler/work_lookup.h"

#define SIDE_MAX     4000 /* pixels of a plot */
#define CHANNELS_MAX 200  /* in one picture */
#define CHANNEL_ARGS 4
#define DETAILS_ARGS 13

static const char *const types[] = { "flows", "packets", "traffic" };
static const char *const protos[] = { "any", "TCP", "UDP", "ICMP", "other" };

/* ---- the picture comes ------------------------------------------------------------ */

/* "OK LF bytes" or "ERR text LF bytes"; bytes that show an error are sent. */
static void
end_picture(const struct work_end *e, struct ctl_reply *reply)
{
	const char *lf = memchr(e->out, '\n', e->len);
	reply->raw = true;
	if (work_failed(e, reply))
		return;
	if (lf == NULL) {
		ctl_reply_err(reply, "no picture came");
		return;
	}
	size_t head = (size_t)(lf - e->out) + 1;
	if (strncmp(e->out, "ERR ", 4) == 0) {
		log_warnx("picture: %.*s", (int)head - 5, e->out + 4);
		if (head == e->len)
			ctl_reply_err(reply, "%.*s", (int)head - 5, e->out + 4);
	}
	buf_add(&reply->data, lf + 1, e->len - head);
}

static void
start(struct cmd *c, const char *const *argv, bool keeps)
{
	cmd_work(c, &(struct work_plan){ .end = end_picture,
			.spec = { .argv = argv,
			    .worker = true,
			    .seconds = WORK_SECONDS,
			    .output_max = WORK_OUTPUT,
			    .memory_max = WORK_MEMORY,
			    .may_write = keeps } });
}

/* ---- what they have in common ------------------------------------------------------- */

static const char *
number(struct cmd *c, int64_t n)
{
	return arena_printf(&c->arena, "%" PRId64, n);
}

static int
which(const char *text, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	return -1;
}

struct vector {
	const char *v[24 + CHANNELS_MAX * CHANNEL_ARGS];
	size_t n;
};

static void
put(struct vector *a, const char *text)
{
	a->v[a->n++] = text;
}

static int
put_channel(struct cmd *c, struct vector *a, const struct profile *p,
    const struct channel *ch)
{
	char path[FILE_PATH_MAX];
	if (a->n + CHANNEL_ARGS >= sizeof(a->v) / sizeof(a->v[0]))
		return err_set(&c->err, "more than %d channels", CHANNELS_MAX);
	if (!profile_rrd_path(c->p->conf, p, ch->name, path))
		return err_set(&c->err, "channel '%s': path too long",
		    ch->name);
	put(a, ch->sign == '-' ? "-" : "+");
	put(a, ch->color[0] == '#' ? ch->color : "#abcdef");
	put(a, ch->name);
	put(a, arena_strdup(&c->arena, path));
	return 0;
}

/* ---- overviews -------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int64_t span;    /* seconds */
	int64_t max_age; /* a picture may be so old although there is news */
} periods[] = {
	{ "day", 86400, 0 },
	{ "week", 604800, 1800 },
	{ "month", 2592000, 7200 },
	{ "year", 31536000, 86400 },
};

/* "flows-day.png": these are all there is. */
static int
overview_of(const char *picture, int *type)
{
	const char *dash = strchr(picture, '-');
	for (*type = 0; dash != NULL && *type < 3; ++*type) {
		size_t n = strlen(types[*type]);
		if (n != (size_t)(dash - picture) ||
		    memcmp(types[*type], picture, n) != 0)
			continue;
		for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]);
		     i++) {
			size_t k = strlen(periods[i].name);
			if (strncmp(dash + 1, periods[i].name, k) == 0 &&
			    strcmp(dash + 1 + k, ".png") == 0)
				return (int)i;
		}
	}
	return -1;
}

static int
put_channels(struct cmd *c, struct vector *a, const struct profile *p)
{
	size_t *order =
	    arena_array(&c->arena, p->n_channels + 1, sizeof(*order));
	int rc = 0;
	profile_draw_order(p, order);
	/* From the base of each stack up. */
	for (size_t i = p->n_channels; rc == 0 && i-- > 0;)
		if (p->channels[order[i]].sign != '-')
			rc = put_channel(c, a, p, &p->channels[order[i]]);
	for (size_t i = 0; rc == 0 && i < p->n_channels; i++)
		if (p->channels[order[i]].sign == '-')
			rc = put_channel(c, a, p, &p->channels[order[i]]);
	return rc;
}

static int
start_overview(struct cmd *c, const struct profile *p, const char *picture)
{
	struct vector a = { .n = 0 };
	char file[FILE_PATH_MAX];
	int type;
	int i = overview_of(picture, &type);
	if (i == -1 || strcmp(p->status, "new") == 0 ||
	    !profile_stat_path(c->p->conf, p->group, p->name, picture, file))
		return err_set(&c->err, "picture '%s' does not exists.",
		    picture);
	put(&a, WORK_OVERVIEW);
	put(&a, number(c, type));
	put(&a, number(c, p->updated - periods[i].span));
	put(&a, number(c, p->updated));
	put(&a, number(c, c->p->conf->cycletime));
	put(&a, number(c, periods[i].max_age));
	put(&a, arena_strdup(&c->arena, file));
	if (put_channels(c, &a, p) == -1)
		return -1;
	put(&a, NULL);
	start(c, a.v, true);
	return 0;
}

static void
picture(struct cmd *c)
{
	const char *name = cmd_arg(c, "picture");
	struct profile *p = cmd_load_profile(c, NULL);
	if (p == NULL)
		return;
	if (name == NULL)
		ctl_reply_err(c->reply, "picture required.");
	else if (start_overview(c, p, name) == -1)
		cmd_fail(c);
	profile_free(p);
}

/* ---- pictures of plugins ------------------------------------------------------------------ */

static void
any_picture(struct cmd *c)
{
	const char *name = cmd_arg(c, "picture");
	const char *root = cmd_setting(c, "$PICDIR");
	if (root == NULL)
		root = cmd_setting(c, "$BACKEND_PLUGINDIR");
	if (name == NULL || name[0] == '\0')
		ctl_reply_err(c->reply, "picture required.");
	else if (name[0] == '/' || !file_stays(name))
		ctl_reply_err(c->reply, "invalid picture path.");
	else if (root == NULL)
		ctl_reply_err(c->reply, "picture does not exists.");
	else
		start(c, (const char *[]){ WORK_FILE, root, name, NULL },
		    false);
}

/* ---- details --------------------------------------------------------------------------------- */

/* The values of the `arg` list; how many. */
static size_t
take_list(const struct cmd *c, const char **v, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < c->req->n && n < max; i++)
		if (strcmp(c->req->args[i].key, "arg") == 0 &&
		    c->req->args[i].array)
			v[n++] = c->req->args[i].value;
	return n;
}

static bool
is_number(const char *text, int64_t max)
{
	char *end;
	if (text[0] < '0' || text[0] > '9' || strlen(text) > 15)
		return false;
	int64_t n = strtoll(text, &end, 10);
	return *end == '\0' && n <= max;
}

static int
check_details(struct cmd *c, const char *const *v)
{
	static const int64_t max[DETAILS_ARGS] = { 0, 0, 0, UINT32_MAX,
		UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, SIDE_MAX,
		SIDE_MAX, 1, 1, 1 };
	if (which(v[1], protos, CLASS_MAX) == -1)
		return err_set(&c->err, "argument 2: no protocol: '%s'", v[1]);
	if (which(v[2], types, 3) == -1)
		return err_set(&c->err, "argument 3: no type: '%s'", v[2]);
	for (int i = 3; i < DETAILS_ARGS; i++)
		if (!is_number(v[i], max[i]))
			return err_set(&c->err,
			    "argument %d: '%s' is no number up to %" PRId64,
			    i + 1, v[i], max[i]);
	if (strtoll(v[8], NULL, 10) < 10 || strtoll(v[9], NULL, 10) < 10)
		return err_set(&c->err, "arguments 9, 10: too small a picture");
	if (strtoll(v[5], NULL, 10) <= strtoll(v[4], NULL, 10))
		return err_set(&c->err,
		    "arguments 5, 6: no time between "
		    "'%s' and '%s'",
		    v[4], v[5]);
	return 0;
}

/* Is `name` one of "a:b:c"? */
static bool
is_listed(const char *list, const char *name)
{
	size_t n = strlen(name);
	while (*list != '\0') {
		size_t k = strcspn(list, ":");
		if (k == n && memcmp(list, name, n) == 0)
			return true;
		list += k + (list[k] == ':');
	}
	return false;
}

/*
 * The channels asked for, in the profile's order.  One that is not there has
 * no database, so what is drawn is the picture of an error: pages show that.
 */
static int
choose(struct cmd *c, const char *list, struct profile *p)
{
	const struct profile all = *p;
	size_t room = all.n_channels + 1;
	p->channels = arena_array(&c->arena, room, sizeof(*p->channels));
	p->n_channels = 0;
	for (size_t i = 0; i < all.n_channels; i++)
		if (is_listed(list, all.channels[i].name))
			p->channels[p->n_channels++] = all.channels[i];
	while (*list != '\0') {
		size_t k = strcspn(list, ":");
		const char *name = arena_strndup(&c->arena, list, k);
		if (!conf_channel_name_ok(name))
			return err_set(&c->err, "channel '%s' does not exists.",
			    name);
		if (profile_find_channel(&all, name) == NULL) {
			p->channels[0] = (struct channel){ .name = name,
				.sign = '+',
				.color = "" };
			p->n_channels = 1;
			return 0;
		}
		list += k + (list[k] == ':');
	}
	return 0;
}

static int
start_details(struct cmd *c, const struct profile *p)
{
	const char *v[DETAILS_ARGS + 1];
	struct vector a = { .n = 0 };
	struct profile chosen = *p;
	if (take_list(c, v, DETAILS_ARGS + 1) != DETAILS_ARGS)
		return err_set(&c->err, "details argument list required.");
	if (check_details(c, v) == -1 || choose(c, v[0], &chosen) == -1)
		return -1;
	put(&a, WORK_DETAILS);
	put(&a, number(c, which(v[2], types, 3)));
	put(&a, number(c, which(v[1], protos, CLASS_MAX)));
	for (int i = 3; i < 7; i++)
		put(&a, v[i]);
	for (int i = 8; i < DETAILS_ARGS; i++)
		put(&a, v[i]);
	put(&a, number(c, c->p->conf->cycletime));
	put(&a, arena_printf(&c->arena, "%s/icons",
		    c->p->conf->htmldir != NULL ? c->p->conf->htmldir : ""));
	if (put_channels(c, &a, &chosen) == -1)
		return -1;
	put(&a, NULL);
	start(c, a.v, false);
	return 0;
}

static void
details(struct cmd *c)
{
	struct profile *p = cmd_load_profile(c, NULL);
	if (p == NULL)
		return;
	if (start_details(c, p) == -1)
		cmd_fail(c);
	profile_free(p);
}

/* ---- alerts -------------------------------------------------------------------------------------- */

static int
alert_file(struct cmd *c, const char *alert, int type, char *path)
{
	static const char *const files[] = { "avg-flows.rrd", "avg-packets.rrd",
		"avg-bytes.rrd" };
	char dir[FILE_PATH_MAX];
	if (!conf_name_ok(alert, CONF_NAME_MAX))
		return err_set(&c->err,
		    "Illegal characters in alert name '%s'!", alert);
	if (!file_join(dir, c->p->conf->profilestatdir,
		arena_printf(&c->arena, "~%s", alert)) ||
	    !file_exists(dir) || !file_join(path, dir, files[type]))
		return err_set(&c->err, "alert '%s' does not exists", alert);
	return 0;
}

/* With a rule for each time that it fired; without a state there are none. */
static void
start_alert_graph(struct cmd *c, const char *alert, const char *const *v,
    const char *path)
{
	struct alert_state state;
	struct vector a = { .n = 0 };
	put(&a, WORK_ALERTGRAPH);
	for (int i = 0; i < 3; i++)
		put(&a, v[i]);
	put(&a, path);
	if (alert_state_load(c->p->conf, alert, &state, &c->err) == 0)
		for (size_t i = 0; i < ALERT_EVENTS; i++)
			if (state.events[i] > 0)
				put(&a, number(c, state.events[i]));
	put(&a, NULL);
	start(c, a.v, false);
}

static int
start_alert(struct cmd *c)
{
	const char *v[4];
	char path[FILE_PATH_MAX];
	const char *alert = cmd_arg(c, "alert");
	if (alert == NULL || alert[0] == '\0')
		return err_set(&c->err, "Missing alert name");
	if (alert_file(c, alert, 0, path) == -1)
		return -1;
	if (take_list(c, v, 4) != 3)
		return err_set(&c->err, "details argument list required.");
	if (!is_number(v[0], 2) || !is_number(v[1], UINT32_MAX) ||
	    !is_number(v[2], UINT32_MAX) ||
	    strtoll(v[2], NULL, 10) <= strtoll(v[1], NULL, 10))
		return err_set(&c->err,
		    "arguments '%s', '%s', '%s': type 0..2, start, end", v[0],
		    v[1], v[2]);
	if (alert_file(c, alert, (int)strtol(v[0], NULL, 10), path) == -1)
		return -1;
	start_alert_graph(c, alert, v, path);
	return 0;
}

static void
alert_graph(struct cmd *c)
{
	if (start_alert(c) == -1)
		cmd_fail(c);
}

/* ---- look-ups ---------------------------------------------------------------------------------- */

/* A piece of a page: also what is wrong is told in it. */
static void
lookup(struct cmd *c)
{
	char address[LOOKUP_MAX];
	const char *text = cmd_arg(c, "lookup");
	c->reply->raw = true;
	if (text == NULL)
		buf_adds(&c->reply->data,
		    "<h3>Missing lookup parameter</h3>\n");
	else if (!lookup_address(text, address))
		buf_adds(&c->reply->data, "Can not decode IP address<br>");
	else
		start(c,
		    (const char *[]){ WORK_LOOKUP, address,
			cmd_setting(c, "$WHOISSERVER"), NULL },
		    false);
}

const struct cmd_entry cmd_picture[] = {
	{ "lookup", lookup },
	{ "get-picture", picture },
	{ "get-anypicture", any_picture },
	{ "get-detailsgraph", details },
	{ "get-alertgraph", alert_graph },
	{ NULL, NULL },
};
