#include "profile/keyed.h"

#include <ctype.h>
#include <string.h>

struct span
span_trim(struct span t)
{
	while (t.n > 0 && isspace((unsigned char)t.s[0]))
		t.s++, t.n--;
	while (t.n > 0 && isspace((unsigned char)t.s[t.n - 1]))
		t.n--;
	return t;
}

struct span
span_cut(struct span *t, char c)
{
	const char *at = t->n == 0 ? NULL : memchr(t->s, c, t->n);
	struct span head = { t->s, at == NULL ? t->n : (size_t)(at - t->s) };
	size_t used = head.n + (at != NULL);
	t->s += used;
	t->n -= used;
	return head;
}

bool
span_is(struct span t, const char *word)
{
	return strlen(word) == t.n && memcmp(t.s, word, t.n) == 0;
}

const char **
span_names(struct span t, struct arena *a, size_t *n)
{
	size_t most = 1;
	for (size_t i = 0; i < t.n; i++)
		most += t.s[i] == '|';
	const char **names = arena_array(a, most, sizeof(*names));
	*n = 0;
	while (t.n > 0) {
		struct span s = span_trim(span_cut(&t, '|'));
		if (s.n > 0)
			names[(*n)++] = arena_strndup(a, s.s, s.n);
	}
	return names;
}

int
keyed_bad(const struct keyed *k, struct err *err, const char *what,
    struct span t)
{
	return err_set(err, "%s:%d: %s '%.*s'", k->path, k->line, what,
	    (int)(t.n > 80 ? 80 : t.n), t.s);
}

int
keyed_number(const struct keyed *k, struct span t, uint64_t max, uint64_t *v,
    struct err *err)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < t.n; i++) {
		unsigned digit = (unsigned)(t.s[i] - '0');
		if (digit > 9 || sum > (max - digit) / 10)
			return keyed_bad(k, err, "not a number:", t);
		sum = sum * 10 + digit;
	}
	*v = sum;
	return 0;
}

/* Only the front is trimmed: NfSen's "# # " is a text. */
static void
read_description(struct keyed *k, struct span line)
{
	while (line.s[0] != '#')
		line.s++, line.n--;
	line.s++, line.n--;
	while (line.n > 0 && isspace((unsigned char)line.s[0]))
		line.s++, line.n--;
	if (k->described)
		buf_addc(&k->description, '\n');
	k->described = true;
	buf_add(&k->description, line.s, line.n);
}

static int
read_line(struct keyed *k, struct span line, struct err *err)
{
	struct span t = span_trim(line);
	if (t.n == 0)
		return 0;
	if (t.s[0] == '#') {
		read_description(k, line);
		return 0;
	}
	struct span key = span_trim(span_cut(&t, '='));
	return k->value(k, key, span_trim(span_cut(&t, '=')), err);
}

int
keyed_read(struct keyed *k, const char *text, size_t len, struct err *err)
{
	struct span rest = { text, len };
	if (len > 0 && memchr(text, '\0', len) != NULL)
		return err_set(err, "%s: no text: it holds a NUL", k->path);
	while (rest.n > 0) {
		k->line++;
		if (read_line(k, span_cut(&rest, '\n'), err) == -1)
			return -1;
	}
	return 0;
}

void
keyed_print_description(const char *text, struct buf *out)
{
	for (bool more = *text != '\0'; more;) {
		size_t n = strcspn(text, "\n");
		buf_printf(out, "# %.*s\n", (int)n, text);
		more = text[n] == '\n';
		text += n + more;
	}
}
