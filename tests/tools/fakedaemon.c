/*
 * A collector or profiler, by the name it is called under, that runs, stops
 * and answers as the real one, and does nothing else: nfsen's dialogues with
 * running daemons become the same in every run.
 *
 * FAKE_START=fail does not start; FAKE_RELOAD=fail refuses to reload;
 * FAKE_CONFIG=none does not know that command.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "conf/changes.h"
#include "conf/conf_cli.h"
#include "ctl/ctl.h"
#include "profile/profile.h"
#include "profile/reconfig.h"

struct fake {
	const char *file;
	struct conf *c;
	enum changes_of what; /* it is */
};

static volatile sig_atomic_t ended;

static void
on_term(int sig)
{
	(void)sig;
	ended = 1;
}

static bool
told(const char *name, const char *what)
{
	const char *v = getenv(name);
	return v != NULL && strcmp(v, what) == 0;
}

static int
reload(struct fake *f, struct err *err)
{
	if (told("FAKE_RELOAD", "fail"))
		return err_set(err, "will not reload");
	struct conf *c = conf_load(f->file, err);
	if (c == NULL)
		return -1;
	conf_free(f->c);
	f->c = c;
	return 0;
}

static void
status(const struct fake *f, struct ctl_reply *reply)
{
	for (size_t i = 0; i < f->c->n_sources; i++)
		if (f->c->sources[i].port != 0 &&
		    f->c->sources[i].type == SOURCE_NETFLOW)
			ctl_reply_add_array(reply, "source",
			    "ident=%s port=%u exporters=%zu last_ms=0 "
			    "flows=%zu sequence_lost=%zu malformed=%zu",
			    f->c->sources[i].ident, f->c->sources[i].port, i,
			    i * 1000, i / 2 * 3, i / 2 * 4);
	ctl_reply_add(reply, "kernel_drops", "5");
	ctl_reply_add(reply, "queue_drops", "0");
	ctl_reply_add(reply, "unknown_sender", "2");
	ctl_reply_ok(reply, "status");
}

static void
config(const struct fake *f, struct ctl_reply *reply)
{
	struct buf text = BUF_EMPTY;
	changes_print(f->c, f->what, &text);
	ctl_reply_lines(reply, buf_str(&text));
	buf_free(&text);
}

static bool
asked_for(const struct ctl_request *req, const char *text)
{
	for (size_t i = 0; i < req->n; i++)
		if (strcmp(req->args[i].value, text) == 0)
			return true;
	return false;
}

static int
reconfig(struct fake *f, const struct ctl_request *req, struct ctl_reply *reply,
    struct err *err)
{
	struct plan plan;
	if (reload(f, err) == -1 || plan_make(f->c, &plan, err) == -1)
		return -1;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < plan.n; i++) {
		struct buf text = BUF_EMPTY;
		plan_step_text(&plan.steps[i], &text);
		if (asked_for(req, buf_str(&text))) {
			rc = plan_apply(f->c, &plan.steps[i],
			    (int64_t)time(NULL), err);
			ctl_reply_add_array(reply, "done", "%s",
			    buf_str(&text));
		}
		buf_free(&text);
	}
	plan_free(&plan);
	return rc;
}

static void
handle(void *ctx, const struct ctl_request *req, struct ctl_reply *reply)
{
	struct fake *f = ctx;
	struct err err;
	int rc = 0;
	if (strcmp(req->command, "status") == 0) {
		status(f, reply);
	} else if (strcmp(req->command, "config") == 0) {
		if (told("FAKE_CONFIG", "none"))
			rc = err_set(&err, "Command unknown: 'config'");
		else
			config(f, reply);
	} else if (strcmp(req->command, "get-status") == 0) {
		ctl_reply_add_array(reply, "profile", "./live status=OK");
		ctl_reply_add(reply, "done", "1795432200");
		ctl_reply_add(reply, "behind", "0");
	} else if (strcmp(req->command, "reload") == 0) {
		rc = reload(f, &err);
	} else if (strcmp(req->command, "reconfig") == 0) {
		rc = reconfig(f, req, reply, &err);
	}
	if (rc == -1)
		ctl_reply_err(reply, "%s", err.msg);
}

static void
serve(struct ctl_server *s)
{
	struct pollfd fds[CTL_CLIENTS_MAX + 1];
	while (!ended) {
		size_t n = ctl_server_pollfds(s, fds);
		(void)poll(fds, (nfds_t)n, 50);
		ctl_server_run(s, fds, n);
	}
}

static int
run(struct fake *f, struct err *err)
{
	bool collector = f->what == CHANGES_COLLECTOR;
	char path[FILE_PATH_MAX];
	char sock[FILE_PATH_MAX];
	struct pidfile pid;
	if (told("FAKE_START", "fail"))
		return err_set(err, "will not start");
	if (!file_join(path, f->c->piddir,
		collector ? "nfsen-collector.pid" : "nfsend.pid") ||
	    !file_join(sock, f->c->piddir,
		collector ? "nfsen-collector.ctl" : "nfsen.comm"))
		return err_set(err, "path too long");
	if (pidfile_open(&pid, path, err) == -1 || proc_detach(err) == -1 ||
	    pidfile_write(&pid, err) == -1)
		return -1;
	struct ctl_server *s =
	    ctl_server_open(sock, 0660, (gid_t)-1, "fake", handle, f, err);
	if (s == NULL)
		return -1;
	proc_ready();
	serve(s);
	ctl_server_close(s);
	pidfile_close(&pid);
	return 0;
}

int
main(int argc, char **argv)
{
	struct conf_cli cli;
	struct err err;
	int rc = conf_cli_parse(argc, argv, "usage\n", &cli);
	if (rc != 0)
		return rc == -1;
	bool collector = strcmp(conf_cli_name(argv[0]), "nfsen-collector") == 0;
	struct fake f = { cli.file, conf_cli_load(&cli, &rc),
		collector ? CHANGES_COLLECTOR : CHANGES_PROFILER };
	if (f.c == NULL)
		return rc;
	(void)signal(SIGTERM, on_term);
	rc = run(&f, &err);
	if (rc == -1)
		(void)fprintf(stderr, "%s: %s\n", conf_cli_name(argv[0]),
		    err.msg);
	conf_free(f.c);
	return rc == -1;
}
