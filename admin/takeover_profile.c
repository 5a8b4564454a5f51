/* The survey: a profile and its channels. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/takeover.h"
#include "base/file.h"
#include "store/rrdxml.h"

#define FILTER_MAX (1024 * 1024) /* bytes */

static const char *
channel_name(struct survey *s, const struct survey_profile *p,
    const char *channel)
{
	return arena_printf(&s->arena, "%s: %s", survey_name(s, &p->id),
	    channel);
}

/* "2026-11-23 03:00", local time. */
static const char *
when(struct survey *s, int64_t slot)
{
	char iso[SLOT_NAME_MAX];
	(void)slot_iso(slot, s->c->cycletime, iso);
	return arena_printf(&s->arena, "%.4s-%.2s-%.2s %.2s:%.2s", iso, iso + 4,
	    iso + 6, iso + 8, iso + 10);
}

/* ---- databases ------------------------------------------------------------------- */

static void
step_rrd(struct survey *s, struct finding *f, enum step_kind step,
    const struct survey_profile *p, const char *channel, const char *path,
    const char *aside)
{
	f->step = step;
	f->id = p->id;
	f->channel = channel;
	f->path = arena_strdup(&s->arena, path);
	f->aside = aside;
}

static const char *
said(struct survey *s, bool damaged, const char *word)
{
	return damaged ? arena_printf(&s->arena, "kept as .%s", word) : "";
}

/* A dump beside it comes first; then what the flow files tell. */
static void
replace_rrd(struct survey *s, struct survey_profile *p,
    struct survey_channel *ch, const char *path)
{
	static const char *const asides[] = { [RRD_EMPTY] = "damaged",
		[RRD_FOREIGN] = "foreign",
		[RRD_DAMAGED] = "damaged",
		[RRD_ODD] = "odd" };
	char dump[FILE_PATH_MAX];
	struct rrd_shape shape;
	struct err err = { "" };
	const char *where = channel_name(s, p, ch->name);
	bool damaged = ch->rrd.state != RRD_MISSING;
	const char *aside = damaged ? asides[ch->rrd.state] : NULL;
	bool has_dump = (size_t)snprintf(dump, sizeof(dump), "%s.xml", path) <
			    sizeof(dump) &&
			file_exists(dump);
	rrd_shape_channel(&shape, s->c->cycletime);
	if (has_dump && rrdxml_check(dump, &shape, &err) == 0) {
		step_rrd(s,
		    survey_find(s, FIND_DO, where,
			"database %s%s%s: made from its dump %s; the old one "
			"%s",
			rrd_state_word(ch->rrd.state), damaged ? ", " : "",
			ch->rrd.why, dump, said(s, damaged, aside)),
		    STEP_RESTORE, p, ch->name, path, aside);
		return;
	}
	if (has_dump)
		(void)survey_find(s, FIND_STOP, where, "dump: %s", err.msg);
	enum finding_kind kind =
	    ch->rrd.state == RRD_FOREIGN || ch->rrd.state == RRD_ODD
		? FIND_STOP
		: FIND_LOST;
	const char *advice =
	    ch->rrd.state == RRD_FOREIGN
		? "run 'rrdtool dump FILE >FILE.xml' where it was written and "
		  "put that beside it, or use --force: "
	    : kind == FIND_STOP ? "with --force: "
				: "";
	step_rrd(s,
	    survey_find(s, kind, where,
		"%s: %s%s%s; %sa new one is filled from %" PRIu64
		" flow files%s%s",
		path, rrd_state_word(ch->rrd.state), damaged ? ", " : "",
		ch->rrd.why, advice, ch->flows.files,
		damaged ? ", this one " : "", said(s, damaged, aside)),
	    STEP_NEWRRD, p, ch->name, path, aside);
}

static void
judge_rrd(struct survey *s, struct survey_profile *p, struct survey_channel *ch)
{
	char path[FILE_PATH_MAX];
	struct rrd_shape shape;
	rrd_shape_channel(&shape, s->c->cycletime);
	if (!profile_rrd_path(s->c, p->p, ch->name, path))
		return;
	rrd_inspect(path, &shape, &ch->rrd);
	if (ch->rrd.state != RRD_GOOD)
		replace_rrd(s, p, ch, path);
	else if (p->p->updated > 0 && ch->rrd.last > p->p->updated)
		(void)survey_find(s, FIND_NOTE, channel_name(s, p, ch->name),
		    "its database has %s already, the profile only %s: goes on "
		    "behind it",
		    when(s, ch->rrd.last), when(s, p->p->updated));
}

