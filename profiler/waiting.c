#include "profiler/waiting.h"

#include <time.h>

#include "base/log.h"
#include "profile/ops.h"
#include "profiler/build.h"

/* True: it needs no build and has begun. */
static bool
begin(struct profiler *p, const struct profile_id *id)
{
	struct ops_request r = { .profile = id->name,
		.profilegroup = id->group };
	struct ops_result res = { .changed = false };
	struct err err;
	int rc = 0;
	if (build_running(p, id->group, id->name, NULL))
		return false;
	rc = ops_commit_profile(p->conf, &r, (int64_t)time(NULL), &res, &err);
	if (rc == 0 && res.build)
		rc = build_begin(p, BUILD_PAST, id->group, id->name, NULL, NULL,
		    &err);
	if (rc == -1)
		log_errx("profile of config cannot begin: %s profile=%s/%s",
		    err.msg, id->group, id->name);
	else
		log_info("profile of config begins%s profile=%s/%s",
		    res.build ? ", its past is built" : "", id->group,
		    id->name);
	return rc == 0 && res.changed;
}

void
waiting_begin(struct profiler *p)
{
	struct arena a = ARENA_EMPTY;
	struct profile_list l;
	struct err err;
	bool changed = false;
	if (plan_waiting(p->conf, &a, &l, &err) == -1) {
		log_errx("%s", err.msg);
		l.n = 0;
	}
	for (size_t i = 0; i < l.n; i++)
		changed |= begin(p, &l.ids[i]);
	arena_free(&a);
	if (changed && profiler_reload(p, NULL, &err) == -1)
		log_errx("%s", err.msg);
}

int
waiting_step(struct profiler *p, const struct plan_step *s, struct err *err)
{
	if (s->action == PLAN_PROFILE_DELETE)
		build_stop(p, s->group, s->name);
	else if (s->action == PLAN_PROFILE_CHANGE &&
		 build_running(p, s->group, s->name, NULL))
		return err_set(err,
		    "profile '%s' is at work in the background: wait for its "
		    "end, or cancel it",
		    s->name);
	return 0;
}
