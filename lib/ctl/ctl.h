/*
 * ctl: control messages over UNIX stream sockets, both ends.
 *
 * The framing is nfsend's, used on every socket of the system:
 *
 *   server: 220 <unixtime> <greeting>
 *   client: <command> LF { <key>=<value> LF | _<key>=<value> LF } . LF
 *   server: { <key>=<value> LF | _<key>=<value> LF } . LF
 *           OK|ERR|ALERT <text> LF
 *
 * `_key` may repeat (an array element).  Values hold no newline; at most
 * CTL_VALUE_MAX bytes.  Several requests per connection; "quit" ends it.
 * Lines of a request ".silent=1", ".timeout=20", ".debug=1" are settings of
 * the connection; lines of a reply that start with '.' and more, or with
 * "INFO ", are skipped by clients.  "@command" asks for bytes without a
 * frame, after which the server closes; an error comes as ". LF ERR text LF".
 *
 * Sockets: PIDDIR/nfsen-collector.ctl, COMMSOCKET (the profiler).
 * The server runs inside the program's own poll loop, never blocks, and
 * bounds connections, line length, request size and the time a request and
 * its reply may take on their way.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define CTL_VALUE_MAX   10240
#define CTL_CLIENTS_MAX 19 /* as nfsend; the next one is told so */
#define CTL_LINE_MAX    (64 * 1024)
#define CTL_REQUEST_MAX (256 * 1024)
#define CTL_ARGS_MAX    4096
#define CTL_REPLY_MAX   (64 * 1024 * 1024) /* what a client takes */
#define CTL_IDLE_MS     10000        /* for a line, unless .timeout says more */
#define CTL_LINES_MS    60000        /* for all lines of a request */
#define CTL_STUCK_MS    60000        /* a reply of which nothing is taken */
#define CTL_STREAM_ROOM (256 * 1024) /* unsent, of a reply in the making */

struct ctl_arg {
	char *key; /* without the leading '_' */
	char *value;
	bool array;
};

struct ctl_request {
	char *command; /* without '@' */
	bool binary;   /* '@' was there */
	struct ctl_arg *args;
	size_t n;
	char *text;   /* what command, keys and values point into */
	char *rest;   /* of the command line */
	char **lines; /* of arguments, not yet looked at */
	size_t n_lines;
};

/* First value of key, or NULL. */
const char *ctl_arg(const struct ctl_request *r, const char *key);

struct ctl_stream;

/* What a handler fills in; status OK and "" text unless set. */
struct ctl_reply {
	struct buf data;
	struct buf status;         /* "OK text", "ERR text" without LF */
	bool raw;                  /* data are bytes: no frame, no status */
	bool later;                /* see ctl_reply_later */
	struct ctl_stream *stream; /* NULL: not from a server's client */
};

/* Values are made safe: newlines become blanks. */
void ctl_reply_add(struct ctl_reply *r, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void ctl_reply_add_array(struct ctl_reply *r, const char *key, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
/*
 * Text of many lines: "_line=..." each; "_part=..." is a piece of one that goes
 * on in the next entry, as values have a limit.
 */
void ctl_reply_lines(struct ctl_reply *r, const char *text);
/* A line that clients skip: '.' and text. */
void ctl_reply_note(struct ctl_reply *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void ctl_reply_ok(struct ctl_reply *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void ctl_reply_err(struct ctl_reply *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* OK, but somebody should know: "ALERT text". */
void ctl_reply_alert(struct ctl_reply *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void ctl_reply_free(struct ctl_reply *r);

/* ---- server --------------------------------------------------------------- */

typedef void ctl_handler(void *ctx, const struct ctl_request *req,
    struct ctl_reply *reply);

/* Is there such a command? */
typedef bool ctl_known(void *ctx, const char *command);

struct ctl_server;

/*
 * Listen on path (an old socket file of a dead server is replaced), owned
 * and permitted as given (gid -1: leave).  handler is called from
 * ctl_server_run with complete requests.
 */
struct ctl_server *ctl_server_open(const char *path, mode_t mode, gid_t gid,
    const char *greeting, ctl_handler *handler, void *ctx, struct err *err);

/*
 * Speak as nfsend does: say requests back in lines that clients skip, and
 * refuse an unknown command before looking at its arguments.
 */
void ctl_server_like_nfsend(struct ctl_server *s, ctl_known *known);

/* Fill in up to CTL_CLIENTS_MAX + 1 pollfds; returns how many. */
size_t ctl_server_pollfds(struct ctl_server *s, struct pollfd *fds);

/* After poll: accept, read, handle, write, time out.  Never blocks. */
void ctl_server_run(struct ctl_server *s, const struct pollfd *fds, size_t n);

/* Another limit than CTL_IDLE_MS. */
void ctl_server_set_idle(struct ctl_server *s, int idle_ms);

/*
 * Make the path free for another server, while open connections are served
 * on; ctl_server_step_back takes it again.
 */
int ctl_server_step_aside(struct ctl_server *s, struct err *err);
int ctl_server_step_back(struct ctl_server *s, struct err *err);

/* Send what is left as far as it goes, close, unlink. */
void ctl_server_close(struct ctl_server *s);

/* ---- replies that take their time ------------------------------------------ */

/*
 * Called in a handler: the reply goes on after it, through the stream; what
 * the handler has put into reply is sent first (status excepted).  Requests of this
 * connection wait meanwhile, others do not.  gone(ctx) is called when the
 * client has left or the server closes; the stream is no more then.
 */
struct ctl_stream *ctl_reply_later(struct ctl_reply *r, void (*gone)(void *),
    void *ctx);

/* Lines or bytes as they are. */
void ctl_stream_add(struct ctl_stream *s, const void *data, size_t n);

/* CTL_STREAM_ROOM bytes are unsent: hold back until they are gone. */
bool ctl_stream_full(const struct ctl_stream *s);

/* The end: last's data, its frame and status as a handler's; last is freed. */
void ctl_stream_end(struct ctl_stream *s, struct ctl_reply *last);

/* ---- client --------------------------------------------------------------- */

struct ctl_client {
	int fd; /* -1: closed */
	struct buf in;
	int timeout_ms; /* between two lines of an answer */
	/* Told what the server says meanwhile, ".info" lines; NULL: nobody. */
	void (*info)(void *ctx, const char *text);
	void *ctx;
};

/* Connect and read the greeting.  -1: err names the socket and cause. */
int ctl_connect(struct ctl_client *c, const char *path, int timeout_ms,
    struct err *err);

/*
 * One request.  args are NULL-terminated "key=value" strings or NULL; one
 * with a newline is an error.  Debug and INFO lines of a reply are skipped.
 * Returns 0 with the reply when a status line came (also ERR, see
 * ctl_status_ok), -1 when the connection failed.
 */
struct ctl_result {
	struct ctl_arg *data;
	size_t n;
	char *status; /* "OK ...", "ERR ..." */
};
int ctl_call(struct ctl_client *c, const char *command, const char *const *args,
    struct ctl_result *r, struct err *err);
bool ctl_status_ok(const struct ctl_result *r);
const char *ctl_result_get(const struct ctl_result *r, const char *key);
void ctl_result_free(struct ctl_result *r);
void ctl_close(struct ctl_client *c);

#endif
