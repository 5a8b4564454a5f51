/* A temporary tree with a config, for tests that need a real one. */
#ifndef TESTS_PROFILE_FIXTURE_H
#define TESTS_PROFILE_FIXTURE_H

#include <check.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/conf.h"
#include "profile/ops.h"
#include "profile/profile.h"
#include "profile/reconfig.h"

#define FIXTURE_CYCLE 300

static char root[32];
static struct err err;

/* Config of the tree at root; sources and profiles as in the file. */
static inline struct conf *
fixture_conf(const char *sources, const char *profiles)
{
	struct buf text = BUF_EMPTY;
	const struct passwd *pw = getpwuid(geteuid());
	buf_printf(&text,
	    "$BASEDIR = '%s'; $HTMLDIR = '%s';\n"
	    "$PIDDIR = '%s/run'; $VARDIR = '%s/var';\n"
	    "$PROFILESTATDIR = '%s/stat'; $PROFILEDATADIR = '%s/data';\n"
	    "$SUBDIRLAYOUT = 1; $USER = '%s'; $ZIPprofiles = '-y';\n"
	    "%%sources = (%s);\n%s\n1;\n",
	    root, root, root, root, root, root,
	    pw != NULL ? pw->pw_name : "nobody", sources, profiles);
	struct conf *c =
	    conf_load_text("test.conf", buf_str(&text), text.len, &err);
	ck_assert_msg(c != NULL, "%s", err.msg);
	/* The primary group: it need not have the user's name. */
	c->wwwgroup = NULL;
	buf_free(&text);
	return c;
}

static inline void
fixture_setup(void)
{
	/* In memory where that can be: operations wait for the disk. */
	(void)snprintf(root, sizeof(root), "%s/test_treeXXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static inline void
fixture_teardown(void)
{
	ck_assert_int_eq(file_remove_tree(root, &err), 0);
}

/*
 * Apply all that config asks for; the number of steps, -1: err.  For children
 * that are killed: they must not assert, as half a message to check's own
 * process ends the whole suite.
 */
static inline int
fixture_reconfig_quietly(const struct conf *c, int64_t now)
{
	struct plan plan;
	if (plan_init_tree(c, now, &err) == -1 ||
	    ops_recover_start(c, &err) == -1 || plan_make(c, &plan, &err) == -1)
		return -1;
	int n = (int)plan.n;
	for (int i = 0; i < (int)plan.n; i++)
		if (plan_apply(c, &plan.steps[i], now, &err) == -1) {
			n = -1;
			break;
		}
	plan_free(&plan);
	if (n != -1 && ops_sweep(c, SIZE_MAX, &err) != 0)
		return -1;
	return n;
}

static inline size_t
fixture_reconfig(const struct conf *c, int64_t now)
{
	int n = fixture_reconfig_quietly(c, now);
	ck_assert_msg(n >= 0, "%s", err.msg);
	return (size_t)n;
}

#endif
