#include "profiler/grown.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "conf/grown.h"
#include "profile/reconfig.h"

#define AGAIN_S 5 /* after a failure */

/* Has the list changed since it was last looked at? */
static bool
is_news(const struct profiler *p, struct stat *st)
{
	char path[FILE_PATH_MAX];
	*st = (struct stat){ 0 };
	if (!file_join(path, p->conf->profilestatdir, GROWN_FILE) ||
	    stat(path, st) == -1)
		return false;
	return st->st_size != p->grown.size ||
	       st->st_mtim.tv_sec != p->grown.mtime.tv_sec ||
	       st->st_mtim.tv_nsec != p->grown.mtime.tv_nsec;
}

static bool
is_missing(const struct profiler *p, const struct conf_source *s)
{
	return s->parent != NULL &&
	       profile_find_channel(p->set->live, s->ident) == NULL;
}

static int
add_missing(struct profiler *p, int64_t now, struct err *err)
{
	for (size_t i = 0; i < p->conf->n_sources; i++) {
		const struct conf_source *s = &p->conf->sources[i];
		struct plan_step step = { PLAN_SOURCE_ADD, ".", s->ident, "",
			"" };
		if (!is_missing(p, s))
			continue;
		if (plan_apply(p->conf, &step, now, err) == -1)
			return -1;
		log_info("a source came by itself ident=%s parent=%s", s->ident,
		    s->parent);
	}
	return 0;
}

/* 1: there were some. */
static int
take(struct profiler *p, int64_t now, struct err *err)
{
	size_t i = 0;
	if (grown_load(p->conf, err) == -1)
		return -1;
	while (i < p->conf->n_sources && !is_missing(p, &p->conf->sources[i]))
		i++;
	if (i == p->conf->n_sources)
		return 0;
	struct err why;
	profiler_pause(p);
	int rc = add_missing(p, now, err);
	/* Also after a failure: some may be there. */
	if (profiler_reload(p, NULL, &why) == -1)
		return err_set(err, "%s", why.msg);
	return rc == 0 ? 1 : -1;
}

bool
grown_take(struct profiler *p, int64_t now)
{
	struct stat st;
	struct err err;
	if (!is_news(p, &st) ||
	    (now < p->grown.again && now >= p->grown.again - AGAIN_S))
		return false;
	int rc = take(p, now, &err);
	if (rc == -1) {
		log_errx("no channel for what came by itself: %s", err.msg);
		p->grown.again = now + AGAIN_S;
		return true;
	}
	p->grown.size = st.st_size;
	p->grown.mtime = st.st_mtim;
	return rc == 1;
}
