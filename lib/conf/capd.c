#include "conf/capd.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nffile/codec.h"

#define BUFFER_MIN   65536 /* nfcapd raises smaller ones */
#define BUFFER_MAX   (1 << 30)
#define INTERVAL_MAX 86400

/* What is read: where, and by which rules. */
struct cli {
	struct capd *o;
	const char *const *argv;
	int argc, i;
	const char *rest; /* of the word with the letter */
	char letter;
	bool optarg; /* NfSen's */
	bool flag_w; /* -w of 1.6 */
	struct arena *a;
	struct err *err;
};

static int
wrong(const struct cli *c, const char *value, const char *why)
{
	return err_set(c->err, "option -%c: '%s' %s", c->letter, value, why);
}

static int
ignored(const struct cli *c, const char *value)
{
	buf_printf(&c->o->notes, "option -%c%s%s means nothing here, ignored\n",
	    c->letter, value[0] != '\0' ? " " : "", value);
	return 0;
}

/* The rest of the word, else the next word; NULL and err: there is none. */
static const char *
argument(struct cli *c)
{
	if (c->rest[0] != '\0') {
		const char *v = c->rest;
		c->rest = "";
		return v;
	}
	if (c->i + 1 < c->argc)
		return c->argv[++c->i];
	(void)err_set(c->err, "option -%c: argument missing", c->letter);
	return NULL;
}

static int
number(const struct cli *c, const char *v, long min, long max, int *n)
{
	size_t digits = strspn(v, "0123456789");
	long got = digits == 0 || digits > 10 ? -1 : strtol(v, NULL, 10);
	if (v[digits] != '\0' || got < min || got > max)
		return err_set(c->err,
		    "option -%c: '%s' is not a number of %ld to %ld", c->letter,
		    v, min, max);
	*n = (int)got;
	return 0;
}

/* ---- single options ------------------------------------------------------- */

static int
set_dir(const struct cli *c, const char *v)
{
	if (v[0] == '\0')
		return wrong(c, v, "is no folder");
	if (c->o->dir != NULL && strcmp(c->o->dir, v) != 0)
		return err_set(c->err,
		    "option -%c: the folder is '%s' already, not '%s'",
		    c->letter, c->o->dir, v);
	c->o->dir = v;
	return 0;
}

/* 1.6's flag or the folder, see capd.h. */
static int
take_w(struct cli *c)
{
	if (c->rest[0] == '\0' &&
	    (c->i + 1 >= c->argc || c->argv[c->i + 1][0] == '-')) {
		c->flag_w = true;
		return 0;
	}
	const char *v = argument(c);
	return v == NULL ? -1 : set_dir(c, v);
}

static int
take_codec(struct cli *c)
{
	struct conf_codec codec;
	struct err why;
	char text[64] = { '-', c->letter, '\0' };
	if (c->letter == 'z' && c->rest[0] == '=') {
		if (strlen(c->rest) > 32)
			return wrong(c, c->rest + 1, "is no compression");
		(void)memcpy(text + 2, c->rest, strlen(c->rest) + 1);
		c->rest = "";
	}
	if (codec_parse(text, &codec.codec, &codec.level, &why) == -1)
		return err_set(c->err, "option -%c: %s", c->letter, why.msg);
	if (c->o->in.own_codec && (codec.codec != c->o->in.codec.codec ||
				      codec.level != c->o->in.codec.level))
		return err_set(c->err,
		    "option -%c: one compression at a time: -z (LZO), -y "
		    "(LZ4), -j (BZ2) or -z=NAME",
		    c->letter);
	c->o->in.own_codec = true;
	c->o->in.codec = codec;
	return 0;
}

static int
take_source(const struct cli *c, const char *v)
{
	struct capd *o = c->o;
	struct err why;
	const char *ip = strchr(v, ',');
	const char *dir = ip != NULL ? strchr(ip + 1, ',') : NULL;
	if (dir == NULL || dir[1] == '\0')
		return wrong(c, v, "is not IDENT,IP,FOLDER");
	if (o->n_sources == CAPD_SOURCES_MAX)
		return wrong(c, v, "is one source too many");
	if (o->sources == NULL)
		o->sources =
		    arena_array(c->a, CAPD_SOURCES_MAX, sizeof(*o->sources));
	struct capd_source s = {
		.ident = arena_strndup(c->a, v, (size_t)(ip - v)),
		.dir = dir + 1,
	};
	const char *ips = arena_strndup(c->a, ip + 1, (size_t)(dir - ip) - 1);
	if (!capd_ident_ok(s.ident))
		return wrong(c, s.ident, "is no ident");
	for (size_t i = 0; i < o->n_sources; i++)
		if (strcmp(o->sources[i].ident, s.ident) == 0)
			return wrong(c, s.ident, "is there twice");
	if (capd_prefixes(ips, false, &s.ips, &s.n_ips, c->a, &why) == -1)
		return err_set(c->err, "option -%c: %s: %s", c->letter, v,
		    why.msg);
	o->sources[o->n_sources++] = s;
	return 0;
}

