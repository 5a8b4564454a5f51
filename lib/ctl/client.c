#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/sock.h"

/* Wait for events until `end`; -1: err. */
static int
wait_for(const struct ctl_client *c, short events, int64_t end, struct err *err)
{
	for (;;) {
		int64_t left = end - ctl_sock_now();
		struct pollfd p = { .fd = c->fd, .events = events };
		int n = poll(&p, 1, left > 0 ? (int)left : 0);
		if (n > 0)
			return 0;
		if (n == 0)
			return err_set(err, "no answer in %d ms",
			    c->timeout_ms);
		if (errno != EINTR)
			return err_set(err, "poll: %s", strerror(errno));
	}
}

/*
 * The next line, NUL for LF, valid until the next call; *pos is its end in
 * c->in.  NULL: err.
 */
static char *
read_line(struct ctl_client *c, size_t *pos, int64_t end, struct err *err)
{
	size_t scan = *pos;
	for (;;) {
		char *lf = scan < c->in.len ? memchr(c->in.data + scan, '\n',
						  c->in.len - scan)
					    : NULL;
		if (lf != NULL) {
			char *line = c->in.data + *pos;
			*lf = '\0';
			*pos = (size_t)(lf + 1 - c->in.data);
			return line;
		}
		scan = c->in.len;
		if (c->in.len > CTL_REPLY_MAX) {
			(void)err_set(err, "answer is longer than %d bytes",
			    CTL_REPLY_MAX);
			return NULL;
		}
		if (wait_for(c, POLLIN, end, err) == -1)
			return NULL;
		buf_reserve(&c->in, 16384);
		ssize_t n = recv(c->fd, c->in.data + c->in.len, 16384, 0);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			(void)err_set(err, "%s",
			    n == 0 ? "connection closed" : strerror(errno));
			return NULL;
		}
		c->in.len += (size_t)n;
	}
}

static int
greet(struct ctl_client *c, struct err *err)
{
	size_t pos = 0;
	char *line = read_line(c, &pos, ctl_sock_now() + c->timeout_ms, err);
	if (line == NULL)
		return -1;
	if (strncmp(line, "220 ", 4) != 0)
		return err_set(err, "greeting is '%.200s'", line);
	buf_drop(&c->in, pos);
	return 0;
}

int
ctl_connect(struct ctl_client *c, const char *path, int timeout_ms,
    struct err *err)
{
	struct sockaddr_un sun;
	*c = (struct ctl_client){ .fd = -1, .timeout_ms = timeout_ms };
	if (ctl_sock_addr(&sun, path, err) == -1 ||
	    (c->fd = ctl_sock_new(err)) == -1)
		return -1;
	if (connect(c->fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1) {
		(void)err_set(err, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if (greet(c, err) == -1) {
		(void)err_prefix(err, "%s", path);
		goto fail;
	}
	return 0;
fail:
	ctl_close(c);
	return -1;
}

static int
send_request(struct ctl_client *c, const char *command, const char *const *args,
    int64_t end, struct err *err)
{
	struct buf b = BUF_EMPTY;
	int rc = -1;
	buf_printf(&b, "%s\n", command);
	for (; args != NULL && *args != NULL; args++) {
		if (strchr(*args, '\n') != NULL) {
			(void)err_set(err, "newline in argument '%.100s'",
			    *args);
			goto out;
		}
		buf_printf(&b, "%s\n", *args);
	}
	buf_adds(&b, ".\n");
	for (;;) {
		if (!ctl_sock_send(c->fd, &b)) {
			(void)err_set(err, "send: %s", strerror(errno));
			goto out;
		}
		if (b.len == 0)
			break;
		if (wait_for(c, POLLOUT, end, err) == -1)
			goto out;
	}
	rc = 0;
out:
	buf_free(&b);
	return rc;
}

static void
take_line(struct ctl_result *r, size_t *cap, char *line)
{
	char *eq = strchr(line, '=');
	if (eq == NULL || line[0] == '.' || strncmp(line, "INFO ", 5) == 0)
		return;
	*eq = '\0';
	bool array = line[0] == '_';
	if (r->n == *cap) {
		*cap = *cap != 0 ? *cap * 2 : 16;
		r->data = mem_realloc(r->data, *cap, sizeof(*r->data));
	}
	r->data[r->n++] = (struct ctl_arg){
		.key = mem_strdup(line + array),
		.value = mem_strdup(eq + 1),
		.array = array,
	};
}

static int
read_reply(struct ctl_client *c, struct ctl_result *r, int64_t end,
    struct err *err)
{
	size_t pos = 0, cap = 0;
	char *line;
	do {
		if ((line = read_line(c, &pos, end, err)) == NULL)
			return -1;
		if (c->info != NULL && strncmp(line, ".info ", 6) == 0)
			c->info(c->ctx, line + 6);
		take_line(r, &cap, line);
		end = ctl_sock_now() + c->timeout_ms;
	} while (strcmp(line, ".") != 0);
	/* Some of nfsend's status texts are followed by an empty line. */
	do
		if ((line = read_line(c, &pos, end, err)) == NULL)
			return -1;
	while (*line == '\0');
	r->status = mem_strdup(line);
	buf_drop(&c->in, pos);
	return 0;
}

int
ctl_call(struct ctl_client *c, const char *command, const char *const *args,
    struct ctl_result *r, struct err *err)
{
	*r = (struct ctl_result){ 0 };
	if (c->fd == -1)
		return err_set(err, "not connected");
	int64_t end = ctl_sock_now() + c->timeout_ms;
	/* What came unasked belongs to no request. */
	while (c->in.len != 0 && c->in.data[0] == '\n')
		buf_drop(&c->in, 1);
	if (send_request(c, command, args, end, err) == -1 ||
	    read_reply(c, r, end, err) == -1) {
		ctl_result_free(r);
		return err_prefix(err, "%s", command);
	}
	return 0;
}

bool
ctl_status_ok(const struct ctl_result *r)
{
	return r->status != NULL && strncmp(r->status, "OK", 2) == 0 &&
	       (r->status[2] == '\0' || r->status[2] == ' ');
}

const char *
ctl_result_get(const struct ctl_result *r, const char *key)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->data[i].key, key) == 0)
			return r->data[i].value;
	return NULL;
}

void
ctl_result_free(struct ctl_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->data[i].key);
		free(r->data[i].value);
	}
	free(r->data);
	free(r->status);
	*r = (struct ctl_result){ 0 };
}

void
ctl_close(struct ctl_client *c)
{
	if (c->fd != -1)
		(void)close(c->fd);
	c->fd = -1;
	buf_free(&c->in);
}
