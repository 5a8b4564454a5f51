/*
 * takeover: look at an installation of NfSen, and make it ours in place.
 *
 * Done until nothing is left: a step may bring to light what it hid (a
 * profile without descriptor has channels once it has one).
 */
#include <stdio.h>
#include <time.h>

#include "admin/takeover.h"

#define ROUNDS 4

static int
look(struct admin *a, struct survey *s)
{
	struct err err = { "" };
	if (survey_take(s, a->c, &err) == 0)
		return 0;
	survey_free(s);
	(void)admin_fail(&err);
	return -1;
}

static void
show(const struct admin *a, const struct survey *s)
{
	struct buf b = BUF_EMPTY;
	if (a->json) {
		survey_json(s, &b);
		(void)fputs(buf_str(&b), stdout);
		buf_free(&b);
		return;
	}
	survey_print(s);
}

/* A step that cannot be done holds up only itself. */
static size_t
work(const struct admin *a, const struct survey *s, size_t *failed)
{
	size_t done = 0;
	*failed = 0;
	for (size_t i = 0; i < s->n_findings; i++) {
		const struct finding *f = &s->findings[i];
		struct err err = { "" };
		if (f->step == STEP_NONE)
			continue;
		if (takeover_do(a->c, f, time(NULL), &err) == 0) {
			done++;
			(void)fprintf(a->json ? stderr : stdout,
			    "Done: %s: %s\n", f->where, f->text);
		} else {
			(*failed)++;
			(void)fprintf(stderr, "Failed: %s: %s\n", f->where,
			    err.msg);
		}
	}
	return done;
}

static int
take_over(struct admin *a, struct survey *s)
{
	struct err err;
	size_t failed = 0;
	int lock = profile_tree_lock(a->c, false, &err);
	if (lock == -1)
		return admin_fail(&err);
	int rc = EXIT_OK;
	for (int i = 0; rc == EXIT_OK && i < ROUNDS; i++) {
		size_t done = work(a, s, &failed);
		survey_free(s);
		if (look(a, s) == -1)
			rc = EXIT_FAILED;
		else if (done == 0 || failed > 0)
			break;
	}
	profile_tree_unlock(lock);
	return rc != EXIT_OK || failed > 0 ? EXIT_FAILED : EXIT_OK;
}

/* --force goes on where there is a way to go on. */
static bool
stops(const struct admin *a, const struct survey *s)
{
	for (size_t i = 0; i < s->n_findings; i++)
		if (s->findings[i].kind == FIND_STOP &&
		    (!a->force || s->findings[i].step == STEP_NONE))
			return true;
	return false;
}

int
cmd_takeover(struct admin *a)
{
	struct survey s;
	if (look(a, &s) == -1)
		return EXIT_FAILED;
	bool stop = stops(a, &s);
	if (a->check || stop || a->json)
		show(a, &s);
	int rc = EXIT_OK;
	if (stop)
		rc = EXIT_REFUSED;
	else if (!a->check)
		rc = take_over(a, &s);
	if (stop && !a->check)
		(void)fprintf(stderr,
		    "Nothing was changed: settle what is listed last\n");
	else if (!a->check && rc == EXIT_OK)
		(void)printf("Taken over: 'nfsen reconfig' if sources have "
			     "changed, then 'nfsen start'\n");
	survey_free(&s);
	return rc;
}
