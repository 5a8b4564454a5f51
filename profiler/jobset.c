#include "profiler/jobset.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "nffile/nffile.h"

struct loader {
	const struct conf *c;
	const struct job_opts *o;
	struct set *set;
};

/* ---- filters --------------------------------------------------------------------- */

static int
fail(const struct job_channel *ch, struct err *err)
{
	return err_prefix(err,
	    "line %u: channel '%s' of profile '%s' in group "
	    "'%s'",
	    ch->line, ch->name, ch->profile, ch->group);
}

static int
filter_path(const struct loader *l, const struct job_channel *ch, char *path,
    struct err *err)
{
	char name[FILE_PATH_MAX];
	char folder[FILE_PATH_MAX];
	int n = snprintf(name, sizeof(name), "%s-%s", ch->name, l->o->suffix);
	if (n < 0 || (size_t)n >= sizeof(name) ||
	    !profile_stat_path(l->c, ch->group, ch->profile, NULL, folder) ||
	    !file_join(path, folder, name))
		return err_set(err, "path too long");
	if (!file_exists(folder))
		return err_set(err, "%s: no such profile", folder);
	return 0;
}

/* The message, and the line with a caret below it. */
static void
say_filter(const struct job_channel *ch, const char *path,
    const struct filter_error *fe)
{
	struct buf caret = BUF_EMPTY;
	struct err err;
	(void)err_set(&err, "%s: %s", path, fe->message);
	(void)fail(ch, &err);
	filter_error_caret(fe, &caret);
	log_errx("%s", err.msg);
	(void)fputs(buf_str(&caret), stderr);
	buf_free(&caret);
}

static struct filter *
read_filter(const struct loader *l, const struct job_channel *ch)
{
	struct buf text = BUF_EMPTY;
	struct filter_error fe;
	struct filter *f = NULL;
	struct err err;
	char path[FILE_PATH_MAX];
	if (filter_path(l, ch, path, &err) == -1 ||
	    file_read(path, FILTER_TEXT_MAX, &text, &err) == -1) {
		(void)fail(ch, &err);
		log_errx("%s", err.msg);
	} else {
		f = filter_parse_with(buf_str(&text), text.len,
		    &l->set->options, &fe);
		if (f == NULL)
			say_filter(ch, path, &fe);
	}
	buf_free(&text);
	return f;
}

/* ---- channels -------------------------------------------------------------------- */

static struct profile *
find_profile(struct set *s, const struct job_channel *ch)
{
	struct profile *p;
	if (s->n_profiles > 0) {
		p = s->profiles[s->n_profiles - 1];
		if (strcmp(p->group, ch->group) == 0 &&
		    strcmp(p->name, ch->profile) == 0)
			return p;
	}
	p = profile_new(ch->group, ch->profile);
	p->updated = -1;
	s->profiles[s->n_profiles++] = p;
	return p;
}

static int
fill_member(struct loader *l, struct member *m, const struct job_channel *ch,
    struct err *err)
{
	struct arena *a = &l->set->arena;
	char path[FILE_PATH_MAX];
	*m = (struct member){ .profile = find_profile(l->set, ch),
		.name = ch->name,
		.keeps = (ch->type & JOB_SHADOW) == 0,
		.flat = (ch->type & JOB_ALERT) != 0,
		.mark = { .last = -1 } };
	if (!profile_data_path(l->c, ch->group, ch->profile, ch->name, path))
		return err_set(err, "path too long");
	m->dir = arena_strdup(a, path);
	/* A channel that was deleted meanwhile must not come back. */
	if (m->keeps && !file_exists(path))
		return err_set(err, "%s: no such folder", path);
	if ((ch->type & JOB_ALERT) != 0)
		return 0;
	if (!profile_rrd_path(l->c, m->profile, ch->name, path))
		return err_set(err, "path too long");
	m->mark.rrd = arena_strdup(a, path);
	return 0;
}

static int
load_channel(struct loader *l, const struct job_channel *ch)
{
	struct set *s = l->set;
	struct member *m = &s->members[s->n_members];
	struct err err;
	if (l->o->action == JOB_RUN && fill_member(l, m, ch, &err) == -1) {
		(void)fail(ch, &err);
		log_errx("%s", err.msg);
		return -1;
	}
	struct filter *f = read_filter(l, ch);
	if (f == NULL)
		return -1;
	s->filters[s->n_filters] =
	    filter_with_idents(f, ch->sources, ch->n_sources);
	m->filter = s->n_filters++;
	filter_free(f);
	s->n_members++;
	if (l->o->action == JOB_CHECK)
		(void)printf("Check filter for channel %s in profile '%s' in "
			     "group '%s': ok.\n",
		    ch->name, ch->profile, ch->group);
	return 0;
}

/* As the daemon's; without a configuration no files and no databases. */
static void
filter_options(const struct conf *site, struct filter_options *o)
{
	struct err err;
	*o = (struct filter_options){ .no_count = true };
	if (site != NULL && profile_filter_options(site, o, &err) == -1)
		log_errx("%s", err.msg);
}

struct set *
jobset_load(const struct conf *c, const struct conf *site,
    const struct job_opts *o, const struct job_list *list, unsigned *bad)
{
	struct set *s = mem_calloc(1, sizeof(*s));
	struct loader l = { c, o, s };
	*bad = 0;
	filter_options(site, &s->options);
	s->filters = arena_array(&s->arena, list->n + 1, sizeof(*s->filters));
	s->members = arena_array(&s->arena, list->n + 1, sizeof(*s->members));
	s->profiles = arena_array(&s->arena, list->n + 1, sizeof(*s->profiles));
	for (size_t i = 0; i < list->n; i++)
		*bad += load_channel(&l, &list->channels[i]) == -1;
	return s;
}

/* ---- sources --------------------------------------------------------------------- */

/* Of -M's folders the file's one, else the folder it lies in. */
static const char *
folder_name(struct set *s, const char *sources, const char *path)
{
	const char *slash = sources != NULL ? strrchr(sources, '/') : NULL;
	if (slash != NULL) {
		size_t n = (size_t)(slash + 1 - sources);
		if (strncmp(path, sources, n) == 0)
			return arena_strndup(&s->arena, path + n,
			    strcspn(path + n, "/"));
	}
	const char *end = strrchr(path, '/');
	if (end == NULL)
		return "none";
	const char *from = end;
	while (from > path && from[-1] != '/')
		from--;
	return arena_strndup(&s->arena, from, (size_t)(end - from));
}

void
jobset_sources(struct set *s, const struct job_opts *o,
    const struct tree_list *files)
{
	s->n_sources = files->n;
	s->sources = arena_array(&s->arena, files->n + 1, sizeof(*s->sources));
	for (size_t i = 0; i < files->n; i++) {
		const char *path = files->files[i].path;
		struct nffile_stat stat;
		char ident[NFFILE_IDENT_MAX] = "";
		(void)nffile_stat_read(path, &stat, ident, NULL);
		s->sources[i].dir = path;
		s->sources[i].name =
		    ident[0] != '\0' && strcmp(ident, "none") != 0
			? arena_strdup(&s->arena, ident)
			: folder_name(s, o->sources, path);
	}
}