/* ---- flow files --------------------------------------------------------------------- */

static void
open_files(struct survey *s, const struct survey_profile *p,
    const struct survey_channel *ch)
{
	const char *where = channel_name(s, p, ch->name);
	bool live = p->p->type == PROFILE_LIVE;
	for (size_t i = 0; i < ch->flows.n_left; i++) {
		struct finding *f = survey_find(s, live ? FIND_DO : FIND_NOTE,
		    where, "%s was left open: %s", ch->flows.left[i],
		    live ? "completed under its slot's name"
			 : "left where it is");
		if (!live)
			continue;
		f->step = STEP_FINISH;
		f->id = p->id;
		f->channel = ch->name;
		f->path = ch->flows.left[i];
	}
	if (ch->flows.unfinished > 0)
		(void)survey_find(s, FIND_NOTE, where,
		    "%" PRIu64
		    " nfprofile.<pid> of an interrupted run: removed "
		    "at the start, their slots are profiled again",
		    ch->flows.unfinished);
}

static void
judge_flows(struct survey *s, struct survey_profile *p,
    struct survey_channel *ch, const char *dir)
{
	const struct flow_facts *f = &ch->flows;
	const char *where = channel_name(s, p, ch->name);
	if (f->missing) {
		struct finding *m = survey_find(s,
		    (p->p->type & PROFILE_SHADOW) != 0 ? FIND_DO : FIND_LOST,
		    where, "folder %s is missing: made anew", dir);
		m->step = STEP_FOLDER;
		m->path = arena_strdup(&s->arena, dir);
	}
	if (f->empty > 0)
		(void)survey_find(s, FIND_LOST, where,
		    "%" PRIu64 " flow files without a byte: their slots are "
		    "lost, the files stay",
		    f->empty);
	if (f->by_version[0] > f->empty)
		(void)survey_find(s, FIND_LOST, where,
		    "%" PRIu64
		    " files are no flow files, the first is %s: they "
		    "stay where they are",
		    f->by_version[0] - f->empty, f->bad);
	if (f->others > 0)
		(void)survey_find(s, FIND_NOTE, where,
		    "%" PRIu64 " other files or folders, the first is %s: left "
		    "alone",
		    f->others, f->other);
	open_files(s, p, ch);
}

/* Sizes on disk differ where a tree was copied; numbers and times may not. */
static void
judge_nfstat(struct survey *s, struct survey_profile *p,
    struct survey_channel *ch, const char *dir)
{
	struct err err = { "" };
	const struct flow_facts *f = &ch->flows;
	if ((p->p->type & PROFILE_SHADOW) != 0 || f->missing)
		return;
	ch->has_stat = nfstat_read(dir, &ch->stat, &err) == 0;
	bool wrong = ch->has_stat &&
		     (ch->stat.numfiles != f->files ||
			 ch->stat.size != f->bytes || ch->stat.last != f->last);
	if ((!ch->has_stat && f->files == 0) || (ch->has_stat && !wrong))
		return;
	struct finding *d = survey_find(s, FIND_DO,
	    channel_name(s, p, ch->name),
	    ".nfstat %s: counted anew, %" PRIu64 " files, %" PRIu64 " bytes",
	    ch->has_stat ? "is not true" : "is missing", f->files, f->bytes);
	d->step = STEP_NFSTAT;
	d->id = p->id;
	d->channel = ch->name;
	d->path = arena_strdup(&s->arena, dir);
}

/* ---- channels ------------------------------------------------------------------------- */

static void
judge_filter(struct survey *s, struct survey_profile *p,
    struct survey_channel *ch)
{
	char path[FILE_PATH_MAX], file[CONF_CHANNEL_MAX + 256];
	struct buf text = BUF_EMPTY;
	struct err err = { "" };
	const char *where = channel_name(s, p, ch->name);
	(void)snprintf(file, sizeof(file), "%s-filter.txt", ch->name);
	if (p->p->type == PROFILE_LIVE ||
	    !profile_stat_path(s->c, p->id.group, p->id.name, file, path))
		return;
	if (file_read(path, FILTER_MAX, &text, &err) == -1)
		ch->filter_error = arena_strdup(&s->arena, err.msg);
	else
		ch->filter_error =
		    filter_trouble(s, path, buf_str(&text), text.len);
	if (ch->filter_error != NULL)
		(void)survey_find(s, FIND_LOST, where,
		    "filter: %s: the channel is left out until that is mended",
		    ch->filter_error);
	buf_free(&text);
}

