/* A profile as XML: writing it. */
#include "profile/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "profile/internal.h"
#include "store/rrdxml.h"

/*
 * Characters that XML 1.0 has no way to write become '?'; bytes that are no
 * UTF-8 are taken for Latin 1.
 */
static void
put_text(FILE *out, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '<')
			(void)fputs("&lt;", out);
		else if (c == '>')
			(void)fputs("&gt;", out);
		else if (c == '&')
			(void)fputs("&amp;", out);
		else if (c == '\r')
			(void)fputs("&#13;", out);
		else if (c < ' ' && c != '\n' && c != '\t')
			(void)fputc('?', out);
		else
			(void)fputc(c, out);
	}
}

static size_t
utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80    ? 1
		   : s[0] >= 0xf5 ? 0
		   : s[0] >= 0xf0 ? 4
		   : s[0] >= 0xe0 ? 3
		   : s[0] >= 0xc2 ? 2
				  : 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Surrogates, what is too long, what is too high, and U+FFFE, FFFF. */
	if (n == 3 &&
	    ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		(s[0] == 0xef && s[1] == 0xbf && s[2] > 0xbd)))
		return 0;
	if (n == 4 &&
	    ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)))
		return 0;
	return n;
}

static void
put(FILE *out, const char *name, const char *text)
{
	struct buf b = BUF_EMPTY;
	for (const unsigned char *s = (const unsigned char *)text;
	     *s != '\0';) {
		size_t n = utf8_length(s);
		if (n > 0) {
			buf_add(&b, s, n);
			s += n;
		} else {
			buf_addc(&b, (char)(unsigned char)(0xc0 | *s >> 6));
			buf_addc(&b, (char)(unsigned char)(0x80 | (*s & 0x3f)));
			s++;
		}
	}
	(void)fprintf(out, "<%s>", name);
	put_text(out, buf_str(&b));
	(void)fprintf(out, "</%s>\n", name);
	buf_free(&b);
}

static void
put_number(FILE *out, const char *name, uint64_t v)
{
	(void)fprintf(out, "<%s>%" PRIu64 "</%s>\n", name, v, name);
}

static int
put_channel(const struct conf *c, const struct profile *p,
    const struct channel *ch, FILE *out, struct err *err)
{
	char path[FILE_PATH_MAX];
	char sign[2] = { ch->sign, '\0' };
	struct buf filter = BUF_EMPTY;
	if (profile_filter_read(c, p, ch->name, &filter, err) == -1) {
		buf_free(&filter);
		return -1;
	}
	(void)fputs("<channel>\n", out);
	put(out, "name", ch->name);
	put(out, "sign", sign);
	put(out, "colour", ch->color);
	put_number(out, "order", (uint64_t)ch->order);
	for (size_t i = 0; i < ch->n_sources; i++)
		put(out, "source", ch->sources[i]);
	put(out, "filter", buf_str(&filter));
	buf_free(&filter);
	if (!profile_rrd_path(c, p, ch->name, path))
		return err_set(err, "channel '%s': path too long", ch->name);
	if (rrdxml_dump(path, out, err) == -1)
		return -1;
	(void)fputs("</channel>\n", out);
	return 0;
}

int
exchange_export(const struct conf *c, const struct profile *p, FILE *out,
    struct err *err)
{
	if (p->type == PROFILE_LIVE)
		return err_set(err, "live is made of the configuration's "
				    "sources: it is not exported");
	(void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<nfsen-profile version=\"1\">\n",
	    out);
	put(out, "name", p->name);
	put(out, "group", p->group);
	put(out, "description", p->description);
	put_number(out, "type", (uint64_t)p->type);
	put_number(out, "step", (uint64_t)c->cycletime);
	put_number(out, "tbegin", (uint64_t)p->tbegin);
	put_number(out, "tcreate", (uint64_t)p->tcreate);
	put_number(out, "tstart", (uint64_t)p->tstart);
	put_number(out, "tend", (uint64_t)p->tend);
	put_number(out, "updated", (uint64_t)p->updated);
	put_number(out, "expire", (uint64_t)p->expire);
	put_number(out, "maxsize", p->maxsize);
	for (size_t i = 0; i < p->n_channels; i++)
		if (put_channel(c, p, &p->channels[i], out, err) == -1)
			return -1;
	(void)fputs("</nfsen-profile>\n", out);
	if (fflush(out) != 0 || ferror(out) != 0)
		return err_set(err, "%s", strerror(errno));
	return 0;
}
