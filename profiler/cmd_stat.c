/*
 * get-statinfo and get-peek: sums of one channel, and the slot in which
 * several have most.  What is asked is checked here; files and databases are
 * read by workers (work_stat.h).
 */
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/slot.h"
#include "profiler/cmd.h"
#include "profiler/cmd_work.h"
#include "profiler/work_stat.h"

#define PEEK_SECONDS  INT64_C(7200) /* searched through */
#define PEEK_CHANNELS 256

/* yyyymmddHHMM, '-' ignored, to the start of its slot. */
static int
parse_time(struct cmd *c, const char *text, int64_t *when)
{
	if (!slot_parse_iso(text, when) || *when < 0)
		return err_set(&c->err, "Unparsable time format '%s'!", text);
	*when = slot_start(*when, c->p->conf->cycletime);
	return 0;
}

static const char *
number(struct cmd *c, int64_t n)
{
	return arena_printf(&c->arena, "%" PRId64, n);
}

/* Where a channel's numbers are: "-r/path.rrd" in shadows, else "-f/folder". */
static const char *
place(struct cmd *c, const struct profile *p, const struct channel *ch)
{
	char path[FILE_PATH_MAX];
	bool shadow = (p->type & PROFILE_SHADOW) != 0;
	if (shadow ? profile_rrd_path(c->p->conf, p, ch->name, path)
		   : profile_data_path(c->p->conf, p->group, p->name, ch->name,
			 path))
		return arena_printf(&c->arena, "%c%s", shadow ? 'r' : 'f',
		    path);
	(void)err_set(&c->err, "channel '%s': path too long", ch->name);
	return NULL;
}

static void
start(struct cmd *c, const char *const *argv)
{
	cmd_work(c, &(struct work_plan){ .end = work_end_lines,
			.spec = { .argv = argv,
			    .worker = true,
			    .seconds = WORK_SECONDS,
			    .output_max = WORK_OUTPUT,
			    .memory_max = WORK_MEMORY } });
}

/* ---- get-statinfo -------------------------------------------------------------- */

struct stat_request {
	const char *tstart, *tend; /* as sent; tend may be NULL */
	int64_t from, to;          /* slots, both included */
	const struct channel *channel;
};

static int
check_window(struct cmd *c, const struct profile *p, struct stat_request *s)
{
	if (s->from < p->tstart)
		return err_set(&c->err, "'%s' outside profile.", s->tstart);
	if (s->from > p->tend)
		return err_set(&c->err, "'%s' beyond profile.", s->tstart);
	if (s->tend == NULL)
		return 0;
	if (s->to < s->from)
		return err_set(&c->err, "'%s' before start time '%s'", s->tend,
		    s->tstart);
	if (s->to > p->tend)
		return err_set(&c->err, "'%s' outside profile", s->tend);
	return 0;
}

static int
check_stat(struct cmd *c, const struct profile *p, const char *channel,
    struct stat_request *s)
{
	s->tstart = cmd_arg(c, "tstart");
	s->tend = cmd_arg(c, "tend");
	if (channel == NULL || channel[0] == '\0')
		return err_set(&c->err, "Missing channel name!");
	if (s->tstart == NULL)
		return err_set(&c->err, "Missing time slot.");
	if (parse_time(c, s->tstart, &s->from) == -1)
		return -1;
	s->channel = profile_find_channel(p, channel);
	if (s->channel == NULL)
		return err_set(&c->err, "channel '%s' does not exists.",
		    channel);
	s->to = s->from;
	if (s->tend != NULL && parse_time(c, s->tend, &s->to) == -1)
		return -1;
	return check_window(c, p, s);
}

/* Flow files are named by the text as it came: as NfSen. */
static void
start_stat(struct cmd *c, const struct profile *p, const struct stat_request *s)
{
	const char *where = place(c, p, s->channel);
	const char *argv[] = { WORK_STATINFO, where, number(c, s->from),
		number(c, s->to), number(c, c->p->conf->cycletime), s->tstart,
		s->tend, NULL };
	if (where == NULL)
		cmd_fail(c);
	else
		start(c, argv);
}

