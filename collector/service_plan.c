/* service: what a configuration wants of the decode thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "collector/service_private.h"
#include "collector/sockets.h"
#include "conf/grown.h"

static struct decode_opts
opts_of(const struct conf *c, const struct conf_intake *in)
{
	struct decode_opts o = { .tunnels = in->tunnels,
		.templates = (uint32_t)c->templates };
	if (in->sampling > 0)
		o.sampling = (uint32_t)in->sampling;
	else if (in->sampling < 0)
		o.sampling_override = (uint32_t)-in->sampling;
	return o;
}

/* A name of nfcapd has no settings. */
static struct sources_limits
limits_of(const struct conf *c)
{
	struct sources_limits l = SOURCES_LIMITS;
	if (c->exporters != 0)
		l.exporters = (size_t)c->exporters;
	if (c->exporteridle != 0)
		l.exporter_idle_ms = (int64_t)c->exporteridle * 1000;
	if (c->templateidle != 0)
		l.template_idle_ms = (int64_t)c->templateidle * 1000;
	if (c->waitingsize != 0)
		l.waiting = (size_t)c->waitingsize << 20;
	return l;
}

/* dir of the source's files; false: too long. */
static bool
dir_of(const struct conf *c, const struct conf_source *cs, char *dir,
    size_t size)
{
	int n = cs->dir != NULL
		    ? snprintf(dir, size, "%s", cs->dir)
		    : snprintf(dir, size, "%s/live%s%s", c->profiledatadir,
			  cs->in.dynamic != 0 ? "" : "/",
			  cs->in.dynamic != 0 ? "" : cs->ident);
	return n > 0 && (size_t)n < size;
}

static int
plan_source(const struct conf *c, const struct conf_source *cs,
    struct decoder_source *out, struct err *err)
{
	struct flowfile_spec *f = &out->spec;
	struct stat st;
	*out = (struct decoder_source){ .port = cs->port,
		.ips = cs->ips,
		.n_ips = cs->n_ips,
		.only_ips = cs->only_ips,
		.opts = opts_of(c, &cs->in),
		.dynamic = cs->in.dynamic,
		.parent = cs->parent };
	f->cycletime = c->cycletime;
	f->layout = cs->in.layout != -1 ? cs->in.layout : c->subdirlayout;
	const struct conf_codec *codec =
	    cs->in.own_codec ? &cs->in.codec : &c->zip_collected;
	f->codec = codec->codec;
	f->level = codec->level;
	f->compat = (enum nffile_compat)c->flowformat;
	f->fsync = (enum conf_fsync)c->fsync;
	f->zone = cs->in.zone;
	f->books = cs->books;
	(void)snprintf(f->ident, sizeof(f->ident), "%s", cs->ident);
	if (!dir_of(c, cs, f->dir, sizeof(f->dir)))
		return err_set(err, "source '%s': path of its folder too long",
		    cs->ident);
	if (cs->parent != NULL && file_mkdirs(f->dir, 0775, err) == -1)
		return -1;
	if (stat(f->dir, &st) == -1)
		return err_set(err,
		    "source '%s': %s: %s; run 'nfsen "
		    "reconfig' first",
		    cs->ident, f->dir, strerror(errno));
	if (!S_ISDIR(st.st_mode) || access(f->dir, W_OK | X_OK) == -1)
		return err_set(err, "source '%s': %s: cannot write there",
		    cs->ident, f->dir);
	return 0;
}

/* The source's command gets its number. */
static int
plan_command(const struct service *s, const struct conf_source *cs,
    struct flowfile_spec *f, struct err *err)
{
	if (cs->in.command == NULL || s->launch == NULL)
		return 0;
	f->launch = s->launch;
	f->command = launch_command(s->launch, cs->in.command);
	if (f->command == 0)
		return err_set(err, "source '%s': too many commands",
		    cs->ident);
	return 0;
}

/* Where what outlives the process is. */
static int
state_paths(const struct conf *c, struct decoder_plan *p, struct err *err)
{
	char dir[FILE_PATH_MAX];
	if (c->statedir == NULL && c->profilestatdir == NULL)
		return 0;
	int n = c->statedir != NULL
		    ? snprintf(dir, sizeof(dir), "%s", c->statedir)
		    : snprintf(dir, sizeof(dir), "%s/live", c->profilestatdir);
	if (n < 0 || (size_t)n >= sizeof(dir) ||
	    !file_join(p->templates, dir, ".templates") ||
	    !file_join(p->ledger, dir, ".ledger") ||
	    (c->statedir == NULL &&
		!file_join(p->grown, c->profilestatdir, GROWN_FILE)))
		return err_set(err, "%.500s/.templates: path too long", dir);
	return 0;
}

int
service_plan(const struct service *s, const struct conf *c,
    const struct repeaters *rs, struct decoder_plan *p, struct err *err)
{
	*p = (struct decoder_plan){ .cycletime = c->cycletime,
		.limits = limits_of(c),
		.interfaces = (size_t)c->metrics_interfaces };
	if (state_paths(c, p, err) == -1)
		return -1;
	p->sources = mem_calloc(c->n_sources + 1, sizeof(*p->sources));
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_source *cs = &c->sources[i];
		if (cs->port != 0 && !sockets_collect(cs))
			log_warnx("only netflow and ipfix are collected, not "
				  "this source's type ident=%s",
			    cs->ident);
		if (!sockets_collect(cs))
			continue;
		struct decoder_source *out = &p->sources[p->n++];
		if (plan_source(c, cs, out, err) == -1 ||
		    plan_command(s, cs, &out->spec, err) == -1) {
			free(p->sources);
			return -1;
		}
		out->repeat = repeaters_find(rs,
		    cs->parent != NULL ? cs->parent : cs->ident);
	}
	return 0;
}
