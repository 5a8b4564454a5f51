#include "collector/capd.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "collector/run.h"
#include "conf/capd.h"
#include "conf/conf_cli.h"

#define NETFLOW_PORT 9995
#define SFLOW_PORT   6343
#define INTERVAL     300

static const char usage[] =
    " -w folder [options], or -n or -M instead of -w\n"
    "  -w folder        flow files go there; -l folder with a -w alone, as in\n"
    "                   nfdump 1.6, means the same\n"
    "  -n ident,ip,folder  a source by its sender; ip may be a list of\n"
    "                   addresses and prefixes, 192.0.2.1;10.0.0.0/8\n"
    "  -M folder        every sender gets a folder of its own below\n"
    "  -I ident         of the one source (none)\n"
    "  -p port          to listen on (nfcapd 9995, sfcapd 6343)\n"
    "  -b host          address to listen on    -4, -6   one family only\n"
    "  -J group         join a multicast group  -B bytes socket buffer\n"
    "  -t seconds       interval of files (300) -S 0..8  sub-directories\n"
    "  -z -y -j         compress with LZO, LZ4, bzip2; -z=zstd:3 and the like\n"
    "  -s rate          sampling rate where none is told; negative: always\n"
    "  -o tun           sampled packets in tunnels: the inner flow\n"
    "  -R host[/port]   send datagrams on, up to 8 times; -A as their sender\n"
    "  -e               after each file take away the oldest by the limits "
    "that\n"
    "                   nfexpire -u sets\n"
    "  -m socket        tell a program there each minute what flows came\n"
    "  -x command       run for every file: %f file, %d folder, %t time,\n"
    "                   %u its seconds, %i ident; without a shell\n"
    "  -Z               names end with the offset from UTC\n"
    "  -u user -g group -P pidfile -D (background) -v (log more) -V -h\n";

bool
capd_is_name(const char *argv0)
{
	const char *name = conf_cli_name(argv0);
	return strcmp(name, "nfcapd") == 0 || strcmp(name, "sfcapd") == 0;
}

/* ---- names and folders ---------------------------------------------------- */

