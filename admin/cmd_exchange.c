/* profile export and import: a profile as config text, or as one XML file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "admin/daemon.h"
#include "base/file.h"
#include "profile/exchange.h"
#include "profile/export.h"

bool
admin_profile_name(const char *text, char *group, char *name)
{
	const char *slash = strchr(text, '/');
	size_t n = slash != NULL ? (size_t)(slash - text) : 0;
	if (n > CONF_NAME_MAX ||
	    strlen(slash != NULL ? slash + 1 : text) > CONF_NAME_MAX)
		return false;
	(void)snprintf(group, CONF_NAME_MAX + 1, "%.*s",
	    slash != NULL ? (int)n : 1, slash != NULL ? text : ".");
	(void)snprintf(name, CONF_NAME_MAX + 1, "%s",
	    slash != NULL ? slash + 1 : text);
	return (strcmp(group, ".") == 0 ||
		   conf_name_ok(group, CONF_NAME_MAX)) &&
	       conf_name_ok(name, CONF_NAME_MAX);
}

static int
usage(void)
{
	(void)fprintf(stderr,
	    "usage: nfsen profile export [group/]name\n"
	    "       nfsen profile export --xml [group/]name [file]\n"
	    "       nfsen profile import file [[group/]name] [--force]\n");
	return EXIT_FAILED;
}

/* ---- export ----------------------------------------------------------------------- */

/* Into a file that appears when it is complete. */
static int
to_file(const struct conf *c, const struct profile *p, const char *path,
    struct err *err)
{
	char tmp[FILE_PATH_MAX];
	int n = snprintf(tmp, sizeof(tmp), "%s.%ld", path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(tmp))
		return err_set(err, "%s: path too long", path);
	(void)unlink(tmp);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	FILE *out = fd != -1 ? fdopen(fd, "w") : NULL;
	if (out == NULL)
		return err_set(err, "%s: %s", tmp, strerror(errno));
	int rc = exchange_export(c, p, out, err);
	if (fclose(out) != 0 && rc == 0)
		rc = err_set(err, "%s: %s", tmp, strerror(errno));
	if (rc == 0 && rename(tmp, path) == -1)
		rc = err_set(err, "%s: %s", path, strerror(errno));
	if (rc == -1)
		(void)unlink(tmp);
	return rc;
}

/* As an entry of %profiles. */
static int
to_config(const struct conf *c, const struct profile *p, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int rc = export_config(c, p, &text, err);
	if (rc == 0)
		(void)fputs(buf_str(&text), stdout);
	buf_free(&text);
	return rc;
}

static int
to_xml(const struct admin *a, const struct profile *p, struct err *err)
{
	return a->words[2] != NULL ? to_file(a->c, p, a->words[2], err)
				   : exchange_export(a->c, p, stdout, err);
}

static int export(const struct admin *a)
{
	char group[CONF_NAME_MAX + 1], name[CONF_NAME_MAX + 1];
	struct err err;
	if (a->words[1] == NULL ||
	    !admin_profile_name(a->words[1], group, name) ||
	    (!a->xml && a->words[2] != NULL))
		return usage();
	struct profile *p = profile_load(a->c, group, name, &err);
	if (p == NULL)
		return admin_fail(&err);
	int rc = a->xml ? to_xml(a, p, &err) : to_config(a->c, p, &err);
	profile_free(p);
	return rc == 0 ? EXIT_OK : admin_fail(&err);
}

/* ---- import ------------------------------------------------------------------------- */

/*
 * A profiler that runs, and holds the tree's lock, does not hinder: what is
 * imported appears at once, is nobody's before, and transactions wait for
 * each other (profile/txn.h).  It only has to hear of it.
 */
static int
tell_profiler(const struct conf *c, struct err *err)
{
	struct ctl_result r;
	int rc = daemon_call(c, &daemon_profiler, "reload", NULL, &r, err);
	ctl_result_free(&r);
	return rc;
}

static int
import(const struct admin *a)
{
	char group[CONF_NAME_MAX + 1], name[CONF_NAME_MAX + 1];
	struct exchange_opts o = { .any_sources = a->force, .now = time(NULL) };
	struct arena arena = ARENA_EMPTY;
	struct profile_id id;
	struct err err;
	pid_t pid;
	if (a->words[1] == NULL)
		return usage();
	if (a->words[2] != NULL) {
		if (!admin_profile_name(a->words[2], group, name))
			return usage();
		o.group = group;
		o.name = name;
	}
	bool runs = daemon_look(a->c, &daemon_profiler, &pid) == DAEMON_UP;
	int lock = runs ? -1 : profile_tree_lock(a->c, false, &err);
	if (lock == -1 && !runs)
		return admin_fail(&err);
	int rc = exchange_import(a->c, a->words[1], &o, &arena, &id, &err);
	profile_tree_unlock(lock);
	if (rc == 0)
		(void)printf("Profile '%s%s%s' imported\n",
		    strcmp(id.group, ".") != 0 ? id.group : "",
		    strcmp(id.group, ".") != 0 ? "/" : "", id.name);
	arena_free(&arena);
	if (rc == 0 && runs)
		rc = tell_profiler(a->c, &err);
	return rc == 0 ? EXIT_OK : admin_fail(&err);
}

int
cmd_exchange(struct admin *a)
{
	const char *what = a->words[0];
	if (what != NULL && strcmp(what, "export") == 0 &&
	    (a->words[2] == NULL || a->words[3] == NULL))
		return export(a);
	if (what != NULL && strcmp(what, "import") == 0 &&
	    (a->words[2] == NULL || a->words[3] == NULL))
		return import(a);
	return usage();
}