static int
take_repeat(const struct cli *c, const char *v)
{
	struct conf_intake *in = &c->o->in;
	struct err why;
	if (in->n_repeat == CONF_REPEAT_MAX)
		return wrong(c, v, "is one target too many");
	if (capd_repeat(v, &in->repeat[in->n_repeat], c->a, &why) == -1)
		return err_set(c->err, "option -%c: %s", c->letter, why.msg);
	in->n_repeat++;
	return 0;
}

static int
take_mcast(const struct cli *c, const char *v)
{
	struct addr a;
	if (!addr_parse(v, &a) ||
	    (a.family == ADDR_V4 ? a.lo >> 28 != 0xe : a.hi >> 56 != 0xff))
		return wrong(c, v, "is no multicast address");
	c->o->in.mcast = v;
	return 0;
}

static int
take_ident(const struct cli *c, const char *v)
{
	if (!capd_ident_ok(v))
		return wrong(c, v,
		    "is no ident: 1 to 127 printable characters without "
		    "blank and slash");
	c->o->ident = v;
	return 0;
}

static int
take_command(const struct cli *c, const char *v)
{
	struct err why;
	const char **words = capd_command(v, c->a, &why);
	if (words == NULL)
		return err_set(c->err, "option -%c: %s", c->letter, why.msg);
	c->o->in.command = words;
	c->o->in.command_text = v;
	return 0;
}

static int
take_sampling(const struct cli *c, const char *v)
{
	struct err why;
	if (capd_sampling(v, &c->o->in.sampling, &why) == 0)
		return 0;
	return err_set(c->err, "option -%c: %s", c->letter, why.msg);
}

static int
take_buffer(const struct cli *c, const char *v)
{
	int n;
	if (number(c, v, 1, BUFFER_MAX, &n) == -1)
		return -1;
	c->o->in.bufflen = n < BUFFER_MIN ? BUFFER_MIN : n;
	return 0;
}

/* ---- all of them ---------------------------------------------------------- */

static int
with_argument(const struct cli *c, const char *v)
{
	struct capd *o = c->o;
	int n = 0;
	switch (c->letter) {
	case 'l':
		return set_dir(c, v);
	case 'M':
		o->dyndir = v;
		return 0;
	case 'n':
		return take_source(c, v);
	case 'I':
		return take_ident(c, v);
	case 'p':
		if (number(c, v, 1, 65535, &n) == -1)
			return -1;
		o->port = (uint16_t)n;
		return 0;
	case 't':
		return number(c, v, 1, INTERVAL_MAX, &o->interval);
	case 'S':
		return number(c, v, 0, 8, &o->in.layout);
	case 's':
		return take_sampling(c, v);
	case 'B':
		return take_buffer(c, v);
	case 'R':
		return take_repeat(c, v);
	case 'J':
		return take_mcast(c, v);
	case 'x':
		return take_command(c, v);
	case 'o':
		if (strcmp(v, "tun") != 0)
			return wrong(c, v, "is not 'tun'");
		o->in.tunnels = true;
		return 0;
	case 'b':
		o->in.bind = v;
		return 0;
	case 'u':
		o->user = v;
		return 0;
	case 'g':
		o->group = v;
		return 0;
	case 'P':
		o->pidfile = v;
		return 0;
	case 'm':
		o->meter = v;
		return 0;
	default: /* T X W C i */
		return ignored(c, v);
	}
}

static int
without_argument(struct cli *c)
{
	struct capd *o = c->o;
	switch (c->letter) {
	case 'z':
	case 'y':
	case 'j':
		return take_codec(c);
	case '4':
		o->in.family = ADDR_V4;
		return 0;
	case '6':
		o->in.family = ADDR_V6;
		return 0;
	case 'A':
		o->in.spoof = true;
		return 0;
	case 'Z':
		o->in.zone = true;
		return 0;
	case 'e':
		o->expire = true;
		return 0;
	case 'D':
		o->detach = true;
		return 0;
	case 'h':
		o->help = true;
		return 0;
	case 'V':
		o->version = true;
		return 0;
	default: /* E */
		return ignored(c, "");
	}
}

