#include "profiler/pass.h"

#include <time.h>

#include "base/log.h"
#include "profiler/update.h"

#define WINDOW   2048 /* slots whose files are listed at once */
#define CHECK_MS 1000

static int64_t
now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool
go_on(void *ctx)
{
	return bg_go_on(ctx);
}

void
pass_open(struct pass *p, struct bg *w, const struct conf *c, struct set *set,
    struct rrd_writer *writer)
{
	*p = (struct pass){ .work = w, .c = c, .set = set, .writer = writer };
	lanes_open(&p->lanes, c, set, go_on, w);
	p->checked = now_ms();
}

void
pass_close(struct pass *p)
{
	lanes_close(&p->lanes);
}

uint64_t
pass_size(const struct pass *p)
{
	uint64_t sum = 0;
	for (size_t i = 0; p->books != NULL && i < p->set->n_members; i++)
		sum += p->books[i].size;
	return sum;
}

static double
percent(const struct pass *p)
{
	return p->end > p->from ? 100.0 * (double)(p->done - p->from) /
				      (double)(p->end - p->from)
				: 100.0;
}

/* One channel that fails is left out; when none is left it is the end. */
static bool
any_works(const struct set *s)
{
	for (size_t i = 0; i < s->n_members; i++)
		if (!s->members[i].failed)
			return true;
	for (size_t i = 0; s->n_members == 0 && i < s->n_sources; i++)
		if (!s->sources[i].mark.bad)
			return true;
	return false;
}

static int
checkpoint(struct pass *p, struct err *err)
{
	struct bg_report r = { .kind = BG_PROGRESS };
	update_flush(p->c, p->set, p->writer);
	if (!any_works(p->set))
		return err_set(err, "no channel can be written, see the log");
	p->done = p->gathered;
	p->waiting = 0;
	p->checked = now_ms();
	r.slot = p->done;
	r.size = pass_size(p);
	r.percent = percent(p);
	if (!p->quiet)
		bg_tell(p->work, &r);
	return 0;
}

static void
count_files(struct pass *p, const struct slot *s)
{
	for (size_t i = 0; p->books != NULL && i < p->set->n_members; i++)
		if (p->set->members[i].keeps && s->due[i] && !s->out[i].bad &&
		    slot_has_data(s, i))
			nfstat_count(&p->books[i], s->start, s->out[i].size,
			    s->out[i].replaced);
}

/* The oldest slots of the list; false: not all were worked off. */
static bool
some_slots(struct pass *p, struct backlog *b)
{
	int64_t slot = b->files[b->next].slot;
	bool whole = true;
	if (!bg_go_on(p->work) ||
	    (p->enough != NULL && p->enough(p, slot, p->ctx)))
		return false;
	size_t n =
	    lanes_run(&p->lanes, b, p->at_once != 0 ? p->at_once : LANES_MAX);
	for (size_t i = 0; i < n; i++) {
		struct slot *s = &p->lanes.lane[i].slot;
		whole = whole && p->lanes.lane[i].whole;
		if (whole) {
			update_gather(s, p->writer);
			count_files(p, s);
			p->gathered = s->start;
			p->waiting++;
		}
		slot_drop(s);
	}
	return whole;
}

static enum pass_end
run_list(struct pass *p, struct backlog *b, struct err *err)
{
	while (backlog_more(b)) {
		if (!some_slots(p, b))
			return PASS_CANCELED;
		if ((p->waiting >= PASS_SLOTS ||
			now_ms() >= p->checked + CHECK_MS) &&
		    checkpoint(p, err) == -1)
			return PASS_FAILED;
	}
	return PASS_COMPLETE;
}

enum pass_end
pass_slots(struct pass *p, int64_t after, int64_t upto, struct err *err)
{
	enum pass_end end = PASS_COMPLETE;
	int64_t window = (int64_t)WINDOW * p->c->cycletime;
	p->gathered = after;
	for (int64_t at = after; end == PASS_COMPLETE && at < upto;) {
		struct backlog b = { .n = 0 };
		int64_t to = at + window < upto ? at + window : upto;
		backlog_build(&b, p->c, p->set, at, to, false);
		b.members_only = p->members_only;
		end = run_list(p, &b, err);
		backlog_free(&b);
		if (end == PASS_COMPLETE)
			at = p->gathered = to;
	}
	if (end != PASS_FAILED && checkpoint(p, err) == -1)
		return PASS_FAILED;
	return end;
}
