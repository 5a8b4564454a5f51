#include "query/fmtconf.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

/* Blanks at both ends are not part of it. */
struct span {
	const char *p;
	size_t n;
};

static struct span
trimmed(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	while (p < end && isspace((unsigned char)end[-1]))
		end--;
	return (struct span){ p, (size_t)(end - p) };
}

static bool
is(struct span s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

static bool
is_prefix(struct span *s, const char *prefix)
{
	size_t n = strlen(prefix);
	if (s->n <= n || memcmp(s->p, prefix, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

/* What stands between quotes; without them all up to a comment. */
static int
value(struct span *v, int line, struct err *err)
{
	const char *end;
	if (v->n > 0 && (v->p[0] == '"' || v->p[0] == '\'')) {
		end = memchr(v->p + 1, v->p[0], v->n - 1);
		if (end == NULL)
			return err_set(err, "line %d: no closing %c", line,
			    v->p[0]);
		*v = (struct span){ v->p + 1, (size_t)(end - v->p) - 1 };
		return 0;
	}
	end = memchr(v->p, '#', v->n);
	if (end != NULL)
		*v = trimmed(v->p, end);
	return 0;
}

static int
add(struct span key, struct span text, int line, struct arena *a,
    struct fmtconf *c, struct err *err)
{
	bool whole = is(key, "format"), csv = is_prefix(&key, "csv.");
	if (!whole && !csv && !is_prefix(&key, "fmt."))
		return 0;
	if (value(&text, line, err) == -1)
		return -1;
	if (whole) {
		c->format = arena_strndup(a, text.p, text.n);
		return 0;
	}
	/* nfdump's manual writes the format as -o takes it. */
	(void)is_prefix(&text, csv ? "csv:" : "fmt:");
	struct fmt_named *f = arena_array(a, 1, sizeof(*f));
	f->name = arena_strndup(a, key.p, key.n);
	f->text = arena_strndup(a, text.p, text.n);
	f->csv = csv;
	f->next = c->list;
	c->list = f;
	return 0;
}

int
fmtconf_parse(const char *text, struct arena *a, struct fmtconf *c,
    struct err *err)
{
	bool ours = false;
	int line = 1;
	for (const char *p = text; *p != '\0'; line++) {
		const char *end = p + strcspn(p, "\n");
		struct span s = trimmed(p, end);
		p = *end != '\0' ? end + 1 : end;
		if (s.n == 0 || s.p[0] == '#')
			continue;
		if (s.p[0] == '[') {
			ours = is(s, "[nfdump]");
			continue;
		}
		const char *eq = memchr(s.p, '=', s.n);
		if (eq == NULL)
			return err_set(err, "line %d: missing =", line);
		if (ours && add(trimmed(s.p, eq), trimmed(eq + 1, s.p + s.n),
				line, a, c, err) == -1)
			return -1;
	}
	return 0;
}

int
fmtconf_read(const char *path, struct arena *a, struct fmtconf *c,
    struct err *err)
{
	struct buf b = BUF_EMPTY;
	if (path == NULL || strcmp(path, "none") == 0)
		return 0;
	int r = file_read(path, FMTCONF_MAX, &b, err);
	if (r == 0 && (r = fmtconf_parse(buf_str(&b), a, c, err)) == -1)
		err_prefix(err, "%s: ", path);
	buf_free(&b);
	return r;
}

const struct fmt_named *
fmtconf_find(const struct fmt_named *list, const char *name, size_t len)
{
	while (list != NULL && (strlen(list->name) != len ||
				   memcmp(list->name, name, len) != 0))
		list = list->next;
	return list;
}
