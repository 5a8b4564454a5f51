/*
 * The decode thread's sources: those of a configuration, and those that come
 * by themselves.
 */
#include <stdio.h>
#include <string.h>

#include "base/slot.h"
#include "collector/decoder_private.h"
#include "collector/tally.h"
#include "conf/grown.h"

static bool
same_files(const struct flowfile_spec *a, const struct flowfile_spec *b)
{
	return strcmp(a->dir, b->dir) == 0 && a->cycletime == b->cycletime &&
	       a->layout == b->layout && a->codec == b->codec &&
	       a->level == b->level && a->compat == b->compat &&
	       a->fsync == b->fsync && a->zone == b->zone;
}

static void
remove_unwanted(struct decoder *d)
{
	for (struct source *s = d->sources.first, *next; s != NULL; s = next) {
		next = s->next;
		if (s->wanted)
			continue;
		source_give_up(s);
		decoder_close_file(d, s);
		tally_source(d, s);
		source_remove(&d->sources, s);
	}
}

/* As its dynamic parent is, when that is wanted. */
static void
apply_dynamic(struct decoder *d, struct source *s)
{
	struct flowfile_spec spec = s->parent->spec;
	memcpy(spec.ident, s->spec.ident, sizeof(spec.ident));
	memcpy(spec.dir, s->spec.dir, sizeof(spec.dir));
	if (s->file != NULL && !same_files(&s->spec, &spec))
		decoder_close_file(d, s);
	s->spec = spec;
	s->opts = s->parent->opts;
	s->repeat = s->parent->repeat;
	if (s->file == NULL)
		decoder_open_file(d, s, false);
}

/* Anybody can make up addresses: there are so many and no more. */
static void
refuse(struct source *parent, const struct addr *from)
{
	char text[ADDR_STRLEN];
	parent->refused++;
	if (!parent->refusing)
		log_warnx("no new source ident=%s dynamic=%d ip=%s: nor for "
			  "any other sender",
		    parent->spec.ident, parent->dynamic, addr_str(from, text));
	parent->refusing = true;
}

/* Its folder, and its line for the profiler and for who comes after us. */
static bool
make_room(struct decoder *d, const struct source *parent,
    const struct addr *from, const char *dir)
{
	struct err err;
	uint64_t skipped;
	if (file_mkdirs(dir, 0775, &err) == 0 &&
	    (d->grown[0] == '\0' ||
		grown_add(d->grown, from, parent->spec.ident, d->slot, &err) ==
		    0))
		return true;
	if (log_limit_ok(&d->grow_log, d->now_ms / 1000, &skipped))
		log_errx("no new source: %s left_out=%llu", err.msg,
		    (unsigned long long)skipped);
	return false;
}

/* A sender nobody has yet becomes a source with a folder of its own. */
static struct source *
grow(void *ctx, struct source *parent, const struct addr *from)
{
	struct decoder *d = ctx;
	struct flowfile_spec spec = parent->spec;
	struct prefix ip = { *from, from->family == ADDR_V4 ? 32 : 128 };
	char text[ADDR_STRLEN];
	if (parent->n_dynamic >= parent->dynamic) {
		refuse(parent, from);
		return NULL;
	}
	(void)grown_ident(from, text);
	int n = snprintf(spec.dir, sizeof(spec.dir), "%s/%s", parent->spec.dir,
	    text);
	if (n < 0 || (size_t)n >= sizeof(spec.dir) ||
	    source_find(&d->sources, text) != NULL)
		return NULL;
	if (!make_room(d, parent, from, spec.dir))
		return NULL;
	(void)snprintf(spec.ident, sizeof(spec.ident), "%s", text);
	struct source *s = source_add(&d->sources, &spec, parent->port);
	source_set_ips(s, &ip, 1, true);
	s->unwritten = writer_unwritten(d->writer, spec.ident);
	s->block.compat = spec.compat;
	s->parent = parent;
	s->listed = d->grown[0] != '\0';
	parent->n_dynamic++;
	s->wanted = true;
	log_info("Dynamically add source ident: %s in directory: %s",
	    spec.ident, spec.dir);
	s->opts = parent->opts;
	s->repeat = parent->repeat;
	decoder_open_file(d, s, true);
	return s;
}

