#include "collector/upgrade.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "collector/status.h"
#include "collector/stream_conn.h"

/* The new one failed behind our end: begin anew. */
static int
take_back(struct upgrade *u, struct handover *h, struct err *err)
{
	struct err again;
	handover_end(h, false);
	if (ctl_server_step_back(u->ctl, &again) == -1 ||
	    pidfile_write(u->pf, &again) == -1)
		log_errx("%s", again.msg);
	if ((!u->s->receiving && service_receive(u->s, &again) == -1) ||
	    (!u->s->decoding && service_start(u->s, &again) == -1) ||
	    (u->s->streams == NULL && service_listen(u->s, &again) == -1))
		log_errx("cannot go on: %s", again.msg);
	log_errx("this collector goes on: %s", err->msg);
	return -1;
}

/* UDP first, as the counts are told; the listening ones have none. */
static void
all_sockets(const struct service *s, struct listeners *all)
{
	for (size_t i = 0; i < s->listeners.n; i++)
		listeners_add(all, &s->listeners.l[i]);
	for (size_t i = 0; i < s->stream.ls.n; i++) {
		struct listener l = { .fd = s->stream.ls.l[i].fd,
			.port = s->stream.ls.l[i].port };
		listeners_add(all, &l);
	}
}

/* What goes on: a file that says what it is, and the connections. */
static int
hand_on(const struct service *s, struct handover *h, struct err *err)
{
	const struct stream_kept *k = &s->carry.kept;
	int *fds = mem_calloc(k->n + 1, sizeof(*fds));
	size_t n = 0;
	if ((fds[n++] = carry_write(&s->carry, err)) == -1) {
		free(fds);
		return -1;
	}
	for (size_t i = 0; i < k->n; i++)
		fds[n++] = k->conn[i]->fd;
	int rc = handover_begin(h, fds, n, err);
	(void)close(fds[0]);
	free(fds);
	return rc;
}

int
upgrade_run(struct upgrade *u, struct err *err)
{
	struct handover h;
	struct listeners ls = { 0 };
	log_info("upgrade begins");
	all_sockets(u->s, &ls);
	int rc = handover_start(&h, u->program, &ls, u->pf->fd,
	    launch_fd(u->s->launch), err);
	listeners_free(&ls);
	if (rc == -1) {
		log_errx("this collector goes on: %s", err->msg);
		return -1;
	}
	service_deafen(u->s);
	if (handover_receive(&h, &u->s->listeners, err) == -1)
		return take_back(u, &h, err);
	service_finish(u->s);
	if (ctl_server_step_aside(u->ctl, err) == -1 ||
	    hand_on(u->s, &h, err) == -1)
		return take_back(u, &h, err);
	u->successor = h.pid;
	proc_succeeded_by(h.pid);
	log_info("upgraded successor=%ld", (long)h.pid);
	handover_end(&h, true);
	return 0;
}

void
upgrade_handle(void *ctx, const struct ctl_request *req,
    struct ctl_reply *reply)
{
	struct upgrade *u = ctx;
	struct err err;
	if (u->successor != 0)
		ctl_reply_err(reply, "this collector has ended, ask again");
	else if (strcmp(req->command, "upgrade") != 0)
		status_handle(u->s, req, reply);
	else if (upgrade_run(u, &err) == -1)
		ctl_reply_err(reply, "%s", err.msg);
	else {
		ctl_reply_add(reply, "pid", "%ld", (long)u->successor);
		ctl_reply_ok(reply, "upgraded");
	}
}