static void
judge_sources(struct survey *s, const struct survey_profile *p,
    const struct channel *ch)
{
	const struct profile *live = NULL;
	for (size_t i = 0; i < s->n_profiles; i++)
		if (strcmp(s->profiles[i].id.name, "live") == 0 &&
		    strcmp(s->profiles[i].id.group, ".") == 0)
			live = s->profiles[i].p;
	for (size_t i = 0; live != NULL && i < ch->n_sources; i++)
		if (strcmp(ch->sources[i], "*") != 0 &&
		    profile_find_channel(live, ch->sources[i]) == NULL)
			(void)survey_find(s, FIND_NOTE,
			    channel_name(s, p, ch->name),
			    "source '%s' is no longer one: nothing comes from "
			    "it",
			    ch->sources[i]);
}

static void
look_at_channel(struct survey *s, struct survey_profile *p,
    struct survey_channel *ch, const struct channel *def)
{
	char dir[FILE_PATH_MAX];
	ch->name = def->name;
	if (!conf_channel_name_ok(def->name))
		(void)survey_find(s, FIND_NOTE, survey_name(s, &p->id),
		    "channel '%s': such a name cannot be asked for", def->name);
	if (!profile_data_path(s->c, p->id.group, p->id.name, def->name, dir))
		return;
	flow_look(dir, s->deep, &s->arena, &ch->flows);
	for (int i = 0; i < SLOT_LAYOUTS; i++)
		s->by_layout[i] += ch->flows.by_layout[i];
	s->elsewhere += ch->flows.elsewhere;
	judge_flows(s, p, ch, dir);
	judge_nfstat(s, p, ch, dir);
	judge_rrd(s, p, ch);
	judge_filter(s, p, ch);
	judge_sources(s, p, def);
}

/* ---- a profile --------------------------------------------------------------------------- */

static bool
has_file(const struct survey *s, const struct profile_id *id, const char *file)
{
	char path[FILE_PATH_MAX];
	return profile_stat_path(s->c, id->group, id->name, file, path) &&
	       file_exists(path);
}

static void
judge_state(struct survey *s, const struct survey_profile *p)
{
	const char *where = survey_name(s, &p->id);
	if (p->deleted)
		(void)survey_find(s, FIND_NOTE, where,
		    "NfSen was asked to delete it (.DELETED): it goes at the "
		    "start of the daemons; remove that file to keep it");
	if (p->building || p->canceled)
		(void)survey_find(s, FIND_NOTE, where,
		    "%s%s%s is left over: %s", p->building ? ".BUILDING" : "",
		    p->building && p->canceled ? " and " : "",
		    p->canceled ? ".CANCELED" : "",
		    p->canceled ? "the build ends where it was"
				: "its build goes on at the start");
	if (p->p == NULL)
		return;
	if (p->p->locked != 0)
		(void)survey_find(s, FIND_NOTE, where,
		    "locked: the start of the daemons takes that off, as "
		    "NfSen's does");
	if (strcmp(p->p->status, "OK") != 0 && !p->building)
		(void)survey_find(s, FIND_NOTE, where,
		    "status '%s': stays as it is", p->p->status);
	if (p->p->version != 130)
		(void)survey_find(s, FIND_NOTE, where,
		    "version %d of the format, not 130: read all the same",
		    p->p->version);
}

static void
judge_unreadable(struct survey *s, const struct survey_profile *p)
{
	bool live =
	    strcmp(p->id.name, "live") == 0 && strcmp(p->id.group, ".") == 0;
	struct finding *f = survey_find(s, FIND_LOST, survey_name(s, &p->id),
	    "%s: %s", p->error,
	    live ? "made anew from %sources and the files there are"
		 : "made anew from the databases, filters and flow files there "
		   "are; colours, signs and sources of its channels are lost");
	f->step = live ? STEP_LIVE : STEP_PROFILE;
	f->id = p->id;
	f->aside = "damaged";
}

void
survey_profile(struct survey *s, struct survey_profile *p)
{
	p->building = has_file(s, &p->id, ".BUILDING");
	p->canceled = has_file(s, &p->id, ".CANCELED");
	p->deleted = has_file(s, &p->id, ".DELETED");
	judge_state(s, p);
	if (p->p == NULL) {
		judge_unreadable(s, p);
		return;
	}
	p->n_channels = p->p->n_channels;
	p->channels =
	    arena_array(&s->arena, p->n_channels + 1, sizeof(*p->channels));
	for (size_t i = 0; i < p->n_channels; i++)
		look_at_channel(s, p, &p->channels[i], &p->p->channels[i]);
}