static void
statinfo(struct cmd *c)
{
	struct stat_request s;
	const char *channel;
	struct profile *p = cmd_load_profile(c, &channel);
	if (p == NULL)
		return;
	if (check_stat(c, p, channel, &s) == -1)
		cmd_fail(c);
	else
		start_stat(c, p, &s);
	profile_free(p);
}

/* ---- get-peek --------------------------------------------------------------------- */

struct peek_request {
	const char *places[PEEK_CHANNELS + 1]; /* sign and place each */
	size_t n;
	int64_t tinit, from, to;
	int ds; /* of rrd_ds_names */
};

static int
take_channels(struct cmd *c, const struct profile *p, struct peek_request *k)
{
	const char *list = cmd_arg(c, "channellist");
	if (list == NULL || list[0] == '\0')
		return err_set(&c->err, "channel list required.");
	while (*list != '\0') {
		size_t len = strcspn(list, "!");
		const char *name = arena_strndup(&c->arena, list, len);
		const struct channel *ch = profile_find_channel(p, name);
		if (ch == NULL)
			return err_set(&c->err,
			    "channel '%s' does not exists in profile '%s/%s'",
			    name, p->group, p->name);
		if (k->n == PEEK_CHANNELS)
			return err_set(&c->err, "more than %d channels",
			    PEEK_CHANNELS);
		const char *where = place(c, p, ch);
		if (where == NULL)
			return -1;
		k->places[k->n++] =
		    arena_printf(&c->arena, "%c%s", ch->sign, where);
		list += len + (list[len] == '!');
	}
	return 0;
}

/* "flows_any", "traffic_UDP". */
static int
take_type(struct cmd *c, struct peek_request *k)
{
	static const char *const types[] = { "flows", "packets", "traffic" };
	static const char *const protos[] = { "any", "TCP", "UDP", "ICMP",
		"other" };
	const char *text = cmd_arg(c, "type");
	if (text == NULL)
		return err_set(&c->err, "type of graph required.");
	for (int t = 0; t < 3; t++)
		for (int i = 0; i < CLASS_MAX; i++)
			if (strcmp(text, arena_printf(&c->arena, "%s_%s",
					     types[t], protos[i])) == 0) {
				k->ds = t * CLASS_MAX + i;
				return 0;
			}
	return err_set(&c->err, "type '%s' unknown.", text);
}

static int
check_peek(struct cmd *c, const struct profile *p, struct peek_request *k)
{
	const char *tinit = cmd_arg(c, "tinit");
	int64_t half = PEEK_SECONDS / 2;
	if (take_channels(c, p, k) == -1)
		return -1;
	if (tinit == NULL)
		return err_set(&c->err, "time slot required.");
	if (parse_time(c, tinit, &k->tinit) == -1 || take_type(c, k) == -1)
		return -1;
	if (k->tinit < p->tstart || k->tinit > p->tend)
		return err_set(&c->err, "time outside profile time");
	k->from = k->tinit - half > p->tstart ? k->tinit - half : p->tstart;
	k->to =
	    k->from + PEEK_SECONDS < p->tend ? k->from + PEEK_SECONDS : p->tend;
	return 0;
}

static void
peek(struct cmd *c)
{
	struct peek_request k = { .n = 0 };
	struct profile *p = cmd_load_profile(c, NULL);
	if (p == NULL)
		return;
	if (check_peek(c, p, &k) == -1)
		cmd_fail(c);
	else {
		const char *argv[PEEK_CHANNELS + 8] = { WORK_PEEK,
			number(c, k.ds), number(c, k.tinit), number(c, k.from),
			number(c, k.to), number(c, c->p->conf->cycletime) };
		memcpy(argv + 6, k.places, k.n * sizeof(k.places[0]));
		start(c, argv);
	}
	profile_free(p);
}

const struct cmd_entry cmd_stat[] = {
	{ "get-statinfo", statinfo },
	{ "get-peek", peek },
	{ NULL, NULL },
};
