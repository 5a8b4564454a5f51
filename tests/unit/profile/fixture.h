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
	(void)snprintf(root, sizeof(root), "/tmp/test_treeXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static inline void
fixture_teardown(void)
{
	ck_assert_int_eq(file_remove_tree(root, &err), 0);
}

/* Apply all that config asks for; returns the number of steps. */
static inline size_t
fixture_reconfig(const struct conf *c, int64_t now)
{
	struct plan plan;
	ck_assert_msg(plan_init_tree(c, now, &err) == 0, "%s", err.msg);
	ck_assert_msg(plan_make(c, &plan, &err) == 0, "%s", err.msg);
	size_t n = plan.n;
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(plan_apply(c, &plan.steps[i], now, &err) == 0,
		    "%s", err.msg);
	plan_free(&plan);
	return n;
}

#endif