/* Absolute, as the background has another working folder. */
static const char *
folder(struct arena *a, const char *path, struct err *err)
{
	struct stat st;
	char *full = realpath(path, NULL);
	if (full == NULL) {
		(void)err_set(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	const char *copy = arena_strdup(a, full);
	free(full);
	if (stat(copy, &st) == 0 && S_ISDIR(st.st_mode))
		return copy;
	(void)err_set(err, "%s: not a folder", path);
	return NULL;
}

/* The file of an option need not be there, its folder must. */
static int
file_of(const char *option, const char *name, char *path, struct err *err)
{
	char dir[FILE_PATH_MAX], *full;
	const char *slash = strrchr(name, '/');
	int n = slash == NULL ? snprintf(dir, sizeof(dir), ".")
			      : snprintf(dir, sizeof(dir), "%.*s/",
				    (int)(slash - name), name);
	if (n < 0 || (size_t)n >= sizeof(dir))
		return err_set(err, "%s: path too long", name);
	if ((full = realpath(dir, NULL)) == NULL)
		return err_set(err, "option %s: %s: %s", option, dir,
		    strerror(errno));
	bool fits = file_join(path, full, slash == NULL ? name : slash + 1);
	free(full);
	return fits ? 0 : err_set(err, "%s: path too long", name);
}

/* Its path has less room than others. */
static int
set_meter(struct conf *c, const struct capd *o, struct err *err)
{
	char path[FILE_PATH_MAX];
	if (o->meter == NULL)
		return 0;
	if (file_of("-m", o->meter, path, err) == -1)
		return -1;
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return err_set(err, "option -m: %s: too long for a socket",
		    path);
	c->meter = arena_strdup(&c->arena, path);
	return 0;
}

/* -b may be a name. */
static int
resolve(struct conf_intake *in, struct arena *a, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list;
	struct addr ip;
	uint16_t port;
	char text[ADDR_STRLEN];
	if (in->bind == NULL || addr_parse(in->bind, &ip))
		return 0;
	hints.ai_family = in->family == ADDR_V4   ? AF_INET
			  : in->family == ADDR_V6 ? AF_INET6
						  : AF_UNSPEC;
	int rc = getaddrinfo(in->bind, NULL, &hints, &list);
	if (rc != 0)
		return err_set(err, "option -b: %s: %s", in->bind,
		    gai_strerror(rc));
	bool ok = addr_from_sockaddr(list->ai_addr, &ip, &port);
	freeaddrinfo(list);
	if (!ok)
		return err_set(err, "option -b: %s: no address", in->bind);
	in->bind = arena_strdup(a, addr_str(&ip, text));
	return 0;
}

/* ---- the configuration that the options mean ------------------------------ */

static int
add_source(struct conf *c, const struct capd *o, const char *ident,
    const char *dir, struct err *err)
{
	struct conf_source *s = &c->sources[c->n_sources++];
	*s = (struct conf_source){ .ident = ident, .port = o->port };
	s->in = o->in;
	s->books = o->expire ? CONF_BOOKS_EXPIRE : CONF_BOOKS_KEPT;
	s->dir = folder(&c->arena, dir, err);
	return s->dir != NULL ? 0 : -1;
}

static int
add_sources(struct conf *c, const struct capd *o, struct err *err)
{
	c->sources =
	    arena_array(&c->arena, o->n_sources + 1, sizeof(*c->sources));
	if (o->dir != NULL)
		return add_source(c, o, o->ident != NULL ? o->ident : "none",
		    o->dir, err);
	if (o->dyndir != NULL) {
		if (add_source(c, o, "dynamic", o->dyndir, err) == -1)
			return -1;
		c->sources[0].in.dynamic = CONF_DYNAMIC_MAX;
		return 0;
	}
	for (size_t i = 0; i < o->n_sources; i++) {
		const struct capd_source *from = &o->sources[i];
		if (add_source(c, o, from->ident, from->dir, err) == -1)
			return -1;
		c->sources[i].ips = from->ips;
		c->sources[i].n_ips = from->n_ips;
		c->sources[i].only_ips = true;
	}
	return 0;
}

/* Only a user or both may be given; a group alone is for oneself. */
static int
set_ids(struct conf *c, const struct capd *o, struct err *err)
{
	c->user = o->user;
	c->wwwgroup = o->group;
	if (o->user != NULL && getpwnam(o->user) == NULL)
		return err_set(err, "option -u: no user '%s'", o->user);
	if (o->group != NULL && getgrnam(o->group) == NULL)
		return err_set(err, "option -g: no group '%s'", o->group);
	if (o->group == NULL || o->user != NULL)
		return 0;
	const struct passwd *me = getpwuid(geteuid());
	if (me == NULL)
		return err_set(err, "option -g: our user has no name");
	c->user = arena_strdup(&c->arena, me->pw_name);
	return 0;
}

/*
 * Templates and the ledger, where a folder for such is given: nfdump -R
 * stops at files it does not know, so they cannot be with the flows.
 */
static int
set_state(struct conf *c, uint16_t port, struct err *err)
{
	uid_t uid;
	gid_t gid;
	const char *dir = getenv("STATE_DIRECTORY");
	if (dir == NULL || dir[0] != '/')
		return 0;
	/* systemd gives several with colons between. */
	c->statedir = arena_printf(&c->arena, "%.*s/%u", (int)strcspn(dir, ":"),
	    dir, port);
	if (file_mkdirs(c->statedir, 0750, err) == -1)
		return -1;
	if (c->user == NULL || geteuid() != 0)
		return 0;
	if (proc_ids(c->user, c->wwwgroup, &uid, &gid, err) == -1)
		return -1;
	if (chown(c->statedir, uid, gid) == -1)
		return err_set(err, "%s: %s", c->statedir, strerror(errno));
	return 0;
}

static struct conf *
conf_of(struct capd *o, const char *name, struct err *err)
{
	struct conf *c = mem_calloc(1, sizeof(*c));
	c->file = name;
	c->cycletime = o->interval != 0 ? o->interval : INTERVAL;
	c->flowformat = o->in.own_codec && o->in.codec.codec == CODEC_ZSTD
			    ? COMPAT_NEWEST
			    : COMPAT_171;
	c->fsync = FSYNC_SLOT;
	c->sandbox = 1;
	if (o->port == 0)
		o->port =
		    strcmp(name, "sfcapd") == 0 ? SFLOW_PORT : NETFLOW_PORT;
	if (resolve(&o->in, &c->arena, err) == 0 && set_ids(c, o, err) == 0 &&
	    set_state(c, o->port, err) == 0 && set_meter(c, o, err) == 0 &&
	    add_sources(c, o, err) == 0)
		return c;
	conf_free(c);
	return NULL;
}

/* In nfcapd's words. */
static void
say_sources(const struct conf *c, struct buf *out)
{
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *s = &c->sources[i];
		buf_printf(out, "Add flow source: ident: %s, IP: ", s->ident);
		if (s->n_ips == 0)
			buf_adds(out, "any IP");
		source_ips(s->ips, s->n_ips, out);
		buf_printf(out, ", flowdir: %s\n", s->dir);
	}
}

static int
collect(struct capd *o, const char *name, struct err *err)
{
	char pidfile[FILE_PATH_MAX];
	if (o->pidfile != NULL && file_of("-P", o->pidfile, pidfile, err) == -1)
		return -1;
	struct conf *c = conf_of(o, name, err);
	if (c == NULL)
		return -1;
	say_sources(c, &o->notes);
	log_debug_set(o->verbose > 0);
	struct run r = {
		.name = name,
		.facility = "daemon",
		.pidfile = o->pidfile != NULL ? pidfile : NULL,
		.notes = buf_str(&o->notes),
		.detach = o->detach,
		.commands = o->in.command != NULL,
		.hup_ends = true,
	};
	return run_collector(c, &r);
}

int
capd_main(int argc, char **argv)
{
	const char *name = conf_cli_name(argv[0]);
	struct arena arena = ARENA_EMPTY;
	struct capd o;
	struct err err;
	int rc = capd_parse(&o, argc, (const char *const *)argv, &arena, &err);
	if (rc == 0 && o.help)
		(void)printf("usage: %s%s", name, usage);
	else if (rc == 0 && o.version)
		(void)printf("%s: Version: %s\n", name, conf_cli_release());
	else if (rc == 0)
		rc = collect(&o, name, &err);
	if (rc == -1)
		(void)fprintf(stderr, "%s: %s\n", name, err.msg);
	capd_free(&o);
	arena_free(&arena);
	return rc == 0 ? 0 : 1;
}