/* Once a level, or with the level behind it. */
static int
take_verbose(struct cli *c)
{
	const char *next = c->i + 1 < c->argc ? c->argv[c->i + 1] : "";
	c->o->verbose++;
	if (c->rest[0] == '\0' && next[0] >= '0' && next[0] <= '9' &&
	    next[1] == '\0') {
		c->o->verbose = next[0] - '0';
		c->i++;
	}
	return 0;
}

static int
take_letter(struct cli *c)
{
	if (c->optarg && strchr("wlnMpugPDIthV", c->letter) != NULL)
		return err_set(c->err,
		    "option -%c is set from the rest of the configuration",
		    c->letter);
	if (c->letter == 'w')
		return take_w(c);
	if (c->letter == 'v')
		return take_verbose(c);
	if (strchr("dfYr", c->letter) != NULL)
		return err_set(c->err,
		    "option -%c: only the network is read from", c->letter);
	if (strchr("lMnIptSsBRJxobugPTXWCmi", c->letter) != NULL) {
		const char *v = argument(c);
		return v == NULL ? -1 : with_argument(c, v);
	}
	if (strchr("zyj46AZeDhVE", c->letter) != NULL)
		return without_argument(c);
	return err_set(c->err, "option -%c is not known", c->letter);
}

static int
take_word(struct cli *c)
{
	const char *word = c->argv[c->i];
	if (word[0] != '-' || word[1] == '\0')
		return err_set(c->err, "'%s' is no option", word);
	c->rest = word + 1;
	while (c->rest[0] != '\0') {
		c->letter = *c->rest++;
		if (c->letter <= ' ' || c->letter > '~')
			return err_set(c->err, "unknown option in '%s'", word);
		if (take_letter(c) == -1)
			return -1;
	}
	return 0;
}

/* ---- what only the whole tells -------------------------------------------- */

static int
check_family(const struct capd *o, struct err *err)
{
	struct addr a;
	if (o->in.family != ADDR_NONE && o->in.mcast != NULL &&
	    addr_parse(o->in.mcast, &a) && a.family != o->in.family)
		return err_set(err,
		    "option -J: '%s' is not of the family "
		    "of -%d",
		    o->in.mcast, o->in.family);
	if (o->in.family != ADDR_NONE && o->in.bind != NULL &&
	    addr_parse(o->in.bind, &a) && a.family != o->in.family)
		return err_set(err,
		    "option -b: '%s' is not of the family "
		    "of -%d",
		    o->in.bind, o->in.family);
	if (o->in.spoof && o->in.n_repeat == 0)
		return err_set(err, "option -A: nothing to repeat, no -R");
	if (o->in.zone && o->expire)
		return err_set(err, "options -e and -Z exclude each other");
	return 0;
}

static int
check_outputs(const struct cli *c)
{
	const struct capd *o = c->o;
	int ways = (o->dir != NULL) + (o->n_sources != 0) + (o->dyndir != NULL);
	if (ways == 0 && c->flag_w)
		return err_set(c->err, "option -w: argument missing");
	if (ways == 0)
		return err_set(c->err,
		    "no folder for flows: option -w, -n or -M");
	if (ways > 1)
		return err_set(c->err,
		    "options -w, -n and -M exclude each other");
	return 0;
}

int
capd_parse(struct capd *o, int argc, const char *const *argv, struct arena *a,
    struct err *err)
{
	struct cli c = { .o = o, .argv = argv, .argc = argc, .a = a };
	c.err = err;
	*o = (struct capd){ .in.layout = -1 };
	for (c.i = 1; c.i < argc; c.i++)
		if (take_word(&c) == -1)
			goto fail;
	if (o->help || o->version)
		return 0;
	if (check_family(o, err) == 0 && check_outputs(&c) == 0)
		return 0;
fail:
	capd_free(o);
	return -1;
}

int
capd_parse_optarg(struct capd *o, const char *text, struct arena *a,
    struct err *err)
{
	struct cli c = { .o = o, .optarg = true, .a = a, .err = err };
	size_t n;
	*o = (struct capd){ .in.layout = -1 };
	c.argv = capd_words(text, &n, a, err);
	c.argc = (int)n;
	if (c.argv == NULL)
		return -1;
	for (; c.i < c.argc; c.i++)
		if (take_word(&c) == -1)
			goto fail;
	if (check_family(o, err) == 0)
		return 0;
fail:
	capd_free(o);
	return -1;
}

void
capd_free(struct capd *o)
{
	buf_free(&o->notes);
}
