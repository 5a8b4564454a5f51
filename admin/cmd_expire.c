/* profile expire --check: what would go now, and nothing is changed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/action.h"
#include "base/json.h"
#include "base/slot.h"
#include "profile/expire.h"

/* Of one channel. */
struct share {
	uint64_t files, bytes;
};

static struct share
share_of(const struct expire_plan *plan, size_t channel)
{
	struct share s = { 0, 0 };
	for (size_t i = 0; i < plan->n; i++)
		if (plan->all.files[i].channel == channel) {
			s.files++;
			s.bytes += plan->all.files[i].size;
		}
	return s;
}

static void
show(const struct conf *c, const struct profile *p,
    const struct expire_plan *plan)
{
	for (size_t i = 0; i < p->n_channels; i++) {
		struct share s = share_of(plan, i);
		(void)printf("%s\t%" PRIu64 " files\t%" PRIu64 " bytes\n",
		    p->channels[i].name, s.files, s.bytes);
	}
	(void)printf("all\t%zu of %zu files\t%" PRIu64 " of %" PRIu64
		     " bytes\n",
	    plan->n, plan->all.n, plan->bytes, plan->all.size);
	char start[SLOT_NAME_MAX];
	if (plan->tstart != 0)
		(void)printf("tstart\t%s\n",
		    slot_iso(plan->tstart, c->cycletime, start));
}

static void
show_json(const struct profile *p, const struct expire_plan *plan)
{
	struct buf b = BUF_EMPTY;
	buf_printf(&b,
	    "{\"files\":%zu,\"bytes\":%" PRIu64 ",\"all_files\":%zu,"
	    "\"all_bytes\":%" PRIu64 ",\"tstart\":%" PRId64 ",\"channels\":[",
	    plan->n, plan->bytes, plan->all.n, plan->all.size, plan->tstart);
	for (size_t i = 0; i < p->n_channels; i++) {
		struct share s = share_of(plan, i);
		buf_adds(&b, i != 0 ? ",{\"name\":" : "{\"name\":");
		json_string(&b, p->channels[i].name);
		buf_printf(&b, ",\"files\":%" PRIu64 ",\"bytes\":%" PRIu64 "}",
		    s.files, s.bytes);
	}
	buf_adds(&b, "]}");
	(void)puts(buf_str(&b));
	buf_free(&b);
}

/* As the profiler would choose behind the last slot that it has done. */
static int
choose(const struct conf *c, const struct profile *p, struct expire_plan *plan,
    struct err *err)
{
	struct profile *live = profile_load(c, ".", "live", err);
	if (live == NULL)
		return -1;
	struct expire_limits l =
	    expire_limits_of(c, p, (int64_t)time(NULL), live->updated);
	profile_free(live);
	return expire_choose(c, p, &l, plan, err);
}

int
cmd_expire_check(struct admin *a)
{
	char group[CONF_NAME_MAX + 1], name[CONF_NAME_MAX + 1];
	struct expire_plan plan = { .n = 0 };
	struct err err;
	struct profile *p = NULL;
	if (!admin_profile_name(a->object, group, name))
		(void)err_set(&err, "no profile name: '%s'", a->object);
	else
		p = profile_load(a->c, group, name, &err);
	if (p == NULL)
		return admin_fail(&err);
	int rc = EXIT_OK;
	if (!expire_applies(p))
		(void)printf("nothing expires in profile '%s': it is a "
			     "history, a shadow or not in order\n",
		    a->object);
	else if (choose(a->c, p, &plan, &err) == -1)
		rc = admin_fail(&err);
	else if (a->json)
		show_json(p, &plan);
	else
		show(a->c, p, &plan);
	expire_free(&plan);
	profile_free(p);
	return rc;
}