void
decoder_prepare(struct decoder *d)
{
	d->sources.grow = grow;
	d->sources.grow_ctx = d;
}

static void
apply_source(struct decoder *d, const struct decoder_source *want)
{
	struct source *s = source_find(&d->sources, want->spec.ident);
	bool fresh = s == NULL;
	if (fresh) {
		s = source_add(&d->sources, &want->spec, want->port);
		s->unwritten = writer_unwritten(d->writer, want->spec.ident);
	} else if (s->file != NULL && !same_files(&s->spec, &want->spec))
		decoder_close_file(d, s);
	s->spec = want->spec;
	s->block.compat = want->spec.compat;
	s->port = want->port;
	source_set_ips(s, want->ips, want->n_ips, want->only_ips);
	s->opts = want->opts;
	s->repeat = want->repeat;
	if (want->dynamic != 0)
		decoder_close_file(d, s);
	if (s->dynamic != want->dynamic)
		s->refusing = false;
	s->dynamic = want->dynamic;
	s->wanted = true;
	if (s->file == NULL)
		decoder_open_file(d, s, fresh);
}

static bool
is_dynamic(const struct decoder_plan *plan, const struct source *s)
{
	for (size_t i = 0; i < plan->n; i++)
		if (strcmp(plan->sources[i].spec.ident, s->spec.ident) == 0)
			return plan->sources[i].dynamic != 0 &&
			       plan->sources[i].port == s->port;
	return false;
}

/* Who came from whom, as the plan has it and as it was while we ran. */
static void
count_dynamic(struct decoder *d, const struct decoder_plan *plan)
{
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		s->n_dynamic = 0;
	for (size_t i = 0; i < plan->n; i++) {
		const struct decoder_source *want = &plan->sources[i];
		struct source *s = source_find(&d->sources, want->spec.ident);
		s->parent = want->parent != NULL
				? source_find(&d->sources, want->parent)
				: NULL;
		s->listed = s->parent != NULL;
	}
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		if (s->parent != NULL)
			s->parent->n_dynamic++;
}

void
decoder_apply(struct decoder *d, void *arg)
{
	const struct decoder_plan *plan = arg;
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		s->wanted = false;
	for (size_t i = 0; i < plan->n; i++) {
		struct source *s =
		    source_find(&d->sources, plan->sources[i].spec.ident);
		if (s != NULL)
			s->wanted = true;
	}
	/* Who came while none was kept stays as long as where it came from. */
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		if (s->parent != NULL && !s->listed)
			s->wanted =
			    s->parent->wanted && is_dynamic(plan, s->parent);
	/* From here on it may be told of others, or elsewhere. */
	tally_slot(d);
	memcpy(d->ledger, plan->ledger, sizeof(d->ledger));
	memcpy(d->grown, plan->grown, sizeof(d->grown));
	keep_open(&d->keep, plan->templates);
	remove_unwanted(d);
	if (d->cycletime != plan->cycletime || d->slot == -1) {
		/* Files of another slot length end here. */
		for (struct source *s = d->sources.first; s != NULL;
		     s = s->next)
			decoder_close_file(d, s);
		d->cycletime = plan->cycletime;
		d->slot = slot_start(plan->begin, d->cycletime);
	}
	for (size_t i = 0; i < plan->n; i++)
		apply_source(d, &plan->sources[i]);
	count_dynamic(d, plan);
	for (struct source *s = d->sources.first; s != NULL; s = s->next)
		if (s->parent != NULL && !s->listed)
			apply_dynamic(d, s);
	senders_recheck(&d->sources);
	traffic_limit(&d->sources, plan->interfaces);
	sources_limit(&d->sources, &plan->limits);
	/* What is older than the slot is final: left-overs were just named. */
	writer_announce(d->writer, d->slot - d->cycletime, d->cycletime);
}
